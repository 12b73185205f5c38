//! Public documents: roster, members, policies, publications, each with its whole chain from genesis.

pub mod members;
pub mod policies;
pub mod publications;
pub mod roster;
