//! Why an event isn't taken, and why a docket doesn't follow from its cases: each with a stable word.

use callboard_federation::{
    encoding::{CaseId, Time},
    event::{CaseState, ChainError},
};
use callboard_rules::case::error::{CaseError, Why};

use super::{LedgerError, MAX_EVENTS};
use crate::store::StoreError;

/// Why an event isn't taken.
#[derive(Debug, thiserror::Error)]
pub enum CaseEventError {
    #[error("the payload is no event [event-malformed]")]
    Malformed,
    #[error("the event is of another case than the address [event-case]")]
    OtherCase,
    #[error("whoever signs the request signed the event, alone [event-signer]")]
    OtherSigner,
    #[error("its `at` is {at}, and it is {now}: more than five minutes late, or five seconds ahead [event-time]")]
    Clock { at: Time, now: Time },
    #[error("{0} [event-sealed]")]
    Sealed(&'static str),
    /// From where, which act, why not.
    #[error("{}", refusal(*from, source))]
    Refused { from: Option<CaseState>, source: CaseError },
    #[error("another event has this place")]
    Moved,
    #[error("a case has at most {MAX_EVENTS} events")]
    Full,
    /// There is no such case, and this isn't its first event.
    #[error("there is no such case")]
    NotFound,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Why a docket doesn't follow from its cases.
#[derive(Debug, thiserror::Error)]
pub enum ProcedureError {
    #[error("{}", why_told(_0))]
    Rule(#[from] Why),
    /// What was handed in is no case.
    #[error("the chain that is handed in: {}", case_told(_0))]
    Chain(CaseError),
    #[error("a chain that is handed in has at most {MAX_EVENTS} events")]
    Full,
    /// Two histories of one case: of the chain that was handed in, and of what the registry has, or of another handed in.
    #[error("event {seq} of case {case} isn't the one that is known")]
    Parted { case: CaseId, seq: u64 },
}

impl ProcedureError {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Rule(why) => why.word(),
            Self::Chain(_) | Self::Full => "case-chain",
            Self::Parted { .. } => "case-parted",
        }
    }
}

impl From<StoreError> for CaseEventError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

fn refusal(from: Option<CaseState>, source: &CaseError) -> String {
    let from = from.map_or("nothing", CaseState::as_str);
    format!("from {from}: {}", case_told(source))
}

/// What is wrong with a chain, and its word. What an event holds isn't repeated.
fn case_told(error: &CaseError) -> String {
    match error {
        CaseError::Act { seq, act: _, why: why @ Why::Malformed(_) } => format!("event {seq}: {}", why_told(why)),
        CaseError::Act { seq, act, why } => format!("event {seq} ({act}): {}", why_told(why)),
        CaseError::Chain(ChainError::Payload { seq, .. }) => format!("event {seq}: it is no event [event-malformed]"),
        CaseError::Chain(error) => format!("{error} [event-chain]"),
    }
}

fn why_told(why: &Why) -> String {
    match why {
        Why::Malformed(_) => format!("its members aren't those of its act [{}]", why.word()),
        why => format!("{why} [{}]", why.word()),
    }
}
