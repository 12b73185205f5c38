//! What whoever operates the programs relies on: who may read their files, which databases and roles they work with, what they
//! show of themselves, and that what `ops/` holds works as it is written.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

#[expect(dead_code, reason = "this binary uses a part of the sandbox")]
#[path = "../support/sandbox.rs"]
mod sandbox;
#[path = "../support/stage.rs"]
mod stage;
#[path = "../support/walk.rs"]
mod walking;

#[expect(dead_code, reason = "this binary uses a part of the world")]
#[path = "../support/mod.rs"]
mod support;

mod container;
mod files;
mod metrics;
mod poolers;
mod roles;
mod units;
