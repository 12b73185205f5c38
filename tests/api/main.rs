//! The whole service over HTTP, on both engines: each operation of `src/api/router.rs`, what it answers and what it refuses.
//!
//! Laid out like `src/api`. [`caller`] is who asks; it holds every answer against the OpenAPI document, too.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

#[path = "../support/contents.rs"]
mod contents;
#[path = "../support/receiver.rs"]
mod receiver;
#[path = "../support/mod.rs"]
mod support;

mod anchors;
mod authority;
mod caller;
mod cases;
mod cosignatures;
mod dockets;
mod documents;
mod drafts;
mod endpoints;
mod feed;
mod figures;
mod limit;
mod log;
mod notices;
mod pages;
mod papers;
mod public_reports;
mod receipts;
mod records;
mod reports;
mod roles;
mod router;
mod sessions;
mod standings;
mod statistics;
mod stores;
mod web;
mod writers;
