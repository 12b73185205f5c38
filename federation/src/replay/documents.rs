//! Formats §5.3 and §6, *documents*: members and policies follow one another, and keys are nobody else's.

use super::{ItemsError, Moment, Replay, RuleError, state::DocketChanges, state::InForce};
use crate::{
    docket::Docket,
    policy::MAX_IMPORT_DAYS,
    statement::{Act, Statement},
};

impl Replay {
    /// Members come one version after another. A proof file doesn't show those before, so this is asked of the log
    /// alone.
    pub(super) fn check_members_version(&self, statement: &Statement, staged: &DocketChanges) -> Result<(), RuleError> {
        let Act::Members(members) = &statement.act else { return Ok(()) };
        let before = staged.members.as_ref().or(self.members.as_ref());
        let expected = before.map_or(1, |before| before.document.value.version + 1);
        let got = members.value.version;
        if got == expected { Ok(()) } else { Err(RuleError::MembersVersion { expected, got }) }
    }

    /// A public document's keys are nobody else's, a roster's epochs not in use, a policy the only one of its version.
    pub(super) fn take_document(
        &self,
        moment: Moment,
        docket: &Docket,
        statement: &Statement,
        staged: &mut DocketChanges,
    ) -> Result<(), ItemsError> {
        let record = statement.id;
        match &statement.act {
            Act::Roster(roster) => {
                let document = (**roster).clone();
                if let Some(members) = self.members()
                    && members.document.value.keys().any(|key| document.value.keys().any(|other| other == key))
                {
                    return Err(RuleError::KeyRepeated.into());
                }
                self.check_epochs_in_use(moment, &document.value)?;
                if document.value.expires <= docket.issued_at {
                    return Err(RuleError::RosterBornExpired.into());
                }
                staged.roster = Some(InForce { document, record });
            }
            Act::Members(members) => {
                let document = (**members).clone();
                if let Some(roster) = self.roster()
                    && document.value.keys().any(|key| roster.keys().any(|other| other == key))
                {
                    return Err(RuleError::KeyRepeated.into());
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
                    return Err(RuleError::PolicyRepeated.into());
                }
                let latest = moment.logged_at.plus_days(MAX_IMPORT_DAYS);
                if document.value.import.is_some_and(|import| import.until > latest) {
                    return Err(RuleError::ImportTooLong.into());
                }
                staged.policies.push(InForce { document, record });
            }
            _ => {}
        }
        Ok(())
    }
}
