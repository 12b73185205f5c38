//! Formats §5.3, *what*: the statements are those that were signed, and each says what its item says.

use super::{FaultKind, Refusal, Replay, Untaken, state::InForce, state::Staged};
use crate::{
    disclosure::Disclosed,
    docket::{Docket, Item, Of, Publication},
    encoding::Hash,
    replay::Moment,
    statement::{Act, Statement},
};

/// Whether a line shows what its docket commits to, all of it, or what an erasure may have left.
pub(super) fn is_borne_out(docket: &Docket, disclosed: &Disclosed) -> Result<(), FaultKind> {
    if docket.items.len() != disclosed.items.len() {
        return Err(FaultKind::Items);
    }
    for (item, statement) in docket.items.iter().zip(&disclosed.items) {
        match statement {
            Some(bytes) if Statement::commitment(bytes) != item.commitment => {
                return Err(FaultKind::Commitment { record: item.record });
            }
            // A public document is never erased.
            None if item.kind.is_document() => return Err(FaultKind::NotErased { record: item.record }),
            _ => {}
        }
    }
    match (docket.publication, &disclosed.publication) {
        (None, None) => Ok(()),
        (Some(hash), Some(text)) if Hash::of(text) == hash => Ok(()),
        // The text goes with the last of its docket's records.
        (Some(_), None) if disclosed.items.iter().all(Option::is_none) => Ok(()),
        _ => Err(FaultKind::Publication),
    }
}

/// The statements, each as its item says; an erased one is `None`.
pub(super) fn read_statements(docket: &Docket, disclosed: &Disclosed) -> Result<Vec<Option<Statement>>, Refusal> {
    if let Some(text) = &disclosed.publication {
        Publication::from_json(text).map_err(Refusal::Publication)?;
    }
    let read =
        |(item, bytes): (&Item, &Option<Vec<u8>>)| bytes.as_ref().map(|bytes| read_statement(item, bytes)).transpose();
    docket.items.iter().zip(&disclosed.items).map(read).collect()
}

/// The statement of `bytes`, which the item's commitment bears out, if it says what the item says.
pub(crate) fn read_statement(item: &Item, bytes: &[u8]) -> Result<Statement, Refusal> {
    let record = item.record;
    let statement = Statement::from_json(bytes).map_err(|source| Refusal::Statement { record, source })?;
    let of_measure = match item.of {
        Some(Of::Measure(measure)) => statement.imposed().is_some_and(|imposed| imposed.measure.kind == measure),
        // Of what it is about is checked where that is looked up.
        Some(Of::About(_)) | None => statement.imposed().is_none(),
    };
    if statement.id != record || statement.kind() != item.kind || !of_measure {
        return Err(Refusal::ItemMismatch { record });
    }
    Ok(statement)
}

impl Replay {
    /// Members come one version after another. A proof file doesn't show those before, so this is asked of the log alone.
    pub(super) fn check_members_version(&self, statement: &Statement, staged: &Staged) -> Result<(), Refusal> {
        let Act::Members(members) = &statement.act else { return Ok(()) };
        let before = staged.members.as_ref().or(self.members.as_ref());
        let expected = before.map_or(1, |before| before.document.value.version + 1);
        let got = members.value.version;
        if got == expected { Ok(()) } else { Err(Refusal::MembersVersion { expected, got }) }
    }

    /// A public document's keys are nobody else's, a roster's epochs not in use, a policy the only one of its version.
    pub(super) fn take_document(
        &self,
        moment: Moment,
        docket: &Docket,
        statement: &Statement,
        staged: &mut Staged,
    ) -> Result<(), Untaken> {
        let record = statement.id;
        match &statement.act {
            Act::Roster(roster) => {
                let document = (**roster).clone();
                if let Some(members) = self.members()
                    && members.document.value.keys().any(|key| document.value.keys().any(|other| other == key))
                {
                    return Err(Refusal::KeyRepeated.into());
                }
                self.check_epochs_in_use(moment, &document.value)?;
                if document.value.expires <= docket.issued_at {
                    return Err(Refusal::RosterBornExpired.into());
                }
                staged.roster = Some(InForce { document, record });
            }
            Act::Members(members) => {
                let document = (**members).clone();
                if let Some(roster) = self.roster()
                    && document.value.keys().any(|key| roster.keys().any(|other| other == key))
                {
                    return Err(Refusal::KeyRepeated.into());
                }
                staged.members = Some(InForce { document, record });
            }
            Act::Policy(policy) => {
                let document = (**policy).clone();
                let (instrument, version) = (&document.value.instrument, &document.value.version);
                let same = |other: &InForce<crate::policy::Policy>| {
                    other.document.value.instrument == *instrument && other.document.value.version == *version
                };
                if self.documents.instruments.contains(&(instrument.clone(), version.clone()))
                    || staged.policies.iter().any(same)
                {
                    return Err(Refusal::PolicyRepeated.into());
                }
                staged.policies.push(InForce { document, record });
            }
            _ => {}
        }
        Ok(())
    }
}
