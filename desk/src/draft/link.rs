//! A link: several identity documents are of one subject.

use callboard_client::derivation::Known;
use callboard_federation::{
    encoding::Time,
    identity::reader::Reading,
    statement::{Act, Basis, MAX_TAGS, Subject, SubjectType},
};
use rand_core::CryptoRng;

use super::{DraftItem, Draw, carried, ruling};
use crate::error::Error;

pub fn link<R: CryptoRng>(
    subject_type: SubjectType,
    (readings, known): (&[Reading], &[Known]),
    effective_at: Time,
    basis: Basis,
    draw: &mut Draw<'_, R>,
) -> Result<DraftItem, Error> {
    if known.iter().any(|known| !known.identity.kind().is_hard()) {
        return Err(Error::LinkSoft);
    }
    let tags = ruling::tags(known);
    let has_repeats = tags.iter().enumerate().any(|(at, tag)| tags[..at].contains(tag));
    if known.len() < 2 || tags.len() > MAX_TAGS || has_repeats {
        return Err(Error::LinkTags);
    }
    let subject = Subject { r#type: subject_type, tags };
    let statement = draw.statement(Act::Link { effective_at, subject, basis });
    let identities = readings.iter().map(carried).collect();
    DraftItem::new(statement, None, identities, None)
}
