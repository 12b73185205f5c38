//! The agent: the program that a member runs beside its own systems. It follows the log and verifies everything from one
//! pinned hash, answers checks on the machine itself, and proves afterwards that it checked.
//!
//! In reading order: [`config`], `member.toml`; [`replica`], the verified log; [`book`], the platform's people; [`check`], a
//! question and its answer; [`checks`], the log of what was asked, and `anchors`, its roots; [`notifications`], the platform
//! told of what a check would answer; [`webhook_receiver`], what the registry pushes; `quota`, what asking costs;
//! [`receipts`], the word that it is in effect; [`reports`], what is brought before the committee; [`declarations`], what the platform says of its own bans; `registry`, the services that are called; `app`, these parts side by side;
//! [`agent`], which builds and starts them; [`api`], over HTTP, for whoever shows the [`token`] or comes by the [`socket`];
//! [`store`], the files. `cli` is the program.

// All that is printed is made visible (`callboard_client::output`): in place of std's macros, so that nobody has to
// remember it.
#[macro_use(eprintln, println)]
extern crate callboard_client;

pub mod agent;
mod anchors;
pub mod api;
mod app;
pub mod book;
pub mod check;
pub mod checks;
pub mod cli;
pub mod config;
pub mod declarations;
pub mod error;
pub mod file_error;
mod latest;
pub mod notifications;
mod quota;
pub mod receipts;
mod registry;
pub mod replica;
pub mod reports;
pub mod secret_file;
pub mod socket;
pub mod store;
pub mod token;
pub mod webhook_receiver;
