//! Who decides: the panel, who is recused from which items, challenges, and who takes another's place.

use std::collections::{BTreeMap, BTreeSet};

use callboard_federation::{
    encoding::{KeyId, Time},
    roster::Role,
};

use super::{
    Case, Stage, Taken,
    draw::Draw,
    error::Why,
    law::{Law, Seat},
    number::ItemNumber,
    terms::Uncovered,
};

/// Who decides.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Panel {
    /// The holders of its seats, each with when it came onto it.
    pub seats: BTreeMap<String, Time>,
    /// Holders who withheld what they had committed to: they are out of the next panel.
    pub out: BTreeSet<String>,
    /// A draw on its way.
    pub draw: Option<Draw>,
    /// The holders in the order of the draw, if it was drawn.
    pub order: Option<Vec<String>>,
}

/// From what a seat is recused, by its own word or by a challenge.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recusal {
    pub is_whole: bool,
    pub items: BTreeSet<ItemNumber>,
}

/// That the subject asks that a seat doesn't decide.
#[derive(Debug, Clone, PartialEq)]
pub struct Challenge {
    pub holder: String,
    pub items: BTreeSet<ItemNumber>,
    pub upheld: Option<bool>,
    /// Who decided it.
    pub decided_by: Option<String>,
}

impl Challenge {
    /// Whether it waits to be decided, and is about an item.
    pub(super) fn is_open_on(&self, number: ItemNumber) -> bool {
        self.upheld.is_none() && self.items.contains(&number)
    }
}

impl Case {
    /// Whether a seat decides nothing about an item: by rule, by its own word, or by a challenge.
    pub fn is_recused(&self, seat: &Seat, number: ItemNumber) -> bool {
        self.sat_before.contains(&seat.holder) || self.is_recused_here(seat, number)
    }

    /// The same, but for what it decided before.
    pub(super) fn is_recused_here(&self, seat: &Seat, number: ItemNumber) -> bool {
        let is_of = |member| self.items.get(&number).is_some_and(|item| item.concerns(member));
        let is_named = |recusal: &Recusal| recusal.is_whole || recusal.items.contains(&number);
        seat.member.as_ref().is_some_and(is_of) || self.recusals.get(&seat.holder).is_some_and(is_named)
    }

    fn is_recused_from_case(&self, seat: &Seat) -> bool {
        self.sat_before.contains(&seat.holder)
            || self.recusals.get(&seat.holder).is_some_and(|recusal| recusal.is_whole)
    }

    /// Whether it decides about nothing that waits.
    fn is_recused_from_all(&self, seat: &Seat) -> bool {
        let mut pending = self.waiting().peekable();
        self.is_recused_from_case(seat)
            || (pending.peek().is_some() && pending.all(|number| self.is_recused(seat, number)))
    }

    /// The items about which something may still be decided.
    pub(super) fn waiting(&self) -> impl Iterator<Item = ItemNumber> {
        self.items.iter().filter(|(_, item)| item.waits()).map(|(number, _)| *number)
    }

    /// The panel's seats as the roster of that time has them, without those that are out or have another role by now.
    pub(super) fn panel_seats<'l>(&self, law: &'l Law<'_>, at: Time) -> Vec<&'l Seat> {
        let holders = self.panel.seats.keys().filter(|holder| !self.panel.out.contains(*holder));
        holders.filter_map(|holder| law.holder(holder, at)).filter(|seat| may_sit(seat.role)).collect()
    }

    /// The items that the panel can't decide: too few of its seats aren't recused.
    pub fn short_items(&self, law: &Law<'_>, at: Time) -> Vec<ItemNumber> {
        let seats = self.panel_seats(law, at);
        self.waiting().filter(|number| !self.is_enough(&seats, *number)).collect()
    }

    pub(super) fn is_enough<S: std::borrow::Borrow<Seat>>(&self, seats: &[S], number: ItemNumber) -> bool {
        let able = seats.iter().filter(|seat| !self.is_recused((*seat).borrow(), number)).count();
        u32::try_from(able).unwrap_or(u32::MAX) >= self.terms.least_seats
    }

    /// A panel is named anew before it sits, or when it can't decide.
    pub(super) fn check_panel_open(&self, law: &Law<'_>, at: Time) -> Result<(), Why> {
        if matches!(self.stage, Stage::Sitting(_)) {
            return Err(Why::SessionSitting);
        }
        let has_sat = !self.sessions.is_empty();
        if has_sat && self.short_items(law, at).is_empty() { Err(Why::PanelSat) } else { Ok(()) }
    }

    /// Whether a seat may sit on a panel of this case.
    fn check_eligible(&self, seat: &Seat) -> Result<(), Why> {
        if !may_sit(seat.role) {
            return Err(Why::SeatRole);
        }
        if self.panel.out.contains(&seat.holder) {
            return Err(Why::SeatOut);
        }
        if self.is_recused_from_all(seat) { Err(Why::SeatRecused) } else { Ok(()) }
    }

    /// All seats that may be drawn, by their keys: of the panel's role, not out, not recused from everything.
    pub fn eligible<'l>(&self, law: &'l Law<'_>, at: Time) -> Vec<&'l Seat> {
        let mut seats: Vec<_> = law.seats(at).filter(|seat| seat.role == Role::Panel).collect();
        seats.retain(|seat| self.check_eligible(seat).is_ok());
        seats.sort_by_key(|seat| seat.key);
        seats
    }

    pub(super) fn name_panel(&mut self, keys: &[KeyId], taken: &Taken<'_>, law: &Law<'_>) -> Result<(), Why> {
        if self.terms.is_drawn {
            return Err(Why::PanelDrawn);
        }
        self.check_panel_open(law, taken.at)?;
        let mut seats = BTreeMap::new();
        for key in keys {
            let seat = law.seat(key, taken.at).ok_or(Why::SeatUnknown)?;
            self.check_eligible(seat)?;
            let since = self.panel.seats.get(&seat.holder).copied().unwrap_or(taken.at);
            seats.insert(seat.holder.clone(), since);
        }
        // Once it sat, another can't be put in the place of one that may still decide.
        let stays = |seat: &Seat| self.check_eligible(seat).is_ok() && !seats.contains_key(&seat.holder);
        if !self.sessions.is_empty() && self.panel_seats(law, taken.at).into_iter().any(stays) {
            return Err(Why::PanelKept);
        }
        self.panel.seats = seats;
        self.panel.order = None;
        Ok(())
    }

    /// Whether the subject of an item knew long enough who would sit on it to challenge a seat.
    pub(super) fn check_known(&self, panel: &[Seat], number: ItemNumber, at: Time, law: &Law<'_>) -> Result<(), Why> {
        let days = self.terms.challenge_days;
        if days == 0 || !self.items.get(&number).is_some_and(super::item::Item::is_to_be_heard) {
            return Ok(());
        }
        let of_item = panel.iter().filter(|seat| !self.is_recused(seat, number));
        let Some(since) = of_item.filter_map(|seat| self.panel.seats.get(&seat.holder)).max() else { return Ok(()) };
        match self.window(self.terms.date(*since), days, at, law) {
            Err(Uncovered(day)) => Err(Why::CalendarUnknown(day)),
            Ok(last) if self.terms.date(at) <= last => Err(Why::PanelNew(number, last)),
            Ok(_) => Ok(()),
        }
    }

    pub(super) fn recuse(&mut self, items: &[ItemNumber], taken: &Taken<'_>) -> Result<(), Why> {
        let seat = taken.seat()?;
        self.known(items)?;
        let recusal = self.recusals.entry(seat.holder.clone()).or_default();
        let new: BTreeSet<ItemNumber> = items.iter().copied().filter(|item| !recusal.items.contains(item)).collect();
        let is_whole = items.is_empty();
        if recusal.is_whole || (!is_whole && new.is_empty()) {
            return Err(Why::SeatTwice);
        }
        recusal.is_whole = is_whole;
        recusal.items.extend(&new);
        let holder = &seat.holder;
        self.overtake(taken, |took_part, item| took_part(holder) && (is_whole || new.contains(&item)));
        Ok(())
    }

    pub(super) fn challenge(
        &mut self,
        key: &KeyId,
        items: Vec<ItemNumber>,
        taken: &Taken<'_>,
        law: &Law<'_>,
    ) -> Result<(), Why> {
        self.known(&items)?;
        let seat = law.seat(key, taken.at).ok_or(Why::SeatUnknown)?;
        if !may_sit(seat.role) {
            return Err(Why::SeatRole);
        }
        let is_late = |item: &ItemNumber| match &self.stage {
            Stage::Sitting(session) if session.items.contains_key(item) => {
                session.present.values().any(|ballot| ballot.sealed.is_some())
            }
            _ => self.items.get(item).is_some_and(super::item::Item::is_decided),
        };
        if items.iter().any(is_late) {
            return Err(Why::ChallengeLate);
        }
        let items: BTreeSet<ItemNumber> = items.into_iter().collect();
        let before = |challenge: &Challenge| challenge.holder == seat.holder && !challenge.items.is_disjoint(&items);
        if self.challenges.values().any(before) {
            return Err(Why::SeatTwice);
        }
        self.overtake(taken, |_, item| items.contains(&item));
        let challenge = Challenge { holder: seat.holder.clone(), items, upheld: None, decided_by: None };
        self.challenges.insert(taken.seq, challenge);
        Ok(())
    }

    pub(super) fn decide_challenge(&mut self, number: u64, upheld: bool, taken: &Taken<'_>) -> Result<(), Why> {
        let by = taken.seat()?;
        let challenge = self.challenges.get(&number).filter(|challenge| challenge.upheld.is_none());
        let Challenge { holder, items, .. } = challenge.ok_or(Why::ChallengeUnknown)?.clone();
        if holder == by.holder || items.iter().any(|item| self.is_recused(by, *item)) {
            return Err(Why::SeatRecused);
        }
        if let Some(challenge) = self.challenges.get_mut(&number) {
            (challenge.upheld, challenge.decided_by) = (Some(upheld), Some(by.holder.clone()));
        }
        if upheld {
            self.recusals.entry(holder.clone()).or_default().items.extend(&items);
            self.overtake(taken, |took_part, item| took_part(&holder) && items.contains(&item));
        }
        Ok(())
    }

    /// Whether a challenge about an item isn't decided.
    pub(super) fn check_unchallenged<'n>(&self, items: impl IntoIterator<Item = &'n ItemNumber>) -> Result<(), Why> {
        let is_open = |item: &&ItemNumber| self.challenges.values().any(|challenge| challenge.is_open_on(**item));
        items.into_iter().find(is_open).map_or(Ok(()), |item| Err(Why::ChallengeOpen(*item)))
    }

    /// Who is recused, out or gone leaves the panel; of one that was drawn the next in its order takes the place.
    pub(super) fn replace(&mut self, out: &KeyId, seat: &KeyId, taken: &Taken<'_>, law: &Law<'_>) -> Result<(), Why> {
        if matches!(self.stage, Stage::Sitting(_)) {
            return Err(Why::SessionSitting);
        }
        let by_key = |holder: &&String| law.was(holder, out);
        let leaves = self.panel.seats.keys().find(by_key).cloned().ok_or(Why::NotOnPanel)?;
        let seat = law.seat(seat, taken.at).ok_or(Why::SeatUnknown)?;
        if !self.may_leave(&leaves, law, taken.at) {
            return Err(Why::NotReplaceable);
        }
        self.check_eligible(seat)?;
        if self.panel.seats.contains_key(&seat.holder) {
            return Err(Why::SeatTwice);
        }
        if self.panel.order.is_some() && self.next_of_draw(&leaves, law, taken.at).as_ref() != Some(&seat.holder) {
            return Err(Why::ReplacementOrder);
        }
        self.panel.seats.remove(&leaves);
        self.panel.seats.insert(seat.holder.clone(), taken.at);
        if let Some(order) = &mut self.panel.order {
            // Whoever was taken off doesn't come back: two who are recused from different items would take turns.
            order.retain(|holder| *holder != leaves);
        }
        Ok(())
    }

    fn may_leave(&self, holder: &str, law: &Law<'_>, at: Time) -> bool {
        law.holder(holder, at).is_none_or(|leaving| {
            self.panel.out.contains(holder)
                || !may_sit(leaving.role)
                || self.waiting().any(|item| self.is_recused(leaving, item))
        })
    }

    /// Whether somebody of the draw may take the place of one who may leave.
    pub(super) fn is_replaceable(&self, law: &Law<'_>, at: Time) -> bool {
        let mut leaving = self.panel.seats.keys().filter(|holder| self.may_leave(holder, law, at));
        leaving.any(|holder| self.next_of_draw(holder, law, at).is_some())
    }

    /// Who is next in the order of the draw where a seat leaves: not on the panel, and able to decide the items for which
    /// the others aren't enough.
    fn next_of_draw(&self, leaving: &str, law: &Law<'_>, at: Time) -> Option<String> {
        let mut others = self.panel_seats(law, at);
        others.retain(|seat| seat.holder != leaving);
        let short: Vec<ItemNumber> = self.waiting().filter(|number| !self.is_enough(&others, *number)).collect();
        let is_free = |holder: &&String| {
            let seat = law.holder(holder, at).filter(|seat| self.check_eligible(seat).is_ok());
            !self.panel.seats.contains_key(*holder)
                && seat.is_some_and(|seat| !short.iter().any(|item| self.is_recused(seat, *item)))
        };
        self.panel.order.as_ref()?.iter().find(is_free).cloned()
    }
}

/// Whether a seat of this role sits on panels.
pub(super) const fn may_sit(role: Role) -> bool {
    matches!(role, Role::Panel | Role::Chair)
}
