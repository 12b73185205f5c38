//! By what people are found: names and numbers however they are typed, the number of a letter, a record.

use callboard_federation::{
    encoding::RecordId,
    identity::{Identity, IdentityKind, reader::split_line},
};
use unicode_normalization::UnicodeNormalization as _;

use super::entry::{Entry, IndexedDocket};

/// What is looked up, as text that is the same however it was typed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Term(String);

impl Term {
    fn new(what: &str, value: &str) -> Self {
        Self(format!("{what}:{value}"))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn of_record(record: RecordId) -> Self {
        Self::new("record", &record.to_string())
    }

    pub(super) fn of_identity(identity: &Identity) -> Self {
        Self::new(identity.kind().as_str(), identity.value())
    }

    fn of_name(name: &str) -> Option<Self> {
        let folded = folded(name);
        (!folded.is_empty()).then(|| Self::new("name", &folded))
    }

    fn of_number(number: &str) -> Option<Self> {
        let folded = folded(number);
        (!folded.is_empty()).then(|| Self::new("number", &folded))
    }
}

/// What leads to a docket as a whole.
pub(super) fn of_docket(docket: &IndexedDocket) -> Option<Term> {
    docket.number.as_deref().and_then(Term::of_number)
}

/// What leads to an entry of it.
pub(super) fn of_entry(entry: &Entry) -> Vec<Term> {
    let records = std::iter::once(entry.record).chain(entry.about.iter().copied()).map(Term::of_record);
    let names = entry.names.iter().filter_map(|name| Term::of_name(name));
    let accounts = entry
        .accounts
        .iter()
        .filter_map(|account| Identity::normalise(IdentityKind::PlatformAccount, account, true).ok());
    let identities: Vec<Identity> = entry.identities().chain(accounts).collect();
    let mut terms: Vec<Term> = records.chain(names).chain(identities.iter().map(Term::of_identity)).collect();
    terms.sort();
    terms.dedup();
    terms
}

/// Every way to read what somebody typed.
pub(super) fn ways_to_read(typed: &str) -> Vec<Term> {
    let record = typed.trim().parse().ok().map(Term::of_record);
    let number_of = |kind: IdentityKind, value: &str| Identity::normalise(kind, value, true).ok();
    let identities: Vec<Identity> = match split_line(typed) {
        Some((kind, value)) => number_of(kind, value).into_iter().collect(),
        None => IdentityKind::ALL.into_iter().filter_map(|kind| number_of(kind, typed)).collect(),
    };
    let numbers = identities.iter().map(Term::of_identity);
    let mut terms: Vec<Term> =
        record.into_iter().chain(numbers).chain(Term::of_name(typed)).chain(Term::of_number(typed)).collect();
    terms.sort();
    terms.dedup();
    terms
}

/// Letters and digits alone, whatever their width, case and spacing.
fn folded(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
}
