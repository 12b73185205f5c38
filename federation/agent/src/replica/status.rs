//! What is wrong with a log, a registry or this machine, by names that stay.

use callboard_api::agent::operating::{Alarm, FailureSide};
use callboard_federation::replay::{LineError, LineErrorKind};

use super::ReplicaError;

pub(super) const fn alarm_of(fault: &LineError) -> Alarm {
    match fault.kind {
        LineErrorKind::Index { .. } => Alarm::Gap,
        LineErrorKind::Entry | LineErrorKind::Envelope => Alarm::RewrittenEntry,
        LineErrorKind::LoggedAt => Alarm::LoggedAtBehind,
        LineErrorKind::Items | LineErrorKind::NotErased { .. } => Alarm::MissingDisclosure,
        LineErrorKind::Commitment { .. } | LineErrorKind::Publication => Alarm::SwappedStatement,
        LineErrorKind::StillDisclosed { .. } => Alarm::StillDisclosed,
    }
}

/// Whether no view is answered from, however young.
pub(super) const fn ends_answers(alarm: Alarm) -> bool {
    matches!(alarm, Alarm::Fork | Alarm::WrongGenesis)
}

/// Whether a checkpoint that holds shows it to be over.
pub(super) const fn passes(alarm: Alarm) -> bool {
    !matches!(alarm, Alarm::Fork | Alarm::ReplicaSetAside)
}

pub(super) const fn side_of(error: &ReplicaError) -> Option<FailureSide> {
    Some(match error {
        ReplicaError::Http(_) | ReplicaError::Slow => FailureSide::Registry,
        ReplicaError::Store(_) | ReplicaError::File(_) => FailureSide::Store,
        ReplicaError::Answer(_) | ReplicaError::Alarm { .. } => FailureSide::Log,
        ReplicaError::Stopping => return None,
    })
}
