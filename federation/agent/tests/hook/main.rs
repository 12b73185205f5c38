//! An agent in this process. Its hook: what it last said of a person is what a check answers, whatever happens in whichever
//! order. Its API: who may ask.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

mod calls;
#[path = "../../../../tests/support/committee.rs"]
#[expect(dead_code, reason = "the registry's own tests draft more kinds")]
mod committee;
mod guard;
mod property;
#[path = "../replica/registry.rs"]
#[expect(dead_code, reason = "the replica's own tests show more")]
mod registry;
mod time;
mod world;

pub(crate) use registry::hex;
