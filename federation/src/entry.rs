//! A leaf of the log: one line of JSON without newline, with its members in one order.
//!
//! What is logged, a docket or the day's anchors, stands elsewhere; the line holds its hashes. Implements *One leaf a
//! docket* of `docs/formats.md` §8.

use std::fmt;

use crate::{
    dsse::Envelope,
    encoding::{Hash, Time},
    tlog::merkle,
    zh_en,
};

/// An entry of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entry {
    /// When the log took it.
    pub logged_at: Time,
    /// What it took.
    pub logged: EntryContent,
}

/// What an entry logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryContent {
    /// A docket.
    Docket {
        /// SHA-256 of its payload.
        docket: Hash,
        /// What its envelope holds besides: type, key ids and signatures ([`Envelope::signatures_hash`]).
        signatures: Hash,
    },
    /// The anchors of members since the last such entry: their [`anchors_root`].
    Anchors(Hash),
}

/// Why bytes are no entry, or not one that may stand where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Not the line that an entry prints, byte for byte.
    #[error("{}", zh_en!("不是登记册的一行", "not a line of the log"))]
    Form,
    /// `loggedAt` is before that of the entry before.
    #[error("{}", zh_en!("登记时间 {logged_at} 早于上一条的 {previous}",
        "logged at {logged_at}, before the entry before it, which was logged at {previous}"))]
    TimeDecreases {
        /// The entry's own time.
        logged_at: Time,
        /// The time of the entry before.
        previous: Time,
    },
}

impl Entry {
    /// The entry of a docket.
    pub fn of_docket(logged_at: Time, envelope: &Envelope) -> Self {
        let logged = EntryContent::Docket { docket: envelope.payload_hash(), signatures: envelope.signatures_hash() };
        Self { logged_at, logged }
    }

    /// Reads an entry; whatever it wouldn't print itself is refused.
    ///
    /// # Errors
    /// [`EntryError::Form`].
    pub fn parse(line: &[u8]) -> Result<Self, EntryError> {
        let read = || {
            let rest = std::str::from_utf8(line).ok()?.strip_prefix(r#"{"v":1,"loggedAt":""#)?;
            let (logged_at, rest) = rest.split_once('"')?;
            let logged = if let Some(rest) = rest.strip_prefix(r#","docket":""#) {
                let (docket, rest) = rest.split_once('"')?;
                let signatures = rest.strip_prefix(r#","signatures":""#)?.strip_suffix(r#""}"#)?;
                EntryContent::Docket { docket: docket.parse().ok()?, signatures: signatures.parse().ok()? }
            } else {
                EntryContent::Anchors(rest.strip_prefix(r#","anchors":""#)?.strip_suffix(r#""}"#)?.parse().ok()?)
            };
            Some(Self { logged_at: logged_at.parse().ok()?, logged })
        };
        read().ok_or(EntryError::Form)
    }

    /// Checks that the entry may follow one logged at `previous`: `loggedAt` never decreases.
    ///
    /// # Errors
    /// [`EntryError::TimeDecreases`].
    pub fn check_follows(&self, previous: Time) -> Result<(), EntryError> {
        if self.logged_at < previous {
            return Err(EntryError::TimeDecreases { logged_at: self.logged_at, previous });
        }
        Ok(())
    }

    /// The hash of the entry as a leaf.
    pub fn leaf_hash(&self) -> Hash {
        merkle::leaf_hash(self.to_string().as_bytes())
    }
}

/// The line: the leaf's bytes.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"{{"v":1,"loggedAt":"{}""#, self.logged_at)?;
        match self.logged {
            EntryContent::Docket { docket, signatures } => {
                write!(f, r#","docket":"{docket}","signatures":"{signatures}"}}"#)
            }
            EntryContent::Anchors(root) => write!(f, r#","anchors":"{root}"}}"#),
        }
    }
}

/// The root that logs anchors: RFC 6962 over the 32-byte SHA-256 of their payloads, sorted.
pub fn anchors_root(payloads: impl IntoIterator<Item = Hash>) -> Hash {
    let mut payloads: Vec<Hash> = payloads.into_iter().collect();
    payloads.sort_unstable();
    merkle::root(payloads.iter().map(Hash::as_bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        encoding::Base64,
        vectors::{entries, hash},
    };

    #[test]
    fn the_entries_of_the_sample_print_as_they_were_read() {
        for case in entries()["entries"].as_array().unwrap() {
            let line = case["entry"].as_str().unwrap();
            let entry = Entry::parse(line.as_bytes()).unwrap();
            assert_eq!(entry.to_string(), line);
            assert_eq!(entry.leaf_hash(), hash(&case["leafHash"]));
        }
    }

    #[test]
    fn the_disclosed_entries_and_dockets_are_those_logged() {
        let log = entries();
        for case in log["disclosures"].as_array().unwrap() {
            let entry: Base64 = case["entry"].as_str().unwrap().parse().unwrap();
            let index = usize::try_from(case["index"].as_u64().unwrap()).unwrap();
            assert_eq!(entry.0, log["entries"][index]["entry"].as_str().unwrap().as_bytes());
            let logged = Entry::parse(&entry.0).unwrap().logged;
            if let Some(docket) = case.get("docket") {
                let docket: crate::dsse::Envelope = serde_json::from_value(docket.clone()).unwrap();
                let (docket, signatures) = (docket.payload_hash(), docket.signatures_hash());
                assert_eq!(logged, EntryContent::Docket { docket, signatures });
            } else {
                assert_eq!(logged, EntryContent::Anchors(hash(&log["anchors"]["root"])));
            }
        }
    }

    #[test]
    fn anchors_have_one_root_in_any_order() {
        let anchors = &entries()["anchors"];
        let payloads = anchors["payloads"].as_array().unwrap().iter();
        let hashes: Vec<Hash> =
            payloads.map(|payload| Hash::of(&payload.as_str().unwrap().parse::<Base64>().unwrap().0)).collect();
        assert_eq!(anchors_root(hashes.clone()), hash(&anchors["root"]));
        assert_eq!(anchors_root(hashes.into_iter().rev()), hash(&anchors["root"]));
    }

    #[test]
    fn a_line_of_another_form_or_an_earlier_time_is_refused() {
        let cases = entries()["sequences"].as_array().unwrap().clone();
        assert_eq!(cases.len(), 10);
        for case in cases {
            let read = || {
                let mut previous: Option<Entry> = None;
                for line in case["entries"].as_array().unwrap() {
                    let entry = Entry::parse(line.as_str().unwrap().as_bytes())?;
                    previous.map_or(Ok(()), |previous| entry.check_follows(previous.logged_at))?;
                    previous = Some(entry);
                }
                Ok::<_, EntryError>(())
            };
            assert_eq!(read().is_ok(), case["accepted"].as_bool().unwrap(), "{}", case["name"]);
            let decreases = matches!(read(), Err(EntryError::TimeDecreases { .. }));
            assert_eq!(decreases, case["reason"] == "entry-time-decreases", "{}", case["name"]);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_prints_the_same(entry in 0_usize..7, at in any::<prop::sample::Index>(), byte: u8) {
            let mut line = entries()["entries"][entry]["entry"].as_str().unwrap().as_bytes().to_vec();
            let at = at.index(line.len());
            line[at] = byte;
            if let Ok(entry) = Entry::parse(&line) {
                prop_assert_eq!(entry.to_string().into_bytes(), line);
            }
        }
    }
}
