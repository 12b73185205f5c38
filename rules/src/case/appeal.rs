//! What happens behind a decision: it is told, it may be objected to for as long as the policy says, and another case
//! hears the objection. Implements `docs/formats.md` §15, «Objection».
//!
//! The objection is an event of the first case, so that whoever has that chain sees that it is in time and the only
//! one. The case that hears it names that event, and is asked with the first case as it was then: nothing that is said
//! in the first case later changes who may sit in the second.

use std::collections::{BTreeMap, BTreeSet};

use callboard_federation::{
    docket::Of,
    encoding::{CaseId, Hash, RecordId, Time},
    records::Records,
    roster::Role,
    statement::{Kind, PolicyRef},
};
use serde::Serialize;

use super::{
    Case, Stage, Taken,
    act::{Act, Addressee, AppealOf, Filer},
    error::Why,
    item::{Item, ItemState, MAX_NOTICE_DAYS},
    law::{Law, Seat, Who},
    number::ItemNumber,
    panel::may_sit,
    resolution::Source,
};

/// What a case is an appeal of.
#[derive(Debug, Clone, PartialEq)]
pub struct Appeal {
    /// The first case, and the event by which the appeal was filed there.
    pub of: AppealOf,
    /// How it was filed.
    pub filed: Filed,
    /// Who took a part in deciding the first case, by holder.
    pub deciders: BTreeSet<String>,
    /// The items of the first case that it is about.
    first: BTreeMap<ItemNumber, Item>,
}

/// An objection, as the first case has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    pub items: Vec<ItemNumber>,
    /// The case that hears it.
    pub heard_by: CaseId,
    pub filed_at: Time,
    pub by: Filer,
    /// It came on paper.
    pub paper: bool,
}

/// What became of an appeal of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It isn't decided yet.
    Waiting,
    /// Nobody can hear it who didn't decide first.
    NoPanel,
    /// What was decided stays.
    Upheld,
    /// Something else was decided in its place.
    Varied,
    /// What was decided is taken back.
    Annulled,
    /// It wasn't pursued.
    Dropped,
}

/// What is to be drafted about disputes, by items of the first case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Disputes {
    pub to_dispute: Vec<ItemNumber>,
    pub to_end: Vec<ItemNumber>,
}

/// Whether a dispute of a record holds.
fn is_disputed(records: &Records, record: RecordId) -> bool {
    let mut disputes = records.about(record).filter(|about| about.kind == Kind::Dispute);
    disputes.any(|dispute| records.about(dispute.id).all(|about| about.kind != Kind::End))
}

impl Appeal {
    /// The appeal that a case of this id and policy is opened with.
    pub(super) fn begin(of: AppealOf, id: CaseId, policy: &PolicyRef, law: &Law<'_>) -> Result<Self, Why> {
        let first = law.appealed.get(&(of.case, of.event)).ok_or(Why::EarlierUnknown(of.case))?;
        let filed = first.appeals.get(&of.event).ok_or(Why::AppealUnknown)?.clone();
        if filed.heard_by != id {
            return Err(Why::AppealOther(filed.heard_by));
        }
        if first.policy != *policy {
            return Err(Why::AppealPolicy);
        }
        let items = filed.items.iter().filter_map(|number| Some((*number, first.items.get(number)?.clone())));
        Ok(Self { of, deciders: first.deciders(), first: items.collect(), filed })
    }

    /// The items of the first case that it is about.
    pub fn items(&self) -> impl Iterator<Item = ItemNumber> {
        self.first.keys().copied()
    }
}

/// A stay, which one has until the appeal is decided: an item of its own.
fn is_stay(item: &Item) -> bool {
    item.decides.iter().all(|key| key.kind == Kind::Stay)
}

impl Case {
    pub(super) fn notify_decision(
        &mut self,
        items: &[ItemNumber],
        to: Addressee,
        delivered_at: Time,
        taken: &Taken<'_>,
        law: &Law<'_>,
    ) -> Result<(), Why> {
        self.check_decided(items, delivered_at)?;
        self.check_messenger(items, delivered_at, taken)?;
        self.check_addressee(items, to)?;
        let object_by =
            self.terms.objection_days.map(|days| self.window(self.terms.date(delivered_at), days, taken.at, law));
        self.each(items, |item| item.tell(object_by));
        Ok(())
    }

    pub(super) fn publish_decision(
        &mut self,
        items: &[ItemNumber],
        published_at: Time,
        taken: &Taken<'_>,
        law: &Law<'_>,
    ) -> Result<(), Why> {
        self.check_decided(items, published_at)?;
        self.check_times(items, published_at, taken.at)?;
        self.check_publication(items, published_at, |item| item.issued_at)?;
        let served = self.terms.served_on(published_at);
        let days = self.terms.objection_days;
        let object_by = days.map(|days| served.and_then(|day| self.window(day, days, taken.at, law)));
        self.each(items, |item| item.tell(object_by));
        Ok(())
    }

    /// An objection in time, the only one, to what was decided of these items.
    pub(super) fn file_appeal(&mut self, filed: Filed, taken: &Taken<'_>) -> Result<(), Why> {
        if self.appeal.is_some() {
            return Err(Why::AppealFinal);
        }
        self.check_decided(&filed.items, filed.filed_at)?;
        if filed.filed_at > taken.at || filed.filed_at.plus_days(MAX_NOTICE_DAYS) < taken.at {
            return Err(Why::NoticeTime);
        }
        if filed.heard_by == self.id() || self.appeals.values().any(|other| other.heard_by == filed.heard_by) {
            return Err(Why::AppealOther(filed.heard_by));
        }
        if let Some(number) = self.first(&filed.items, |item| item.appealed.is_some()) {
            return Err(Why::AppealTwice(number));
        }
        let on = self.terms.date(filed.filed_at);
        for number in &filed.items {
            if let Some(Some(Ok(last))) = self.items.get(number).map(|item| item.object_by)
                && on > last
            {
                return Err(Why::AppealLate(*number, last));
            }
        }
        let case = filed.heard_by;
        self.each(&filed.items, |item| item.appealed = Some(case));
        self.appeals.insert(taken.seq, filed);
        Ok(())
    }

    /// Whether a docket decided each of these, not after that time.
    pub(super) fn check_decided(&self, items: &[ItemNumber], at: Time) -> Result<(), Why> {
        for number in items {
            let item = self.items.get(number).ok_or(Why::ItemUnknown(*number))?;
            let issued_at = item.issued_at.ok_or(Why::NotDecided(*number))?;
            if at < issued_at {
                return Err(Why::DecisionTime(*number));
            }
        }
        Ok(())
    }

    /// Everyone who took a part in deciding it: was present, resolved, confirmed, ordered, took back, decided a challenge.
    pub fn deciders(&self) -> BTreeSet<String> {
        let resolutions = self.resolutions.values();
        let resolved = resolutions.flat_map(|resolution| {
            let confirmed = resolution.confirmed.iter().map(|seat| &seat.holder);
            confirmed.chain(&resolution.resolved_by).cloned()
        });
        let challenges = self.challenges.values().filter_map(|challenge| challenge.decided_by.clone());
        let withdrew = self.withdrawals.values().flatten().cloned();
        self.sat().into_iter().chain(resolved).chain(challenges).chain(withdrew).collect()
    }

    /// Whether it is a seat of a panel or a chair who decided first, in the case that this is an appeal of.
    pub fn is_decider(&self, seat: &Seat) -> bool {
        self.appeal.is_some() && may_sit(seat.role) && self.sat_before.contains(&seat.holder)
    }

    /// In an appeal, whoever decided first takes no part, but for ordering a stay where nobody else can.
    pub(super) fn check_appeal_seat(&self, act: &Act, taken: &Taken<'_>) -> Result<(), Why> {
        let Who::Seat(seat) = taken.who else { return Ok(()) };
        if !self.is_decider(seat) {
            return Ok(());
        }
        let is_of_stay = match act {
            Act::InterimProposed { .. } => true,
            Act::Resolved { of, .. } => self.interims.contains_key(of),
            _ => false,
        };
        if is_of_stay { Ok(()) } else { Err(Why::SeatRecused) }
    }

    /// In an appeal each item is about one of the first case, and decides a stay, the end of one, or an annulment with what
    /// comes in its place. Whom that one concerned, this one does.
    pub(super) fn check_appeals(
        &self,
        item: &mut Item,
        number: ItemNumber,
        appeals: Option<ItemNumber>,
    ) -> Result<(), Why> {
        let (appeal, of) = match (&self.appeal, appeals) {
            (None, None) => return Ok(()),
            (Some(appeal), Some(of)) => (appeal, of),
            _ => return Err(Why::AppealItem(number)),
        };
        let first = appeal.first.get(&of).ok_or(Why::AppealItem(number))?;
        let is_end_of_stay = |kind, about| kind == Kind::End && about == Some(Of::About(Kind::Stay));
        let all_are = |is_so: &dyn Fn(Kind, Option<Of>) -> bool| item.decides.iter().all(|key| is_so(key.kind, key.of));
        let annuls = item.decides.iter().any(|key| key.kind == Kind::Annulment);
        let is_varied = |kind, _| matches!(kind, Kind::Annulment | Kind::Ruling | Kind::Link);
        if !(is_stay(item) || all_are(&is_end_of_stay) || (annuls && all_are(&is_varied))) {
            return Err(Why::AppealDecides(number));
        }
        item.appeals = Some(of);
        item.minor |= first.minor;
        item.hosts.extend(first.hosts.iter().cloned());
        item.conflicted.extend(first.conflicted.iter().cloned());
        Ok(())
    }

    /// Whether no panel can be formed on an item of an appeal: too few seats are left, or no chair to name it and confirm.
    pub fn lacks_panel(&self, number: ItemNumber, law: &Law<'_>, at: Time) -> bool {
        self.appeal.is_some() && self.lacks_seats(|seat| self.is_recused(seat, number), law, at)
    }

    fn lacks_seats(&self, is_recused: impl Fn(&Seat) -> bool, law: &Law<'_>, at: Time) -> bool {
        let able = || law.seats(at).filter(|seat| !self.panel.out.contains(&seat.holder) && !is_recused(seat));
        let of_panel =
            able().filter(|seat| if self.terms.is_drawn { seat.role == Role::Panel } else { may_sit(seat.role) });
        let chairs = able().filter(|seat| seat.role == Role::Chair).count();
        let asked = self.terms.chairs.max(u32::from(!self.terms.is_drawn));
        let is_less = |count: usize, asked: u32| u32::try_from(count).unwrap_or(u32::MAX) < asked;
        is_less(of_panel.count(), self.terms.least_seats) || is_less(chairs, asked)
    }

    /// By when a stay is to be ordered where no panel can be formed.
    pub fn stay_due_at(&self) -> Option<Time> {
        Some(self.opened_at.plus_days(i64::from(self.terms.appeal.stay_days))).filter(|_| self.appeal.is_some())
    }

    /// Whether an interim may be proposed or ordered for an item: in an appeal a stay, and only where no panel can be
    /// formed.
    pub(super) fn check_interim(&self, number: ItemNumber, law: &Law<'_>, at: Time) -> Result<(), Why> {
        if self.appeal.is_none() {
            return Ok(());
        }
        if !self.items.get(&number).is_some_and(is_stay) {
            return Err(Why::AppealInterim(number));
        }
        if self.lacks_panel(number, law, at) { Ok(()) } else { Err(Why::PanelPossible(number)) }
    }

    /// The seats that may order a stay and haven't.
    pub fn stay_unsigned(&self, proposal: u64, law: &Law<'_>, at: Time) -> Vec<String> {
        let Some(interim) = self.interims.get(&proposal) else { return Vec::new() };
        let may = |seat: &&Seat| {
            self.terms.appeal.stay_seats.iter().any(|asked| asked.role == seat.role)
                && !self.is_recused_here(seat, interim.item)
                && !interim.orders.iter().any(|order| order.holder == seat.holder)
        };
        let mut holders: Vec<String> = law.seats(at).filter(may).map(|seat| seat.holder.clone()).collect();
        holders.sort();
        holders
    }

    /// What became of the appeal of each item of the first case.
    pub fn outcomes(&self, law: &Law<'_>, at: Time) -> BTreeMap<ItemNumber, Outcome> {
        let of_first = |first: ItemNumber| {
            let of_it = self.items.iter().filter(move |(_, item)| item.appeals == Some(first));
            let annuls = |item: &Item| item.decides.iter().any(|key| key.kind == Kind::Annulment);
            of_it.filter(move |(_, item)| annuls(item)).map(|(number, item)| self.outcome(*number, item, law, at))
        };
        let none = || {
            let is_recused = |seat: &Seat| self.sat_before.contains(&seat.holder);
            if self.lacks_seats(is_recused, law, at) { Outcome::NoPanel } else { Outcome::Waiting }
        };
        let appeal = self.appeal.iter().flat_map(Appeal::items);
        // Of two items about one, what took more back is what became of it.
        appeal
            .map(|first| {
                (
                    first,
                    of_first(first)
                        .filter(|one| *one != Outcome::Dropped)
                        .max()
                        .unwrap_or_else(|| if self.is_closed() { Outcome::Dropped } else { none() }),
                )
            })
            .collect()
    }

    fn outcome(&self, number: ItemNumber, item: &Item, law: &Law<'_>, at: Time) -> Outcome {
        match item.state {
            ItemState::Issued if item.decides.iter().any(|key| key.kind != Kind::Annulment) => Outcome::Varied,
            ItemState::Issued => Outcome::Annulled,
            ItemState::VotedDown(_) => Outcome::Upheld,
            ItemState::Dropped => Outcome::Dropped,
            ItemState::Pending if self.lacks_panel(number, law, at) => Outcome::NoPanel,
            ItemState::Pending | ItemState::Carried(_) => Outcome::Waiting,
        }
    }

    /// Stays of this appeal that hold although it is over: each is to be ended. By the item that decided it.
    pub fn stays_to_end(&self, law: &Law<'_>, at: Time) -> Vec<ItemNumber> {
        let outcomes = self.outcomes(law, at);
        let is_upheld = |first: &ItemNumber| matches!(outcomes.get(first), Some(Outcome::Upheld | Outcome::Dropped));
        let of = |kind: Kind| {
            let decides = move |item: &Item| item.decides.iter().any(|key| key.kind == kind);
            let of_kind = self.items.iter().filter(move |(_, item)| decides(item) && !item.is_dropped());
            of_kind.filter_map(|(number, item)| Some((*number, item.appeals?, item.state)))
        };
        let ending: BTreeSet<ItemNumber> = of(Kind::End).map(|(_, first, _)| first).collect();
        let held = of(Kind::Stay).filter(|(_, _, state)| *state == ItemState::Issued);
        let held = held.filter(|(_, first, _)| is_upheld(first) && !ending.contains(first));
        held.map(|(number, ..)| number).collect()
    }

    /// What is to be drafted about disputes of the first decision, whose records the log has: that they are disputed while
    /// the appeal waits, and that they aren't any more once it stays. By items of the first case.
    pub fn disputes(&self, law: &Law<'_>, at: Time) -> Disputes {
        let mut found = Disputes::default();
        let (Some(appeal), Some(records)) = (&self.appeal, law.records) else { return found };
        let mut by_docket: BTreeMap<Hash, [Vec<ItemNumber>; 2]> = BTreeMap::new();
        for (first, outcome) in self.outcomes(law, at) {
            let Some(docket) = appeal.first.get(&first).and_then(|item| item.docket) else { continue };
            let [waiting, stays] = by_docket.entry(docket).or_default();
            match outcome {
                Outcome::Waiting | Outcome::NoPanel => waiting.push(first),
                Outcome::Upheld | Outcome::Dropped => stays.push(first),
                Outcome::Varied | Outcome::Annulled => {}
            }
        }
        for (docket, [waiting, stays]) in by_docket {
            let Some(index) = law.docket(&docket).map(|logged| logged.index) else { continue };
            let of_docket = records.iter().filter(|record| record.place.index == index);
            let disputed = of_docket.filter(|record| is_disputed(records, record.id)).count();
            // Which record is about which item, the case doesn't say: but how many of them are disputed can be counted.
            if disputed < waiting.len() {
                found.to_dispute.extend(waiting);
            } else if disputed > waiting.len() {
                found.to_end.extend(stays);
            }
        }
        found
    }

    /// An instant that was typed as a day, on which these were decided, isn't before they were.
    pub fn not_before_decision(&self, items: &[ItemNumber], at: Time) -> Time {
        let decided = items.iter().filter_map(|number| self.items.get(number)?.issued_at).max();
        decided.filter(|decided| *decided > at && self.terms.date(*decided) == self.terms.date(at)).unwrap_or(at)
    }

    pub(super) const fn is_closed(&self) -> bool {
        matches!(self.stage, Stage::Closed)
    }

    /// How what is ordered before a panel sits, or without one, is called.
    pub(super) const fn source_of_order(&self, of: u64) -> Source {
        if self.appeal.is_some() { Source::Stay(of) } else { Source::Interim(of) }
    }
}

impl Item {
    /// The first notice of which the window can be told counts.
    fn tell(&mut self, object_by: Option<Result<jiff::civil::Date, super::terms::Uncovered>>) {
        self.is_told = true;
        if !matches!(self.object_by, Some(Ok(_))) {
            self.object_by = object_by;
        }
    }
}
