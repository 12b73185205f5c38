//! A ruling or interim: a row of the sheet, on the subject whose tags were derived.

use callboard_client::derivation::Known;
use callboard_federation::statement::{Act, Basis, Imposition, Subject, SubjectTag};
use rand_core::CryptoRng;

use super::{DraftItem, Draw, carried};
use crate::error::Error;
use crate::sheet::Row;

/// Drafts what a row says; `known` are the row's identities, in its order.
pub fn ruling<R: CryptoRng>(
    row: &Row,
    known: &[Known],
    basis: Basis,
    is_interim: bool,
    draw: &mut Draw<'_, R>,
) -> Result<DraftItem, Error> {
    let subject = Subject { r#type: row.subject_type, tags: tags(known) };
    let wrapped = subject.wrapped();
    let id = draw.id();
    let (details, share) = draw.seal(&row.plain, id, &wrapped, known)?;
    let imposed = Imposition { effective_at: row.effective_at, subject, measure: row.measure.clone(), basis, details };
    let act = if is_interim { Act::Interim { imposed } } else { Act::Ruling { imposed, about: row.follows.clone() } };
    let mut statement = draw.statement(act);
    statement.id = id;
    let identities = row.readings.iter().map(carried).collect();
    DraftItem::new(statement, None, identities, Some((&row.plain, share))).map_err(|error| match error {
        Error::TooLong => Error::RowTooLong { row: row.number },
        error => error,
    })
}

/// The tags of a subject: of each identity in turn, each epoch in turn.
pub fn tags(known: &[Known]) -> Vec<SubjectTag> {
    let of = |known: &Known| {
        let soft = !known.identity.kind().is_hard();
        let tag = move |derived: &callboard_client::derivation::Derived| SubjectTag {
            epoch: derived.epoch,
            tag: derived.tag,
            soft,
        };
        known.derived.iter().map(tag).collect::<Vec<_>>()
    };
    known.iter().flat_map(of).collect()
}
