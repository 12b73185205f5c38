//! One statement without the log: what of `docs/formats.md` §5 can be held against a docket of which no more is known.
//!
//! That is *who*, *when*, and of the statement *what*, *policy* and the epochs of its *tags*. What it is about, and
//! whether anything was logged before, only the log tells. The caller, [`crate::proof_file`], has shown where the
//! docket stands.

use super::{ItemsError, Moment, Replay, RuleError, state::DocketChanges};
use crate::{
    docket::Docket,
    dsse::Envelope,
    statement::{Kind, Statement},
};

impl Replay {
    /// Takes a docket of which this statement is known, under what this replay has in force. Entries may lie between
    /// this one and the one taken before.
    pub(crate) fn take_alone(
        &mut self,
        moment: Moment,
        docket: &Docket,
        envelope: &Envelope,
        statement: &Statement,
    ) -> Result<(), RuleError> {
        Self::check_when(moment, docket)?;
        // Only a roster's own docket is judged by its statement, and a roster stands alone in it.
        let statements = [Some(statement.clone())];
        self.check_who(moment, docket, envelope, &statements)?;
        self.check_tags(statement)?;
        self.check_policy(moment, statement)?;
        self.check_interim(moment, docket, statement)?;
        let mut staged = DocketChanges::default();
        match self.take_document(moment, docket, statement, &mut staged) {
            Ok(()) => {
                self.keep(moment, (docket, &statements), envelope.payload_hash(), staged);
                Ok(())
            }
            Err(ItemsError::Refused(refusal)) => Err(refusal),
            Err(ItemsError::BeginAgain(_)) => Err(RuleError::ErasureUncounted),
        }
    }

    /// Whether a docket of which no statement is known was signed by enough seats, and in time: all that its public text
    /// asks. A roster is judged by its statement, so none can be shown this way.
    pub(crate) fn check_alone_signed(
        &self,
        moment: Moment,
        docket: &Docket,
        envelope: &Envelope,
    ) -> Result<(), RuleError> {
        Self::check_when(moment, docket)?;
        if docket.items.iter().any(|item| item.kind == Kind::Roster) {
            return Err(RuleError::Genesis);
        }
        self.check_who(moment, docket, envelope, &[])
    }
}
