//! Following a log: which dockets count, and what is in force after each.
//!
//! The registry checks a docket with it before it logs one ([`Replay::log`]); everyone else replays what was logged
//! ([`Replay::follow`]) and finds the same. A docket that doesn't count has no effect, whoever logged it; a line that its
//! leaf doesn't bear out stops the view ([`Fault`]). Standings are [`crate::standing`]'s, checkpoints [`crate::tlog`]'s.
//! Implements `docs/formats.md` §5 and §9; each file here is one rule of §5.

mod about;
mod alone;
mod epochs;
mod erasure;
mod fault;
mod interim;
mod policy;
mod refusal;
mod state;
mod what;
mod who;

use std::collections::BTreeSet;

pub use fault::{Fault, FaultKind};
pub use refusal::Refusal;
pub use state::Replay;
pub(crate) use what::read_statement;

use crate::{
    disclosure::{Disclosed, Disclosure},
    docket::Docket,
    encoding::Time,
    entry::{Entry, Logged},
    statement::Statement,
};

/// What a line did.
#[derive(Debug)]
pub enum Followed {
    /// Its docket counts.
    Counted,
    /// Its docket has no effect, by this rule.
    NotCounted(Refusal),
    /// It holds members' anchors.
    Anchors,
    /// An erasure that counts says of these earlier dockets that they don't, and what showed it is erased: begin again,
    /// with [`Replay::new`] told so (formats §5.7).
    BeginAgain(BTreeSet<u64>),
}

/// Where a docket is judged: the index that it has or would have, and when it was or would be logged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) index: u64,
    pub(crate) logged_at: Time,
}

/// Why items weren't taken.
enum Untaken {
    Refused(Refusal),
    BeginAgain(BTreeSet<u64>),
}

impl From<Refusal> for Untaken {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Replay {
    /// Takes a docket that isn't logged yet into the log at `logged_at`: its entry, or why it doesn't count. A docket
    /// that is refused leaves nothing behind.
    pub fn log(&mut self, handed: &Disclosed, logged_at: Time) -> Result<Entry, Refusal> {
        let moment = Moment { index: self.tree.size(), logged_at };
        if self.logged_at.is_some_and(|last| logged_at < last) {
            return Err(Refusal::Clock);
        }
        let docket = Docket::from_json(&handed.envelope.payload.0)?;
        what::is_borne_out(&docket, handed).map_err(Refusal::NotBorneOut)?;
        if handed.items.iter().any(Option::is_none) {
            return Err(Refusal::NotBorneOut(FaultKind::Items));
        }
        match self.count(moment, &docket, handed) {
            Ok(()) => {
                let entry = Entry::of_docket(logged_at, &handed.envelope);
                self.tree.push(entry.leaf_hash());
                self.logged_at = Some(logged_at);
                Ok(entry)
            }
            Err(Untaken::Refused(refusal)) => Err(refusal),
            Err(Untaken::BeginAgain(_)) => Err(Refusal::ErasureUncounted),
        }
    }

    /// Follows the log by one line.
    pub fn follow(&mut self, line: &Disclosure) -> Result<Followed, Fault> {
        let index = self.tree.size();
        let fault = |kind| Fault { index, kind };
        if line.index != index {
            return Err(fault(FaultKind::Index { got: line.index }));
        }
        let entry = Entry::parse(&line.entry).map_err(|_| fault(FaultKind::Entry))?;
        let logged_at = entry.logged_at;
        if self.logged_at.is_some_and(|last| entry.check_follows(last).is_err()) {
            return Err(fault(FaultKind::LoggedAt));
        }
        let followed = match (&line.docket, entry.logged) {
            (None, Logged::Anchors(_)) if index != 0 => Followed::Anchors,
            (Some(disclosed), Logged::Docket { .. }) => {
                if Entry::of_docket(logged_at, &disclosed.envelope) != entry {
                    return Err(fault(FaultKind::Envelope));
                }
                match self.follow_docket(Moment { index, logged_at }, disclosed).map_err(fault)? {
                    Followed::BeginAgain(uncounted) => return Ok(Followed::BeginAgain(uncounted)),
                    followed => followed,
                }
            }
            _ => return Err(fault(FaultKind::Entry)),
        };
        self.tree.push(entry.leaf_hash());
        self.logged_at = Some(logged_at);
        Ok(followed)
    }

    fn follow_docket(&mut self, moment: Moment, disclosed: &Disclosed) -> Result<Followed, FaultKind> {
        let refusal = match Docket::from_json(&disclosed.envelope.payload.0) {
            // What isn't a docket commits to no statements that a line could bear out.
            Err(malformed) => Refusal::Docket(malformed),
            Ok(docket) => {
                what::is_borne_out(&docket, disclosed)?;
                let told = self.taken_over.contains(&moment.index);
                let counted =
                    if told { Err(Refusal::ToldUncounted.into()) } else { self.count(moment, &docket, disclosed) };
                let refusal = match counted {
                    Ok(()) => {
                        self.note_lacking(moment.index, &docket, disclosed);
                        return Ok(Followed::Counted);
                    }
                    Err(Untaken::BeginAgain(uncounted)) => return Ok(Followed::BeginAgain(uncounted)),
                    Err(Untaken::Refused(refusal)) => refusal,
                };
                self.note_lacking(moment.index, &docket, disclosed);
                for item in &docket.items {
                    self.uncounted_records.insert(item.record, item.kind);
                }
                refusal
            }
        };
        self.uncounted.insert(moment.index);
        Ok(Followed::NotCounted(refusal))
    }

    /// Checks every rule of formats §5 and, if all hold, lets the docket have its effect.
    fn count(&mut self, moment: Moment, docket: &Docket, disclosed: &Disclosed) -> Result<(), Untaken> {
        let statements = what::read_statements(docket, disclosed)?;
        Self::check_when(moment, docket)?;
        self.check_who(moment, docket, &disclosed.envelope, &statements)?;
        self.check_unused(docket, &disclosed.envelope)?;
        let mut staged = state::Staged::default();
        let taken = self.take_items(moment, docket, &statements, &mut staged);
        match taken {
            Ok(()) => {
                self.keep(moment, docket, &disclosed.envelope, staged);
                Ok(())
            }
            Err(untaken) => {
                for id in staged.inserted {
                    self.records.remove(id);
                }
                Err(untaken)
            }
        }
    }

    /// Takes the items in their order: each may be about those before it.
    fn take_items(
        &mut self,
        moment: Moment,
        docket: &Docket,
        statements: &[Option<Statement>],
        staged: &mut state::Staged,
    ) -> Result<(), Untaken> {
        for (position, (item, statement)) in (0..).zip(docket.items.iter().zip(statements)) {
            let Some(statement) = statement else { continue };
            self.check_about(moment, item, statement, staged)?;
            self.check_tags(statement)?;
            self.check_policy(moment, statement)?;
            self.check_interim(moment, docket, statement)?;
            self.check_members_version(statement, staged)?;
            self.take_document(moment, docket, statement, staged)?;
            self.stage(moment, position, statement, staged);
        }
        self.check_erasures(moment, statements, staged)
    }
}

#[cfg(test)]
mod tests;
