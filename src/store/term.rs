//! Which node writes, and since which take-over.

use std::fmt;

use super::column::Column;

/// A node: one run of `serve`. 16 random bytes, in hex; of a log that nobody ever wrote, none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NodeId(Option<[u8; 16]>);

/// Who writes, and since which take-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// One more with each node that takes over.
    pub epoch: u64,
    /// The node. Epochs repeat where a database was set back; nodes don't.
    pub node: NodeId,
}

impl NodeId {
    /// The node of these bytes, drawn at its start.
    pub const fn new(random: [u8; 16]) -> Self {
        Self(Some(random))
    }
}

impl Column for NodeId {
    type Raw = String;

    fn read(stored: String) -> Option<Self> {
        if stored.is_empty() {
            return Some(Self(None));
        }
        let mut bytes = [0; 16];
        hex::decode_to_slice(stored, &mut bytes).ok()?;
        Some(Self(Some(bytes)))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |bytes| f.write_str(&hex::encode(bytes)))
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
