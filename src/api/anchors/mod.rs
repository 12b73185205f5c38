//! Anchors: what members' logs of checks are held to.

pub mod show;
pub mod submit;
