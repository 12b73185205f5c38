//! How far a case is, by when somebody must act, and what the registry's clockwork is to do.

use callboard_federation::{
    encoding::{Hash, Time},
    event::CaseState,
};
use jiff::ToSpan as _;

use super::{Case, Stage, act::Act, item::Item, law::Law, resolution::Resolution, terms::Terms};

impl Case {
    /// How far it is.
    pub fn state(&self) -> CaseState {
        match self.stage {
            Stage::Closed => return CaseState::Closed,
            Stage::Sitting(_) => return CaseState::Sitting,
            Stage::Open => {}
        }
        let standing = || self.resolutions.values().filter(|resolution| resolution.stands());
        if standing().any(|resolution| resolution.procedure.is_some()) {
            return CaseState::Confirmed;
        }
        if standing().next().is_some() {
            return CaseState::Resolved;
        }
        if !self.items.is_empty() && self.items.values().all(Item::is_over) {
            return CaseState::Decided;
        }
        let is_told = |item: &Item| item.is_over() || !item.is_to_be_heard() || item.answer_by.is_some();
        if !self.items.is_empty() && self.items.values().all(is_told) {
            CaseState::Hearing
        } else {
            CaseState::Preparing
        }
    }

    /// When something of it ends next: a window, sealing, opening, a draw. Nothing of a case that is closed.
    pub fn due_at(&self) -> Option<Time> {
        let windows = || {
            let waiting = self.items.values().filter(|item| item.waits() && !item.is_decided());
            waiting.filter_map(|item| item.window_ends(&self.terms)).max()
        };
        match &self.stage {
            Stage::Closed => None,
            Stage::Sitting(session) => {
                Some(if session.is_sealed(self, self.at) { session.open_by } else { session.seal_by })
            }
            Stage::Open => {
                self.panel.draw.as_ref().map(|draw| draw.due_at(self.terms.draw_open_hours)).or_else(windows)
            }
        }
    }

    /// Whether the log's own key may have something to say of it sooner or later: a session sits, a draw is on its way,
    /// a docket is waited for. What overtook a resolution may have come after its docket was logged.
    pub fn concerns_clockwork(&self) -> bool {
        match self.stage {
            Stage::Closed => false,
            Stage::Sitting(_) => true,
            Stage::Open => {
                let mut resolutions = self.resolutions.values();
                let is_awaited =
                    |resolution: &Resolution| resolution.procedure.is_some() && resolution.issued.is_none();
                self.panel.draw.is_some() || resolutions.any(is_awaited)
            }
        }
    }

    /// That a docket is logged which a resolution waits for, among the first `size` entries of the log.
    pub fn issuable(&self, size: u64, law: &Law<'_>) -> Option<Act> {
        let waiting: Vec<_> = self.resolutions.values().filter(|resolution| resolution.issued.is_none()).collect();
        if waiting.is_empty() {
            return None;
        }
        law.dockets().filter(|(_, logged)| logged.index < size).find_map(|(docket, logged)| {
            let names = |procedure: &Hash| logged.procedures.contains(procedure);
            let mut stood =
                waiting.iter().filter(|resolution| resolution.overtaken.is_none_or(|(_, at)| at > logged.at));
            let procedure = stood.find_map(|resolution| resolution.procedure.filter(names))?;
            Some(Act::Issued { procedure, docket: *docket })
        })
    }

    /// What the log's own key is to say now, where nobody else has to: that a draw's root is fixed, who was drawn, that a
    /// session is over. `witnessed` is how many entries of the log enough witnesses cosigned.
    pub fn clockwork(&self, at: Time, witnessed: u64, law: &Law<'_>) -> Option<Act> {
        if let Stage::Sitting(session) = &self.stage {
            let session = session.seq;
            return self.clone().close_session(session, at).is_ok().then_some(Act::SessionClosed { session });
        }
        let draw = self.panel.draw.as_ref().filter(|_| self.stage == Stage::Open)?;
        if let Some(seats) = draw.drawn() {
            return Some(Act::Drawn { seats });
        }
        let root: Hash = law.root(witnessed)?;
        let is_fixable = draw.waits_for_root().is_some_and(|committed| law.has_root_after(witnessed, &root, committed));
        is_fixable.then_some(Act::DrawFixed { size: witnessed, root })
    }
}

impl Item {
    /// When its window is over: the first instant after its last day.
    fn window_ends(&self, terms: &Terms) -> Option<Time> {
        let next = self.answer_by?.ok()?.checked_add(1.day()).ok()?;
        terms.start_of(next)
    }
}
