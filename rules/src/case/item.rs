//! Subjects of a case: what may be decided about each, whom it concerns, and whether it was told and could answer.

use std::collections::BTreeSet;

use callboard_federation::{
    encoding::{CaseId, Hash, Time},
    members::MemberId,
    roster::{Role, RuleKey},
};
use jiff::civil::Date;

use super::{
    Case, Stage, Taken,
    act::{Addressee, Evidence, EvidenceKind, Hosts, MAX_ITEMS, burdens},
    error::Why,
    law::{Law, Who},
    number::ItemNumber,
    terms::Uncovered,
};

/// How long after it was told a notice may be proven: a post office's receipt takes weeks, and who knows of a window
/// only afterwards has none.
pub(super) const MAX_NOTICE_DAYS: i64 = 30;

/// One subject of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What may be decided about it.
    pub decides: Vec<RuleKey>,
    /// Under 18 at the conduct.
    pub minor: bool,
    /// How far it is.
    pub state: ItemState,
    /// The last day on which it may answer; or why no such day can be told.
    pub answer_by: Option<Result<Date, Uncovered>>,
    /// When the docket that decided it was logged.
    pub issued_at: Option<Time>,
    /// That docket, by the SHA-256 of its payload.
    pub docket: Option<Hash>,
    /// Whether what was decided was told.
    pub is_told: bool,
    /// The last day on which it may be objected to, once it was told; or why no such day can be told.
    pub object_by: Option<Result<Date, Uncovered>>,
    /// The case that hears the objection.
    pub appealed: Option<CaseId>,
    /// The kinds of evidence that there are.
    pub evidence: BTreeSet<EvidenceKind>,
    /// When reports came of how it goes with somebody who returned.
    pub probation_reports: BTreeSet<Time>,
    /// In an appeal: the item of the first case that it is about.
    pub appeals: Option<ItemNumber>,
    /// Who hosts it.
    pub(super) hosts: BTreeSet<MemberId>,
    /// Whose seats don't decide: who reported it, and who hosts it or has a contract with it.
    pub(super) conflicted: BTreeSet<MemberId>,
    added_at: Time,
    /// When attempts to tell it failed.
    pub(super) failed_at: BTreeSet<Time>,
    /// Whether somebody acts for it.
    pub(super) is_represented: bool,
}

/// How far an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState {
    /// Nothing is decided.
    Pending,
    /// What was put to the vote was carried in this session.
    Carried(u64),
    /// It wasn't.
    VotedDown(u64),
    /// What was decided is in the log.
    Issued,
    Dropped,
}

impl Item {
    pub(super) fn new(decides: Vec<RuleKey>, hosts: Hosts, reporters: Vec<MemberId>, minor: bool, at: Time) -> Self {
        let hosts: BTreeSet<_> = if let Hosts::Named(hosts) = hosts { hosts } else { Vec::new() }.into_iter().collect();
        let conflicted = hosts.iter().cloned().chain(reporters).collect();
        Self {
            decides,
            minor,
            state: ItemState::Pending,
            answer_by: None,
            issued_at: None,
            docket: None,
            is_told: false,
            object_by: None,
            appealed: None,
            evidence: BTreeSet::new(),
            probation_reports: BTreeSet::new(),
            appeals: None,
            hosts,
            conflicted,
            added_at: at,
            failed_at: BTreeSet::new(),
            is_represented: false,
        }
    }

    pub(super) fn is_dropped(&self) -> bool {
        self.state == ItemState::Dropped
    }

    /// Whether something may still be decided about it.
    pub(super) fn waits(&self) -> bool {
        !matches!(self.state, ItemState::Issued | ItemState::Dropped)
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, ItemState::Issued | ItemState::Dropped | ItemState::VotedDown(_))
    }

    pub(super) fn is_decided(&self) -> bool {
        matches!(self.state, ItemState::Issued | ItemState::Carried(_))
    }

    pub(super) fn is_hosted_by(&self, member: &MemberId) -> bool {
        self.hosts.contains(member)
    }

    pub(super) fn concerns(&self, member: &MemberId) -> bool {
        self.conflicted.contains(member)
    }

    /// Whether it must have been heard: something that burdens may be decided.
    pub fn is_to_be_heard(&self) -> bool {
        self.decides.iter().any(|key| burdens(*key))
    }

    /// Whether what it says now is in time.
    fn may_answer(&self, on: Date) -> bool {
        !matches!(self.answer_by, Some(Ok(last)) if on > last)
    }

    /// The first notice of which the window can be told counts: none that comes later makes it shorter.
    fn notice(&mut self, answer_by: Result<Date, Uncovered>) {
        if !matches!(self.answer_by, Some(Ok(_))) {
            self.answer_by = Some(answer_by);
        }
    }
}

impl Case {
    /// The item, unless it was dropped or decided.
    pub(super) fn pending(&self, number: ItemNumber) -> Result<&Item, Why> {
        let item = self.items.get(&number).ok_or(Why::ItemUnknown(number))?;
        match item.state {
            ItemState::Dropped => Err(Why::ItemDropped(number)),
            ItemState::Issued => Err(Why::ItemDecided(number)),
            _ => Ok(item),
        }
    }

    pub(super) fn known(&self, items: &[ItemNumber]) -> Result<(), Why> {
        items.iter().try_for_each(|item| self.pending(*item).map(drop))
    }

    /// The same, or it was decided by now: whoever is to be told of the decision.
    fn known_or_issued(&self, items: &[ItemNumber]) -> Result<(), Why> {
        let is_closed = matches!(self.stage, Stage::Closed);
        items.iter().try_for_each(|item| match self.pending(*item) {
            Err(Why::ItemDecided(_)) => Ok(()),
            Ok(_) if is_closed => Err(Why::Closed),
            other => other.map(drop),
        })
    }

    pub(super) fn represent(&mut self, items: &[ItemNumber]) -> Result<(), Why> {
        self.known(items)?;
        self.each(items, |item| item.is_represented = true);
        Ok(())
    }

    /// Does the same to each of these.
    pub(super) fn each(&mut self, items: &[ItemNumber], act: impl Fn(&mut Item)) {
        for number in items {
            if let Some(item) = self.items.get_mut(number) {
                act(item);
            }
        }
    }

    /// The first of these of which something is so.
    pub(super) fn first(&self, items: &[ItemNumber], is_so: impl Fn(&Item) -> bool) -> Option<ItemNumber> {
        items.iter().copied().find(|number| self.items.get(number).is_some_and(&is_so))
    }

    pub(super) fn add_item(&mut self, number: ItemNumber, item: Item) -> Result<(), Why> {
        if self.items.contains_key(&number) {
            return Err(Why::ItemRepeated(number));
        }
        if self.items.len() >= MAX_ITEMS {
            return Err(Why::List);
        }
        self.items.insert(number, item);
        // Who was recused from somebody who was dropped, or challenged, isn't back by their being added anew.
        let Self { recusals, challenges, items, .. } = self;
        let waiting = challenges.values_mut().filter(|challenge| challenge.upheld.is_none());
        let waiting = waiting.map(|challenge| &mut challenge.items);
        for of in recusals.values_mut().map(|recusal| &mut recusal.items).chain(waiting) {
            if of.iter().any(|of| items.get(of).is_some_and(Item::is_dropped)) {
                of.insert(number);
            }
        }
        Ok(())
    }

    pub(super) fn drop_item(&mut self, number: ItemNumber, taken: &Taken<'_>) -> Result<(), Why> {
        self.pending(number)?;
        if let Some(item) = self.items.get_mut(&number) {
            item.state = ItemState::Dropped;
        }
        self.overtake(taken, |_, item| item == number);
        Ok(())
    }

    /// A member's evidence makes it a reporter of these items: so it comes before the panel sits on them.
    pub(super) fn add_evidence(
        &mut self,
        items: &[ItemNumber],
        evidence: &[Evidence],
        taken: &Taken<'_>,
    ) -> Result<(), Why> {
        self.known(items)?;
        match taken.who {
            Who::Seat(seat) if seat.role == Role::Secretariat => {}
            Who::Member(member) => {
                if let Some(item) = items.iter().find(|item| self.has_sat_on(**item)) {
                    return Err(Why::ItemSitting(*item));
                }
                let mut new = BTreeSet::new();
                for number in items {
                    if let Some(item) = self.items.get_mut(number)
                        && item.conflicted.insert(member.clone())
                    {
                        new.insert(*number);
                    }
                }
                self.overtake(taken, |_, item| new.contains(&item));
            }
            _ => return Err(Why::Signer),
        }
        self.each(items, |item| item.evidence.extend(evidence.iter().map(|one| one.kind)));
        Ok(())
    }

    pub(super) fn notify(
        &mut self,
        items: &[ItemNumber],
        to: Addressee,
        delivered_at: Time,
        taken: &Taken<'_>,
        law: &Law<'_>,
    ) -> Result<(), Why> {
        self.known(items)?;
        self.check_messenger(items, delivered_at, taken)?;
        self.check_addressee(items, to)?;
        let answer_by = self.window(self.terms.date(delivered_at), self.terms.response_days, taken.at, law);
        self.each(items, |item| item.notice(answer_by));
        Ok(())
    }

    /// Of a minor the guardian is told, and a representative only where somebody acts for the subject.
    pub(super) fn check_addressee(&self, items: &[ItemNumber], to: Addressee) -> Result<(), Why> {
        let is_nobodys = |item: &Item| to == Addressee::Representative && !item.is_represented;
        if let Some(item) = self.first(items, is_nobodys) {
            return Err(Why::NoticeRepresentative(item));
        }
        if let Some(item) = self.first(items, |item| item.minor && to != Addressee::Guardian) {
            return Err(Why::NoticeGuardian(item));
        }
        Ok(())
    }

    pub(super) fn fail_notice(
        &mut self,
        items: &[ItemNumber],
        attempted_at: Time,
        taken: &Taken<'_>,
    ) -> Result<(), Why> {
        self.known_or_issued(items)?;
        self.check_messenger(items, attempted_at, taken)?;
        self.each(items, |item| {
            item.failed_at.insert(attempted_at);
        });
        Ok(())
    }

    pub(super) fn serve_by_publication(
        &mut self,
        items: &[ItemNumber],
        published_at: Time,
        taken: &Taken<'_>,
        law: &Law<'_>,
    ) -> Result<(), Why> {
        self.known(items)?;
        self.check_times(items, published_at, taken.at)?;
        self.check_publication(items, published_at, |_| None)?;
        let served = self.terms.served_on(published_at);
        let answer_by = served.and_then(|day| self.window(day, self.terms.response_days, taken.at, law));
        self.each(items, |item| item.notice(answer_by));
        Ok(())
    }

    /// Nothing of a minor is published, and of others only what couldn't be delivered, since the time that is told of each.
    pub(super) fn check_publication(
        &self,
        items: &[ItemNumber],
        published_at: Time,
        since: impl Fn(&Item) -> Option<Time>,
    ) -> Result<(), Why> {
        let attempts = usize::try_from(self.terms.attempts).unwrap_or(usize::MAX);
        if let Some(item) = self.first(items, |item| item.minor) {
            return Err(Why::NoticeMinor(item));
        }
        let failed = |item: &Item| {
            let since = since(item);
            let counts = |at: &&Time| **at <= published_at && since.is_none_or(|since| **at >= since);
            item.failed_at.iter().filter(counts).count()
        };
        let lacks = self.first(items, |item| failed(item) < attempts);
        lacks.map_or(Ok(()), |item| Err(Why::NoticeAttempts(item)))
    }

    /// An answer in time overtakes what was resolved before it; a later one is kept and read.
    pub(super) fn answer(&mut self, items: &[ItemNumber], taken: &Taken<'_>) -> Result<(), Why> {
        self.known(items)?;
        let on = self.terms.date(taken.at);
        let in_time = |item: &ItemNumber| self.items.get(item).is_some_and(|item| item.may_answer(on));
        let in_time: BTreeSet<ItemNumber> = items.iter().copied().filter(in_time).collect();
        self.overtake(taken, |_, item| in_time.contains(&item));
        Ok(())
    }

    /// The last day of a window of so many working days after `day`, as it can be told at that time.
    pub(super) fn window(&self, day: Date, days: u32, at: Time, law: &Law<'_>) -> Result<Date, Uncovered> {
        self.terms.window_after(day, days, None).or_else(|_| {
            let gone_on = law.gone_on(&self.terms.calendar, &self.policy.instrument, at);
            self.terms.window_after(day, days, Some(&gone_on))
        })
    }

    /// Whether the subject was told, and the time to answer is over.
    pub(super) fn check_heard(&self, number: ItemNumber, at: Time) -> Result<(), Why> {
        let item = self.pending(number)?;
        if !item.is_to_be_heard() {
            return Ok(());
        }
        match item.answer_by {
            None => Err(Why::NoticeMissing(number)),
            Some(Err(Uncovered(day))) => Err(Why::CalendarUnknown(day)),
            Some(Ok(last)) if self.terms.date(at) <= last => Err(Why::WindowOpen(number, last)),
            Some(Ok(_)) => Ok(()),
        }
    }

    /// Notice goes through a member that hosts the subject, or through the secretariat.
    pub(super) fn check_messenger(&self, items: &[ItemNumber], told_at: Time, taken: &Taken<'_>) -> Result<(), Why> {
        self.check_times(items, told_at, taken.at)?;
        match taken.who {
            Who::Seat(seat) if seat.role == Role::Secretariat => Ok(()),
            Who::Member(member) => {
                let stranger = self.first(items, |item| !item.hosts.contains(member));
                stranger.map_or(Ok(()), |item| Err(Why::NoticeHost(item)))
            }
            _ => Err(Why::Signer),
        }
    }

    pub(super) fn check_times(&self, items: &[ItemNumber], told_at: Time, at: Time) -> Result<(), Why> {
        let is_long_ago = told_at.plus_days(MAX_NOTICE_DAYS) < at;
        let is_before = self.first(items, |item| told_at < item.added_at).is_some();
        if told_at > at || is_long_ago || is_before { Err(Why::NoticeTime) } else { Ok(()) }
    }

    /// Whether the panel sits on the item right now.
    pub(super) fn is_sitting_on(&self, number: ItemNumber) -> bool {
        matches!(&self.stage, Stage::Sitting(session) if session.items.contains_key(&number))
    }

    /// Whether it does, or did.
    pub(super) fn has_sat_on(&self, number: ItemNumber) -> bool {
        self.is_sitting_on(number) || self.sessions.values().any(|session| session.items.contains_key(&number))
    }
}
