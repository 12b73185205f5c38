//! A session: the panel sits on items with their drafts, votes in secret, opens the votes, and they are counted.

use std::collections::{BTreeMap, BTreeSet};

use callboard_federation::encoding::{Hash, KeyId, Octets, Time};

use super::{
    Case, Stage, Taken,
    act::Proposal,
    error::Why,
    item::ItemState,
    law::{Law, Seat},
    number::ItemNumber,
    vote::{self, Choice, OpenedVote},
};

/// A session of the panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// The number of the event that opened it.
    pub seq: u64,
    /// What is voted on.
    pub items: BTreeMap<ItemNumber, Vec<Hash>>,
    /// The panel as it was then: votes stand by seat.
    pub panel: Vec<Seat>,
    pub seal_by: Time,
    pub open_by: Time,
    /// Who is there, by holder.
    pub present: BTreeMap<String, Ballot>,
    /// Who was recused from which item when the first vote was opened.
    recused_at_opening: BTreeSet<(String, ItemNumber)>,
}

/// The longest session, from when it is opened: what nobody ends may not hold a case up.
const MAX_SESSION_DAYS: i64 = 31;

/// What a seat that is present did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ballot {
    /// What it committed to, and under which key.
    pub sealed: Option<(KeyId, Hash)>,
    pub vote: Option<OpenedVote>,
}

impl Session {
    fn seat(&self, holder: &str) -> Result<&Seat, Why> {
        self.panel.iter().find(|seat| seat.holder == holder).ok_or(Why::NotOnPanel)
    }

    /// Whether votes are sealed no more: each seat that may vote has, or the time is up.
    pub fn is_sealed(&self, case: &Case, at: Time) -> bool {
        let has_sealed = |seat: &Seat| self.present.get(&seat.holder).is_some_and(|ballot| ballot.sealed.is_some());
        let mut voters = self.panel.iter().filter(|seat| self.items.keys().any(|item| !case.is_recused(seat, *item)));
        at > self.seal_by || voters.all(has_sealed)
    }

    /// Holders who committed to a vote and didn't open it.
    pub fn unopened(&self) -> impl Iterator<Item = &String> {
        let withheld = |ballot: &Ballot| ballot.sealed.is_some() && ballot.vote.is_none();
        self.present.iter().filter(move |(_, ballot)| withheld(ballot)).map(|(holder, _)| holder)
    }

    /// Whether an item was carried: by those who weren't recused from it when the first vote was opened, and by those
    /// who aren't by now. So whoever saw the votes tips nothing by being recused.
    pub fn is_carried(&self, case: &Case, number: ItemNumber) -> bool {
        let was_recused = |seat: &Seat| self.recused_at_opening.contains(&(seat.holder.clone(), number));
        self.is_carried_by(case, number, |seat| !was_recused(seat))
            && self.is_carried_by(case, number, |seat| !case.is_recused(seat, number))
    }

    /// Enough of the panel are able and present, and enough of these in favour. A vote that wasn't opened is present and
    /// not in favour.
    fn is_carried_by(&self, case: &Case, number: ItemNumber, is_able: impl Fn(&Seat) -> bool) -> bool {
        let able: Vec<&Seat> = self.panel.iter().filter(|seat| is_able(seat)).collect();
        let present: Vec<&Ballot> = able.iter().filter_map(|seat| self.present.get(&seat.holder)).collect();
        let in_favour = |ballot: &&&Ballot| ballot.vote.as_ref().is_some_and(|vote| vote.on(number) == Choice::For);
        let in_favour = present.iter().filter(in_favour).count();
        u32::try_from(able.len()).unwrap_or(u32::MAX) >= case.terms.least_seats
            && case.terms.quorum.is_reached(present.len(), able.len())
            && in_favour > 0
            && case.terms.majority.is_reached(in_favour, present.len())
    }

    /// What was carried here last and isn't dropped, with its drafts.
    pub fn carried(&self, case: &Case) -> BTreeMap<ItemNumber, Vec<Hash>> {
        let stands = |number: &ItemNumber| {
            let is_last = case.items.get(number).is_some_and(|item| item.state == ItemState::Carried(self.seq));
            is_last && self.is_carried(case, *number)
        };
        self.items
            .iter()
            .filter(|(number, _)| stands(number))
            .map(|(number, drafts)| (*number, drafts.clone()))
            .collect()
    }
}

impl Case {
    /// The panel sits only on who was heard, and only where enough of its seats may decide.
    pub(super) fn open_session(
        &mut self,
        proposals: Vec<Proposal>,
        seal_by: Time,
        open_by: Time,
        taken: &Taken<'_>,
        law: &Law<'_>,
    ) -> Result<(), Why> {
        if matches!(self.stage, Stage::Sitting(_)) {
            return Err(Why::SessionSitting);
        }
        if taken.at >= seal_by || seal_by >= open_by || open_by > taken.at.plus_days(MAX_SESSION_DAYS) {
            return Err(Why::SessionTimes);
        }
        if self.panel.draw.is_some() {
            return Err(Why::DrawState);
        }
        if self.panel.seats.is_empty() {
            return Err(Why::NoPanel);
        }
        let panel: Vec<Seat> = self.panel_seats(law, taken.at).into_iter().cloned().collect();
        let items: BTreeMap<_, _> = proposals.into_iter().map(|proposal| (proposal.item, proposal.drafts)).collect();
        self.check_unchallenged(items.keys())?;
        for number in items.keys() {
            self.check_heard(*number, taken.at)?;
            self.check_asked(*number)?;
            if !self.is_enough(&panel, *number) {
                return Err(Why::PanelShort(*number));
            }
            self.check_known(&panel, *number, taken.at, law)?;
            let carried_by = self.items.get(number).and_then(|item| match item.state {
                ItemState::Carried(session) => self.sessions.get(&session),
                _ => None,
            });
            if carried_by.is_some_and(|session| session.is_carried(self, *number)) {
                return Err(Why::ItemDecided(*number));
            }
        }
        // What was ordered before the panel sits, and isn't logged, isn't to come after it.
        self.overtake_interims(taken, |item| items.contains_key(&item));
        let seq = taken.seq;
        let (present, recused_at_opening) = (BTreeMap::new(), BTreeSet::new());
        self.stage = Stage::Sitting(Session { seq, items, panel, seal_by, open_by, present, recused_at_opening });
        Ok(())
    }

    /// The open session of that number, and the seat of its panel that acts.
    fn sitting<'c>(&'c self, number: u64, taken: &Taken<'_>) -> Result<(&'c Session, &'c Seat), Why> {
        let Stage::Sitting(session) = &self.stage else { return Err(Why::SessionUnknown) };
        if session.seq != number {
            return Err(Why::SessionUnknown);
        }
        let seat = session.seat(&taken.seat()?.holder)?;
        Ok((session, seat))
    }

    fn ballot(&mut self, holder: &str) -> Result<&mut Ballot, Why> {
        let Stage::Sitting(session) = &mut self.stage else { return Err(Why::SessionUnknown) };
        session.present.get_mut(holder).ok_or(Why::VoteAbsent)
    }

    pub(super) fn come(&mut self, number: u64, taken: &Taken<'_>) -> Result<(), Why> {
        let (session, seat) = self.sitting(number, taken)?;
        if session.items.keys().all(|item| self.is_recused(seat, *item)) {
            return Err(Why::SeatRecused);
        }
        if session.is_sealed(self, taken.at) {
            return Err(Why::VoteClosed);
        }
        let holder = seat.holder.clone();
        let Stage::Sitting(session) = &mut self.stage else { return Err(Why::SessionUnknown) };
        if session.present.contains_key(&holder) {
            return Err(Why::SeatTwice);
        }
        session.present.insert(holder, Ballot::default());
        Ok(())
    }

    pub(super) fn seal_vote(&mut self, number: u64, commitment: Hash, taken: &Taken<'_>) -> Result<(), Why> {
        let (session, seat) = self.sitting(number, taken)?;
        if session.is_sealed(self, taken.at) {
            return Err(Why::VoteClosed);
        }
        self.check_unchallenged(session.items.keys())?;
        let (holder, key) = (seat.holder.clone(), taken.seat()?.key);
        let ballot = self.ballot(&holder)?;
        if ballot.sealed.is_some() {
            return Err(Why::SeatTwice);
        }
        ballot.sealed = Some((key, commitment));
        Ok(())
    }

    pub(super) fn open_vote(
        &mut self,
        number: u64,
        secret: &Octets<32>,
        bytes: &str,
        taken: &Taken<'_>,
    ) -> Result<(), Why> {
        let case = self.id();
        let (session, seat) = self.sitting(number, taken)?;
        if taken.at > session.open_by {
            return Err(Why::VoteLate);
        }
        if !session.is_sealed(self, taken.at) {
            return Err(Why::VoteNotYet);
        }
        let vote = OpenedVote::read(bytes.as_bytes(), |item| session.items.contains_key(&item));
        let vote = vote.ok_or(Why::VoteMalformed)?;
        let holder = seat.holder.clone();
        let recused = session.present.values().all(|ballot| ballot.vote.is_none()).then(|| {
            let pairs = session.panel.iter().flat_map(|seat| session.items.keys().map(move |item| (seat, *item)));
            let recused = pairs.filter(|(seat, item)| self.is_recused(seat, *item));
            recused.map(|(seat, item)| (seat.holder.clone(), item)).collect()
        });
        let ballot = self.ballot(&holder)?;
        let (key, commitment) = ballot.sealed.ok_or(Why::VoteCommitment)?;
        if vote::sealed(case, number, &key, secret, bytes.as_bytes()) != commitment {
            return Err(Why::VoteCommitment);
        }
        if ballot.vote.is_some() {
            return Err(Why::SeatTwice);
        }
        ballot.vote = Some(vote);
        if let (Stage::Sitting(session), Some(recused)) = (&mut self.stage, recused) {
            session.recused_at_opening = recused;
        }
        Ok(())
    }

    /// The votes are counted once all are open, or the time to open them is over.
    pub(super) fn close_session(&mut self, number: u64, at: Time) -> Result<(), Why> {
        let Stage::Sitting(session) = &self.stage else { return Err(Why::SessionUnknown) };
        if session.seq != number {
            return Err(Why::SessionUnknown);
        }
        let is_done = session.is_sealed(self, at) && session.unopened().next().is_none();
        if !is_done && at <= session.open_by {
            return Err(Why::VoteUnopened);
        }
        let session = session.clone();
        for item in session.items.keys() {
            let state = if session.is_carried(self, *item) { ItemState::Carried } else { ItemState::VotedDown };
            if let Some(item) = self.items.get_mut(item).filter(|item| !item.is_dropped()) {
                item.state = state(number);
            }
        }
        self.panel.out.extend(session.unopened().cloned());
        self.sessions.insert(number, session);
        self.stage = Stage::Open;
        Ok(())
    }
}
