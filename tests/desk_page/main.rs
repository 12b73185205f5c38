//! A committee's seat in the browser of its own computer: `callboard-desk`, over HTTP and in a real browser.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

mod desk;
mod drafted;
mod filled;
mod first_day;
mod gate;
mod import;
mod import_faults;
mod import_story;
mod locked;
mod members;
mod paper;
mod people;
mod pictures;
mod policies;
mod records;
mod reports;
mod roster;
mod seats;
mod signs;
mod story;
mod today;
mod walk;
mod window;

#[path = "../support/heard.rs"]
mod heard;
#[expect(dead_code, reason = "this binary uses a part of the sandbox")]
#[path = "../support/sandbox.rs"]
mod support;
#[path = "../support/webdriver.rs"]
mod webdriver;
