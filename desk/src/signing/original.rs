//! The record that a letter is about, opened with the identity of its person: whose it is, and what was decided.
//!
//! The share is asked of the registry, which counts it. What can't be opened is told, and refuses nothing: an annulment must
//! not wait for a lost share.

use std::collections::HashMap;

use callboard_client::derivation::{Derived, Known};
use callboard_federation::{
    encoding::RecordId,
    sealed::{Plain, open},
    statement::{EpochTag, Statement},
};
use rand_core::CryptoRng;

use crate::{draft::log_records::LogRecords, registry::Registry};

/// What an earlier record says, as far as it opens.
#[derive(Clone)]
pub enum Original {
    Opened(Box<Plain>),
    /// It has details, and they don't open: why, in the words of who refuses.
    Closed(String),
}

pub type Originals = HashMap<RecordId, Original>;

/// Opens every record with details that the item's statement is about, or that those are about, and whose tags are
/// among those of `known`.
pub(crate) async fn fetch(
    registry: &Registry<'_>,
    statement: &Statement,
    known: &[Known],
    named: &LogRecords,
    originals: &mut Originals,
    rng: &mut impl CryptoRng,
) {
    for id in named.behind(statement.about()) {
        let Some(earlier) = named.statement(id) else { continue };
        let is_open = matches!(originals.get(&id), Some(Original::Opened(_)));
        if is_open || earlier.details().is_none() || !is_wrapped_for(earlier, known) {
            continue;
        }
        let original = match registry.share(id, rng).await {
            Ok(share) => opened(earlier, known, &share),
            Err(error) => Original::Closed(callboard_client::runtime::error_chain(&error)),
        };
        originals.insert(id, original);
    }
}

/// What a record's details say to whoever has these identities.
pub(crate) fn opened(earlier: &Statement, known: &[Known], share: &callboard_federation::sealed::Share) -> Original {
    let Some(details) = earlier.details() else { return Original::Opened(Box::default()) };
    let mut why = String::new();
    for derived in known.iter().flat_map(|known| &known.derived) {
        if details.wraps.iter().any(|wrap| EpochTag { epoch: wrap.epoch, tag: wrap.tag } == derived.tag()) {
            match open(details, earlier.id, &derived.holder(), share) {
                Ok(plain) => return Original::Opened(Box::new(plain)),
                Err(fault) => why = fault.to_string(),
            }
        }
    }
    Original::Closed(why)
}

fn is_wrapped_for(earlier: &Statement, known: &[Known]) -> bool {
    let tags: Vec<EpochTag> = known.iter().flat_map(|known| &known.derived).map(Derived::tag).collect();
    let mut wraps = earlier.details().into_iter().flat_map(|details| &details.wraps);
    wraps.any(|wrap| tags.contains(&EpochTag { epoch: wrap.epoch, tag: wrap.tag }))
}
