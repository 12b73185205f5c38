//! The sandbox, as a platform's engineer meets it: started by one command, asked by HTTP and by the agent's own program.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

mod agent;
mod cases;
mod declarations;
mod desk;
mod doctor;
mod drafts;
mod edges;
mod faults;
mod holders;
mod hook;
mod identities;
mod kills;
mod languages;
mod leaves;
mod lists;
mod people;
mod pushed;
mod quota;
mod reports;
mod scenarios;
mod sheets;
mod subject;

#[path = "../support/heard.rs"]
mod heard;
#[path = "../support/sandbox.rs"]
mod support;
#[path = "../support/webdriver.rs"]
mod webdriver;
