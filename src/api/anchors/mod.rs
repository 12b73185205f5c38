//! Anchors: what members' logs of checks are held to.

pub mod hand_in;
pub mod show;
