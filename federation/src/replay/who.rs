//! Formats §5.1 and §5.2, *who* and *when*: enough seats of the roster in force signed, and not too long ago.

use std::{borrow::Borrow, collections::BTreeMap};

use super::{Moment, ReadDocket, Replay, RuleError};
use crate::{
    disclosure::DocketDisclosure,
    docket::Docket,
    dsse::{Envelope, PayloadType},
    encoding::{KeyId, PublicKey, Time},
    roster::{Role, Roster, Seat},
    statement::{Act, Statement},
};

/// What wasn't logged by then must be signed again: 14 days, so that a docket in a drawer can't surprise.
pub const MAX_AGE_DAYS: i64 = 14;
/// How far a drafter's clock may be ahead of the log's: 5 minutes.
pub const MAX_AHEAD_MILLIS: i64 = 5 * 60 * 1000;

impl Replay {
    /// Whether a docket that would be logged at `logged_at` is signed by enough seats of the roster in force, and in time.
    ///
    /// # Errors
    /// As it would be refused.
    pub fn check_signed<D: Borrow<DocketDisclosure>>(
        &self,
        read: &ReadDocket<D>,
        logged_at: Time,
    ) -> Result<(), RuleError> {
        let moment = Moment { index: self.tree.size(), logged_at };
        Self::check_when(moment, read.docket())?;
        self.check_who(moment, read.docket(), &read.disclosed().envelope, read.statements())
    }

    pub(super) fn check_when(moment: Moment, docket: &Docket) -> Result<(), RuleError> {
        if docket.issued_at.plus_days(MAX_AGE_DAYS) < moment.logged_at {
            return Err(RuleError::TooOld);
        }
        if docket.issued_at > moment.logged_at.plus_millis(MAX_AHEAD_MILLIS) {
            return Err(RuleError::FromTheFuture);
        }
        Ok(())
    }

    pub(super) fn check_who(
        &self,
        moment: Moment,
        docket: &Docket,
        envelope: &Envelope,
        statements: &[Option<Statement>],
    ) -> Result<(), RuleError> {
        let next = match statements {
            [Some(Statement { act: Act::Roster(roster), .. })] => Some(&roster.value),
            _ => None,
        };
        let Some(current) = self.roster() else {
            return self.check_genesis(moment, docket, envelope, next);
        };
        if docket.issuer != current.issuer {
            return Err(RuleError::Issuer);
        }
        if docket.roster != current.version {
            return Err(RuleError::Roster { in_force: current.version, got: docket.roster });
        }
        // The next roster may be late: else an expired one could never be followed.
        if next.is_none() && current.expires <= moment.logged_at {
            return Err(RuleError::RosterExpired);
        }
        if let Some(next) = next {
            next.may_follow(current)?;
        }
        let of_either = |id: &KeyId| current.seat(id).or_else(|| next.and_then(|next| next.seat(id))).map(signer);
        let keys = envelope.verify(PayloadType::Docket, of_either)?;
        is_enough(current, docket, &keys)?;
        next.map_or(Ok(()), |next| is_enough(next, docket, &keys))
    }

    /// The log's entry 0 is the docket of roster 1, signed under itself.
    fn check_genesis(
        &self,
        moment: Moment,
        docket: &Docket,
        envelope: &Envelope,
        next: Option<&Roster>,
    ) -> Result<(), RuleError> {
        let roster = next.filter(|_| moment.index == 0).ok_or(RuleError::Genesis)?;
        if roster.version != 1 || self.genesis.is_some_and(|pinned| pinned != envelope.payload_hash()) {
            return Err(RuleError::Genesis);
        }
        if docket.issuer != roster.issuer {
            return Err(RuleError::Issuer);
        }
        if docket.roster != 1 {
            return Err(RuleError::Roster { in_force: 1, got: docket.roster });
        }
        if roster.expires <= moment.logged_at {
            return Err(RuleError::RosterExpired);
        }
        let keys = envelope.verify(PayloadType::Docket, |id| roster.seat(id).map(signer))?;
        is_enough(roster, docket, &keys)
    }
}

fn signer(seat: &Seat) -> (PublicKey, PublicKey) {
    (seat.public_key, seat.public_key)
}

/// Whether the signers are as many of each role of `roster` as the docket's items ask.
pub(crate) fn is_enough(roster: &Roster, docket: &Docket, signers: &[PublicKey]) -> Result<(), RuleError> {
    let mut signed: BTreeMap<Role, u64> = BTreeMap::new();
    for seat in roster.seats.iter().filter(|seat| signers.contains(&seat.public_key)) {
        *signed.entry(seat.role).or_default() += 1;
    }
    for (role, asked) in roster.asked(&docket.items) {
        let got = signed.get(&role).copied().unwrap_or_default();
        if got < asked {
            return Err(RuleError::Threshold { role, asked, got });
        }
    }
    Ok(())
}
