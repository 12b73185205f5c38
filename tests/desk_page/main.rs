//! A committee's seat in the browser of its own computer: `callboard-desk`, over HTTP and in a real browser.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

mod desk;
mod filled;
mod gate;
mod locked;
mod paper;
mod people;
mod records;
mod seats;
mod signs;
mod story;
mod window;

#[expect(dead_code, reason = "this binary uses a part of the sandbox")]
#[path = "../support/sandbox.rs"]
mod support;
#[path = "../support/webdriver.rs"]
mod webdriver;
