//! Receipts of what people file in their sessions: the log's word, by its key.

use callboard_federation::{dsse::Envelope, subject_session::receipt::FilingReceipt};

use super::{Ledger, LedgerError};

impl Ledger {
    /// The receipt, signed by a node that may sign with a key that is in force.
    pub fn sign_filing(&self, said: &FilingReceipt) -> Result<Envelope, LedgerError> {
        self.may_sign()?;
        if !self.key_is_in_force() {
            return Err(LedgerError::LogKey { own: Box::new(self.key.verifier()) });
        }
        Ok(self.key.receipt_of(said))
    }
}
