//! A committee's seat in the browser of its own computer: `callboard-desk`, over HTTP and in a real browser.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

mod case_draw;
mod case_interim;
mod case_story;
mod cases;
#[path = "../support/committee.rs"]
#[expect(dead_code, reason = "the registry's own tests draft more kinds")]
mod committee;
mod committee_acts;
mod committee_story;
mod desk;
mod drafted;
mod filled;
mod first_day;
mod gate;
mod hand_in;
mod import;
mod import_before;
mod import_faults;
mod import_story;
mod locked;
mod log_copy;
mod members;
mod own_log;
mod paper;
mod people;
mod person;
mod pictures;
mod policies;
mod printed;
mod public_pages;
mod public_report;
mod records;
#[path = "../../federation/agent/tests/replica/registry.rs"]
#[expect(dead_code, reason = "a replica's own tests show more")]
mod registry;
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

pub(crate) use registry::hex;
