//! What was decided: resolutions of a session, interims ordered before one, their confirmation, and what overtakes them.

use std::collections::{BTreeMap, BTreeSet};

use callboard_federation::{
    encoding::{Hash, Time},
    roster::Role,
};

use super::{
    Case, Taken,
    act::Proposal,
    error::Why,
    item::ItemState,
    law::{Law, Seat},
    number::ItemNumber,
    terms::is_enough,
};

/// What was decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    pub source: Source,
    /// The items that it decides, with the draft hashes of what is to be signed.
    pub items: BTreeMap<ItemNumber, Vec<Hash>>,
    /// Who said it, of a session.
    pub resolved_by: Option<String>,
    /// The chairs who confirmed.
    pub confirmed: Vec<Seat>,
    /// The hash of the event that it ends in, once it is confirmed: what statements name as their procedure.
    pub procedure: Option<Hash>,
    /// The number of an event behind it, of which the panel is to take note, and when it was.
    pub overtaken: Option<(u64, Time)>,
    /// The docket, once it is logged.
    pub issued: Option<Hash>,
}

/// What led to a resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The session of this number.
    Session(u64),
    /// The interim that was proposed by the event of this number.
    Interim(u64),
    /// The stay that was proposed by the event of this number, of an appeal that no panel can hear.
    Stay(u64),
}

impl Source {
    /// The number of its event.
    pub const fn number(self) -> u64 {
        match self {
            Self::Session(number) | Self::Interim(number) | Self::Stay(number) => number,
        }
    }

    const fn is_stay(self) -> bool {
        matches!(self, Self::Stay(_))
    }

    /// Whether it was ordered, and no session decided it.
    pub const fn is_order(self) -> bool {
        !matches!(self, Self::Session(_))
    }
}

/// A short measure that is asked for before the panel sits.
#[derive(Debug, Clone, PartialEq)]
pub struct Interim {
    pub item: ItemNumber,
    pub drafts: Vec<Hash>,
    /// The seats that order it so far.
    pub orders: Vec<Seat>,
    /// The holders of all that ever ordered it.
    pub ordered: BTreeSet<String>,
}

impl Resolution {
    pub const fn is_interim(&self) -> bool {
        matches!(self.source, Source::Interim(_))
    }

    /// Whether it waits for its docket, and nothing overtook it.
    pub const fn stands(&self) -> bool {
        self.overtaken.is_none() && self.issued.is_none()
    }
}

impl Case {
    pub(super) fn propose_interim(
        &mut self,
        number: ItemNumber,
        drafts: Vec<Hash>,
        taken: &Taken<'_>,
        law: &Law<'_>,
    ) -> Result<(), Why> {
        self.pending(number)?;
        self.check_interim(number, law, taken.at)?;
        self.check_before_panel(number)?;
        self.interims.insert(taken.seq, Interim { item: number, drafts, orders: Vec::new(), ordered: BTreeSet::new() });
        Ok(())
    }

    fn check_before_panel(&self, number: ItemNumber) -> Result<(), Why> {
        if self.has_sat_on(number) { Err(Why::InterimLate(number)) } else { Ok(()) }
    }

    /// A session's resolution is by a seat of its panel or a chair, and says exactly what was carried. An interim's is
    /// said by each seat that orders it.
    pub(super) fn resolve(
        &mut self,
        of: u64,
        items: Vec<Proposal>,
        taken: &Taken<'_>,
        law: &Law<'_>,
    ) -> Result<(), Why> {
        let items: BTreeMap<_, _> = items.into_iter().map(|proposal| (proposal.item, proposal.drafts)).collect();
        let stands = self
            .resolutions
            .values()
            .any(|resolution| resolution.overtaken.is_none() && resolution.source.number() == of);
        if stands {
            return Err(Why::ConfirmedAlready);
        }
        if self.interims.contains_key(&of) {
            return self.order_interim(of, &items, taken, law);
        }
        let seat = taken.seat()?;
        let session = self.sessions.get(&of).ok_or(Why::NotDecidable)?;
        let is_of_panel = session.panel.iter().any(|of_panel| of_panel.holder == seat.holder);
        if !is_of_panel && seat.role != Role::Chair {
            return Err(Why::Signer);
        }
        self.check_unchallenged(session.items.keys())?;
        if let Some(number) = items.keys().find(|number| self.is_sitting_on(**number)) {
            return Err(Why::ItemSitting(*number));
        }
        let carried = session.carried(self);
        if carried.is_empty() {
            return Err(Why::NothingCarried);
        }
        if carried != items {
            return Err(Why::NotAsVoted);
        }
        let procedure = (self.terms.chairs == 0).then_some(taken.hash);
        self.put_resolution(Source::Session(of), items, procedure, taken);
        Ok(())
    }

    fn order_interim(
        &mut self,
        of: u64,
        items: &BTreeMap<ItemNumber, Vec<Hash>>,
        taken: &Taken<'_>,
        law: &Law<'_>,
    ) -> Result<(), Why> {
        let interim = self.interims.get(&of).ok_or(Why::NotDecidable)?;
        let (number, seat) = (interim.item, taken.seat()?);
        self.pending(number)?;
        self.check_interim(number, law, taken.at)?;
        self.check_before_panel(number)?;
        if items.len() != 1 || items.get(&number) != Some(&interim.drafts) {
            return Err(Why::NotAsVoted);
        }
        let source = self.source_of_order(of);
        let asked = if source.is_stay() { &self.terms.appeal.stay_seats } else { &self.terms.interim };
        // Where nobody is left who didn't decide first, those who did may stay what they decided.
        let is_recused = |seat: &Seat| {
            if source.is_stay() { self.is_recused_here(seat, number) } else { self.is_recused(seat, number) }
        };
        if !asked.iter().any(|asked| asked.role == seat.role) {
            return Err(Why::InterimSeat);
        }
        if is_recused(seat) {
            return Err(Why::SeatRecused);
        }
        if interim.orders.iter().any(|earlier| earlier.holder == seat.holder) {
            return Err(Why::SeatTwice);
        }
        let mut challenges = self.challenges.values().filter(|challenge| challenge.holder == seat.holder);
        if challenges.any(|challenge| challenge.is_open_on(number)) {
            return Err(Why::ChallengeOpen(number));
        }
        let mut orders = interim.orders.clone();
        orders.push(seat.clone());
        orders.retain(|seat| !is_recused(seat));
        let roles: Vec<Role> = orders.iter().map(|seat| seat.role).collect();
        let is_complete = is_enough(asked, &roles);
        if let Some(interim) = self.interims.get_mut(&of) {
            interim.orders = orders;
            interim.ordered.insert(seat.holder.clone());
        }
        if is_complete {
            self.put_resolution(source, items.clone(), Some(taken.hash), taken);
        }
        Ok(())
    }

    fn put_resolution(
        &mut self,
        source: Source,
        items: BTreeMap<ItemNumber, Vec<Hash>>,
        procedure: Option<Hash>,
        taken: &Taken<'_>,
    ) {
        let resolved_by = taken.seat().ok().map(|seat| seat.holder.clone());
        let resolution =
            Resolution { source, items, resolved_by, confirmed: Vec::new(), procedure, overtaken: None, issued: None };
        self.resolutions.insert(taken.seq, resolution);
    }

    /// A chair confirms for the items from which it isn't recused; once each has as many as the policy asks, it stands.
    pub(super) fn confirm(&mut self, number: u64, taken: &Taken<'_>) -> Result<(), Why> {
        let seat = taken.seat()?;
        let resolution = self.resolutions.get(&number).filter(|resolution| !resolution.source.is_order());
        let resolution = resolution.ok_or(Why::ResolutionUnknown)?;
        if let Some((seq, _)) = resolution.overtaken {
            return Err(Why::Overtaken(seq));
        }
        if resolution.procedure.is_some() {
            return Err(Why::ConfirmedAlready);
        }
        if resolution.confirmed.iter().any(|earlier| earlier.holder == seat.holder) {
            return Err(Why::SeatTwice);
        }
        if resolution.items.keys().all(|item| self.is_recused(seat, *item)) {
            return Err(Why::SeatRecused);
        }
        let mut confirmed = resolution.confirmed.clone();
        confirmed.push(seat.clone());
        let chairs = usize::try_from(self.terms.chairs).unwrap_or(usize::MAX);
        let is_enough =
            |item: &ItemNumber| confirmed.iter().filter(|chair| !self.is_recused(chair, *item)).count() >= chairs;
        let is_complete = resolution.items.keys().all(is_enough);
        if let Some(resolution) = self.resolutions.get_mut(&number) {
            resolution.confirmed = confirmed;
            resolution.procedure = is_complete.then_some(taken.hash);
        }
        Ok(())
    }

    /// Something behind a resolution touches one of its items: it isn't issued before the panel takes note. `touches` is
    /// told who took part in the resolution.
    pub(super) fn overtake(
        &mut self,
        taken: &Taken<'_>,
        touches: impl Fn(&dyn Fn(&String) -> bool, ItemNumber) -> bool,
    ) {
        let Self { resolutions, sessions, interims, .. } = self;
        for resolution in resolutions.values_mut().filter(|resolution| resolution.stands()) {
            let seats = match resolution.source {
                Source::Session(number) => sessions.get(&number).map(|session| &session.panel),
                Source::Interim(number) | Source::Stay(number) => interims.get(&number).map(|interim| &interim.orders),
            };
            let is_one_of = |seats: &[Seat], holder: &String| seats.iter().any(|seat| seat.holder == *holder);
            let took_part = |holder: &String| {
                is_one_of(&resolution.confirmed, holder) || seats.is_some_and(|seats| is_one_of(seats, holder))
            };
            if !resolution.items.keys().any(|item| touches(&took_part, *item)) {
                continue;
            }
            resolution.overtaken = Some((taken.seq, taken.at));
            if let Source::Interim(of) | Source::Stay(of) = resolution.source
                && let Some(interim) = interims.get_mut(&of)
            {
                interim.orders.clear();
            }
        }
    }

    /// The same of interims alone.
    pub(super) fn overtake_interims(&mut self, taken: &Taken<'_>, touches: impl Fn(ItemNumber) -> bool) {
        let stand =
            self.resolutions.values_mut().filter(|resolution| resolution.stands() && resolution.source.is_order());
        for resolution in stand.filter(|resolution| resolution.items.keys().any(|item| touches(*item))) {
            resolution.overtaken = Some((taken.seq, taken.at));
        }
    }

    /// As many chairs as confirm take back what a session carried: something else may be put to the vote then.
    pub(super) fn withdraw(&mut self, number: u64, taken: &Taken<'_>) -> Result<(), Why> {
        let seat = taken.seat()?;
        let session = self.sessions.get(&number).ok_or(Why::NotDecidable)?;
        let is_carried =
            |item: &&ItemNumber| self.items.get(item).is_some_and(|item| item.state == ItemState::Carried(number));
        let items: BTreeSet<ItemNumber> = session.items.keys().filter(is_carried).copied().collect();
        if items.is_empty() {
            return Err(Why::NothingCarried);
        }
        if items.iter().all(|item| self.is_recused(seat, *item)) {
            return Err(Why::SeatRecused);
        }
        let by = self.withdrawals.entry(number).or_default();
        if !by.insert(seat.holder.clone()) {
            return Err(Why::SeatTwice);
        }
        if by.len() < usize::try_from(self.terms.chairs.max(1)).unwrap_or(usize::MAX) {
            return Ok(());
        }
        self.overtake(taken, |_, item| items.contains(&item));
        for item in items {
            if let Some(item) = self.items.get_mut(&item) {
                item.state = ItemState::Pending;
            }
        }
        Ok(())
    }

    /// The resolution that stands and ends in this event.
    pub fn resolution_of(&self, procedure: &Hash) -> Result<&Resolution, Why> {
        let mut ending =
            self.resolutions.values().filter(|resolution| resolution.procedure.as_ref() == Some(procedure));
        let resolution = ending.next().ok_or(Why::ProcedureUnknown)?;
        resolution.overtaken.map_or(Ok(resolution), |(seq, _)| Err(Why::Overtaken(seq)))
    }

    /// What was logged is issued, whatever was said after it was logged.
    pub(super) fn issue(&mut self, procedure: Hash, docket: Hash, taken: &Taken<'_>, law: &Law<'_>) -> Result<(), Why> {
        let logged = law.docket(&docket);
        let logged = logged.filter(|logged| logged.may_name(&procedure) && logged.at <= taken.at);
        let logged_at = logged.ok_or(Why::NotLogged)?.at;
        let Self { resolutions, items, .. } = self;
        let stood = |resolution: &&mut Resolution| {
            resolution.procedure == Some(procedure)
                && resolution.issued.is_none()
                && resolution.overtaken.is_none_or(|(_, at)| at > logged_at)
        };
        let resolution = resolutions.values_mut().find(stood).ok_or(Why::ProcedureUnknown)?;
        (resolution.issued, resolution.overtaken) = (Some(docket), None);
        if resolution.is_interim() {
            return Ok(());
        }
        for number in resolution.items.keys() {
            if let Some(item) = items.get_mut(number) {
                (item.state, item.issued_at, item.docket) = (ItemState::Issued, Some(logged_at), Some(docket));
            }
        }
        Ok(())
    }
}
