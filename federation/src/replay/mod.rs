//! Following a log: which dockets count, and what is in force after each.
//!
//! The registry checks a docket with it before it logs one ([`Replay::log`]); everyone else replays what was logged
//! ([`Replay::follow`]) and finds the same. A docket that doesn't count has no effect, whoever logged it; a line that
//! its leaf doesn't bear out stops the view ([`LineError`]). Standings are [`crate::standing`]'s, checkpoints
//! [`crate::tlog`]'s. Implements `docs/formats.md` §5 and §9; each file here is one rule of §5.

mod about;
mod alone;
mod documents;
mod epochs;
mod erasure;
mod history;
mod interim;
mod line_error;
mod policy;
mod read;
mod rule_error;
mod state;
mod who;

use std::{borrow::Borrow, collections::BTreeSet};

pub use history::{History, Logged};
pub use line_error::{LineError, LineErrorKind};
pub(crate) use read::read_statement;
pub use read::{ReadDocket, ReadError, ReadLine};
pub use rule_error::RuleError;
pub use state::Replay;
pub use who::{MAX_AGE_DAYS, MAX_AHEAD_MILLIS};

use crate::{
    disclosure::{Disclosure, DocketDisclosure},
    docket::Docket,
    encoding::{Hash, Time},
    entry::{Entry, EntryContent},
    records::Place,
    statement::Statement,
};

/// What a line did.
#[derive(Debug)]
pub enum LineEffect {
    /// Its docket counts.
    Counted,
    /// Its docket has no effect, by this rule.
    NotCounted(RuleError),
    /// It holds members' anchors.
    Anchors,
    /// An erasure that counts says of earlier dockets that they don't, and what showed it is erased (formats §5.7):
    /// follow the log from entry 0 with this replay, which is told so.
    BeginAgain(Box<Replay>),
}

/// Where a docket is judged: the index that it has or would have, and when it was or would be logged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) index: u64,
    pub(crate) logged_at: Time,
}

/// Why items weren't taken.
enum ItemsError {
    Refused(RuleError),
    BeginAgain(BTreeSet<u64>),
}

impl From<RuleError> for ItemsError {
    fn from(refusal: RuleError) -> Self {
        Self::Refused(refusal)
    }
}

impl Replay {
    /// Takes a docket that isn't logged yet into the log at `logged_at`: its entry, or why it doesn't count. A docket
    /// that is refused leaves nothing behind.
    pub fn log<D: Borrow<DocketDisclosure>>(
        &mut self,
        handed: &ReadDocket<D>,
        logged_at: Time,
    ) -> Result<Entry, RuleError> {
        let moment = Moment { index: self.tree.size(), logged_at };
        if self.logged_at().is_some_and(|last| logged_at < last) {
            return Err(RuleError::Clock);
        }
        if handed.statements().iter().any(Option::is_none) {
            return Err(RuleError::NotBorneOut(LineErrorKind::Items));
        }
        match self.count(moment, handed) {
            Ok(()) => {
                let logged = EntryContent::Docket { docket: handed.payload_hash(), signatures: handed.signatures };
                let entry = Entry { logged_at, logged };
                self.tree.push(entry.leaf_hash());
                self.history.logged_at.push(logged_at);
                Ok(entry)
            }
            Err(ItemsError::Refused(refusal)) => Err(refusal),
            Err(ItemsError::BeginAgain(_)) => Err(RuleError::ErasureUncounted),
        }
    }

    /// Takes members' anchors of this root into the log at `logged_at`: their entry. `None` if the log hasn't begun, or
    /// its last entry is later.
    pub fn log_anchors(&mut self, root: Hash, logged_at: Time) -> Option<Entry> {
        self.logged_at().filter(|last| *last <= logged_at)?;
        let entry = Entry { logged_at, logged: EntryContent::Anchors(root) };
        self.tree.push(entry.leaf_hash());
        self.history.logged_at.push(logged_at);
        Some(entry)
    }

    /// Follows the log to its end, from the line that `open` gives first: entry 0. Where the replay has to begin again,
    /// the lines are opened again, and `each` sees entry 0 again.
    ///
    /// # Errors
    /// What `open`, a line or `each` says; within, the line that the log doesn't bear out.
    pub fn follow_all<L, X, E>(
        mut self,
        open: impl Fn() -> Result<L, X>,
        mut each: impl FnMut(&Self, &Disclosure, LineEffect) -> Result<(), E>,
    ) -> Result<Result<Self, LineError>, E>
    where
        L: Iterator<Item = Result<Disclosure, X>>,
        E: From<X>,
    {
        'again: loop {
            for line in open()? {
                let line = line?;
                match self.follow(&line) {
                    Ok(LineEffect::BeginAgain(again)) => {
                        self = *again;
                        continue 'again;
                    }
                    Ok(effect) => each(&self, &line, effect)?,
                    Err(error) => return Ok(Err(error)),
                }
            }
            return Ok(Ok(self));
        }
    }

    /// Follows the log by one line.
    pub fn follow(&mut self, line: &Disclosure) -> Result<LineEffect, LineError> {
        self.follow_read(ReadLine::of(line))
    }

    /// Follows the log by one line that was read ahead.
    pub fn follow_read(&mut self, ReadLine { line, docket }: ReadLine<'_>) -> Result<LineEffect, LineError> {
        let index = self.tree.size();
        let fault = |kind| LineError { index, kind };
        if line.index != index {
            return Err(fault(LineErrorKind::Index { got: line.index }));
        }
        let entry = Entry::parse(&line.entry).map_err(|_| fault(LineErrorKind::Entry))?;
        let logged_at = entry.logged_at;
        if self.logged_at().is_some_and(|last| entry.check_follows(last).is_err()) {
            return Err(fault(LineErrorKind::LoggedAt));
        }
        let followed = match (&line.docket, docket, entry.logged) {
            (None, None, EntryContent::Anchors(_)) if index != 0 => LineEffect::Anchors,
            (Some(disclosed), Some(read), EntryContent::Docket { docket, signatures }) => {
                let borne_out = read.as_ref().map_or_else(
                    |_| Entry::of_docket(logged_at, &disclosed.envelope) == entry,
                    |read| read.payload_hash() == docket && read.signatures == signatures,
                );
                if !borne_out {
                    return Err(fault(LineErrorKind::Envelope));
                }
                match self.follow_docket(Moment { index, logged_at }, disclosed, read).map_err(fault)? {
                    LineEffect::BeginAgain(again) => return Ok(LineEffect::BeginAgain(again)),
                    followed => followed,
                }
            }
            _ => return Err(fault(LineErrorKind::Entry)),
        };
        self.tree.push(entry.leaf_hash());
        self.history.logged_at.push(logged_at);
        Ok(followed)
    }

    fn follow_docket(
        &mut self,
        moment: Moment,
        disclosed: &DocketDisclosure,
        read: Result<ReadDocket<&DocketDisclosure>, ReadError>,
    ) -> Result<LineEffect, LineErrorKind> {
        let told = self.taken_over.contains(&moment.index);
        let (docket, refusal) = match &read {
            Err(ReadError::NotBorneOut(fault)) => return Err(*fault),
            Err(ReadError::Docket(_)) => (None, None),
            Err(ReadError::Refused(docket, _)) => (Some(&**docket), None),
            Ok(read) if told => (Some(read.docket()), None),
            Ok(read) => match self.count(moment, read) {
                Ok(()) => {
                    self.note_lacking(moment.index, read.docket(), disclosed);
                    return Ok(LineEffect::Counted);
                }
                Err(ItemsError::BeginAgain(uncounted)) => {
                    return Ok(LineEffect::BeginAgain(Box::new(self.again(uncounted))));
                }
                Err(ItemsError::Refused(refusal)) => (Some(read.docket()), Some(refusal)),
            },
        };
        if let Some(docket) = docket {
            self.note_lacking(moment.index, docket, disclosed);
            self.uncounted_records.extend(docket.items.iter().map(|item| (item.record, item.kind)));
            for (position, (item, _)) in
                (0..).zip(docket.items.iter().zip(&disclosed.items)).filter(|(_, (_, shown))| shown.is_some())
            {
                let place = Place { index: moment.index, position };
                self.uncounted_disclosed.entry(item.record).or_default().push(place);
            }
        }
        self.uncounted.insert(moment.index);
        Ok(LineEffect::NotCounted(match (refusal, read) {
            (Some(refusal), _) => refusal,
            (None, Err(unread @ ReadError::Docket(_))) => unread.into(),
            (None, Err(unread)) if !told => unread.into(),
            (None, _) => RuleError::ToldUncounted,
        }))
    }

    /// Checks every rule of formats §5 and, if all hold, lets the docket have its effect.
    fn count<D: Borrow<DocketDisclosure>>(&mut self, moment: Moment, read: &ReadDocket<D>) -> Result<(), ItemsError> {
        let (docket, statements, payload) = (read.docket(), read.statements(), read.payload_hash());
        Self::check_when(moment, docket)?;
        self.check_who(moment, docket, &read.disclosed().envelope, statements)?;
        self.check_unused(docket, payload)?;
        let mut staged = state::DocketChanges::default();
        let taken = self.take_items(moment, docket, statements, &mut staged);
        match taken {
            Ok(()) => {
                self.keep(moment, (docket, statements), payload, staged);
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
        staged: &mut state::DocketChanges,
    ) -> Result<(), ItemsError> {
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
