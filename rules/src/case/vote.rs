//! Votes: en bloc with exceptions, sealed by a commitment until all have voted.

use std::collections::BTreeMap;

use callboard_federation::encoding::{CaseId, Hash, KeyId, Octets, from_json, put_prefixed};
use serde::{Deserialize, Serialize};

use super::{act::filled, number::ItemNumber};

/// How a seat votes on the items of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vote {
    /// On all but the exceptions.
    pub all: Choice,
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "filled")]
    pub except: Vec<Exception>,
}

/// Items on which a seat votes otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    #[serde(deserialize_with = "filled")]
    pub items: Vec<ItemNumber>,
    pub vote: Choice,
}

/// A vote on one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    For,
    Against,
    /// Counted as present and not in favour.
    Abstain,
}

/// A vote as it was opened, by item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedVote {
    all: Choice,
    except: BTreeMap<ItemNumber, Choice>,
}

impl OpenedVote {
    /// Reads the bytes of a [`Vote`]; `None` if they are none, name an item twice, or one that isn't voted on.
    pub fn read(bytes: &[u8], is_voted_on: impl Fn(ItemNumber) -> bool) -> Option<Self> {
        let Vote { all, except } = from_json(bytes).ok()?;
        let mut by_item = BTreeMap::new();
        for Exception { items, vote } in except {
            for item in items {
                if !is_voted_on(item) || by_item.insert(item, vote).is_some() {
                    return None;
                }
            }
        }
        Some(Self { all, except: by_item })
    }

    pub fn on(&self, item: ItemNumber) -> Choice {
        self.except.get(&item).copied().unwrap_or(self.all)
    }
}

/// What a seat commits to: SHA-256(`"callboard/vote/v1"` ‖ 0x00 ‖ LP(case) ‖ LP(number of the session, in decimal) ‖
/// LP(key id in hex) ‖ secret ‖ the vote's bytes). Since its own key is in it, nobody votes by copying another's.
pub fn sealed(case: CaseId, session: u64, key: &KeyId, secret: &Octets<32>, vote: &[u8]) -> Hash {
    commitment("callboard/vote/v1", case, session, key, &[&secret.0, vote])
}

pub(super) fn commitment(domain: &str, case: CaseId, of: u64, key: &KeyId, parts: &[&[u8]]) -> Hash {
    let mut bytes = domain.as_bytes().to_vec();
    bytes.push(0);
    for text in [case.to_string(), of.to_string(), key.to_string()] {
        put_prefixed(&mut bytes, text.as_bytes());
    }
    Hash::of_parts(std::iter::once(bytes.as_slice()).chain(parts.iter().copied()))
}
