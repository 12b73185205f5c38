//! Numbers of items.

/// The number of an item in its case.
pub type ItemNumber = u32;
