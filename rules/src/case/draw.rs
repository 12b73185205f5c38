//! Drawing a panel, so that nobody chooses it: a chair and two others each bring a secret, the log brings a root.
//!
//! Each commits before the root is known, and opens after it is fixed. So whoever withholds sees what it spoils, but
//! gains nothing: the draw is void, and that seat is out.

use callboard_federation::{
    encoding::{CaseId, Hash, KeyId, Octets, Time},
    roster::Role,
};

use super::{
    Case, Taken,
    error::Why,
    law::{Law, Seat, Who},
};

/// A draw on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    /// The number of the event that announced it.
    pub seq: u64,
    announced_at: Time,
    eligible: Vec<Seat>,
    seats: u32,
    guarantors: [Guarantor; 3],
    /// When the last commitment was made.
    committed_at: Option<Time>,
    fixed: Option<(Time, Hash)>,
}

/// Who brings a secret.
#[derive(Debug, Clone, PartialEq)]
struct Guarantor {
    seat: Seat,
    commitment: Option<Hash>,
    secret: Option<Octets<32>>,
}

/// What a draw waits for of a guarantor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrawTask {
    Commit,
    /// The root is fixed: the secret is opened.
    Open,
}

/// What a guarantor commits to: SHA-256(`"callboard/draw/v1"` ‖ 0x00 ‖ LP(case) ‖ LP(number of the announcement, in
/// decimal) ‖ LP(key id in hex) ‖ secret).
pub fn commitment(case: CaseId, draw: u64, key: &KeyId, secret: &Octets<32>) -> Hash {
    super::vote::commitment("callboard/draw/v1", case, draw, key, &[&secret.0])
}

/// Where a seat stands in a draw: SHA-256(`"callboard/draw/v1"` ‖ 0x00 ‖ seed ‖ key id, 32 bytes). The smallest are
/// drawn, in this order.
fn rank(seed: &Hash, key: &KeyId) -> Hash {
    Hash::of_parts([b"callboard/draw/v1\0".as_slice(), seed.as_bytes(), key.as_bytes()])
}

impl Draw {
    /// The seed, once all secrets are open: SHA-256(the three secrets in the order of the guarantors ‖ root).
    fn seed(&self) -> Option<Hash> {
        let (_, root) = self.fixed?;
        let [first, second, third] = self.guarantors.each_ref().map(|guarantor| guarantor.secret.as_ref());
        Some(Hash::of_parts([&first?.0[..], &second?.0, &third?.0, root.as_bytes()]))
    }

    /// The seats in the order of the draw, once all secrets are open.
    pub fn order(&self) -> Option<Vec<&Seat>> {
        let seed = self.seed()?;
        let mut seats: Vec<_> = self.eligible.iter().collect();
        seats.sort_by_key(|seat| rank(&seed, &seat.key));
        Some(seats)
    }

    /// The seats that are drawn, in order.
    pub fn drawn(&self) -> Option<Vec<KeyId>> {
        let seats = usize::try_from(self.seats).unwrap_or(usize::MAX);
        Some(self.order()?.iter().take(seats).map(|seat| seat.key).collect())
    }

    /// What is waited for of a holder.
    pub fn task_of(&self, holder: &str) -> Option<DrawTask> {
        let guarantor = self.guarantors.iter().find(|guarantor| guarantor.seat.holder == holder)?;
        match (guarantor.commitment, self.fixed, guarantor.secret) {
            (None, ..) => Some(DrawTask::Commit),
            (Some(_), Some(_), None) => Some(DrawTask::Open),
            _ => None,
        }
    }

    /// What a holder committed to.
    pub fn commitment_of(&self, holder: &str) -> Option<Hash> {
        self.guarantors.iter().find(|guarantor| guarantor.seat.holder == holder)?.commitment
    }

    /// The last commitment, if nothing but the log's root is waited for.
    pub(super) fn waits_for_root(&self) -> Option<Time> {
        let all_committed = self.guarantors.iter().all(|guarantor| guarantor.commitment.is_some());
        self.committed_at.filter(|_| self.fixed.is_none() && all_committed)
    }

    /// Until when the guarantors have time.
    pub(super) fn due_at(&self, hours: u32) -> Time {
        self.fixed.map_or(self.announced_at, |(fixed_at, _)| fixed_at).plus_hours(i64::from(hours))
    }

    /// Who withholds what is waited for, once the time is up: those who haven't committed, then those who haven't opened.
    fn withholders(&self, at: Time, hours: u32) -> Option<Vec<&Seat>> {
        if at <= self.due_at(hours) {
            return None;
        }
        // Whoever committed in time isn't out because the log fixed nothing.
        let waits = |guarantor: &&Guarantor| match self.fixed {
            None => guarantor.commitment.is_none(),
            Some(_) => guarantor.secret.is_none(),
        };
        let seats: Vec<_> = self.guarantors.iter().filter(waits).map(|guarantor| &guarantor.seat).collect();
        (self.fixed.is_none() || !seats.is_empty()).then_some(seats)
    }
}

impl Case {
    /// A draw begins, or begins again where somebody withheld a secret: that seat is out.
    pub(super) fn announce_draw(
        &mut self,
        eligible: &[KeyId],
        seats: u32,
        guarantors: &[KeyId; 3],
        taken: &Taken<'_>,
        law: &Law<'_>,
    ) -> Result<(), Why> {
        self.check_panel_open(law, taken.at)?;
        let mut out = self.panel.out.clone();
        if let Some(draw) = &self.panel.draw {
            let withheld = draw.withholders(taken.at, self.terms.draw_open_hours).ok_or(Why::DrawState)?;
            out.extend(withheld.iter().map(|seat| seat.holder.clone()));
        } else if self.panel.order.is_some()
            && (self.short_items(law, taken.at).is_empty() || self.next_of_draw(law, taken.at).is_some())
        {
            return Err(Why::DrawState);
        }
        let mut may = self.eligible(law, taken.at);
        may.retain(|seat| !out.contains(&seat.holder));
        let mut listed = eligible.to_vec();
        listed.sort();
        if may.iter().map(|seat| seat.key).ne(listed) {
            return Err(Why::DrawEligible);
        }
        if seats < self.terms.least_seats || usize::try_from(seats).unwrap_or(usize::MAX) > may.len() {
            return Err(Why::DrawSeats);
        }
        let guarantor = |key: &KeyId| {
            let seat = law.seat(key, taken.at).filter(|seat| !out.contains(&seat.holder) && !eligible.contains(key));
            seat.cloned().map(|seat| Guarantor { seat, commitment: None, secret: None }).ok_or(Why::DrawGuarantor)
        };
        let [first, second, third] = guarantors;
        let guarantors = [guarantor(first)?, guarantor(second)?, guarantor(third)?];
        if guarantors[0].seat.role != Role::Chair {
            return Err(Why::DrawGuarantor);
        }
        let eligible = may.into_iter().cloned().collect();
        self.panel.out = out;
        self.panel.draw = Some(Draw {
            seq: taken.seq,
            announced_at: taken.at,
            eligible,
            seats,
            guarantors,
            committed_at: None,
            fixed: None,
        });
        Ok(())
    }

    pub(super) fn commit_draw(&mut self, commitment: Hash, taken: &Taken<'_>) -> Result<(), Why> {
        let (draw, place) = self.draw_of(taken)?;
        if draw.fixed.is_some() {
            return Err(Why::DrawState);
        }
        let guarantor = draw.guarantors.get_mut(place).ok_or(Why::DrawGuarantor)?;
        if guarantor.commitment.is_some() {
            return Err(Why::SeatTwice);
        }
        guarantor.commitment = Some(commitment);
        draw.committed_at = Some(taken.at);
        Ok(())
    }

    pub(super) fn fix_draw(&mut self, size: u64, root: Hash, taken: &Taken<'_>, law: &Law<'_>) -> Result<(), Why> {
        if *taken.who != Who::Log {
            return Err(Why::Signer);
        }
        let draw = self.panel.draw.as_mut().ok_or(Why::DrawState)?;
        if draw.fixed.is_some() || draw.guarantors.iter().any(|guarantor| guarantor.commitment.is_none()) {
            return Err(Why::DrawState);
        }
        if !law.has_root_after(size, &root, draw.committed_at.ok_or(Why::DrawState)?) {
            return Err(Why::DrawRoot);
        }
        draw.fixed = Some((taken.at, root));
        Ok(())
    }

    /// A secret that is opened before the root is fixed voids the draw.
    pub(super) fn open_draw(&mut self, secret: &Octets<32>, taken: &Taken<'_>) -> Result<(), Why> {
        let (case, hours) = (self.id(), self.terms.draw_open_hours);
        let (draw, place) = self.draw_of(taken)?;
        let seq = draw.seq;
        let fixed = draw.fixed;
        let guarantor = draw.guarantors.get_mut(place).ok_or(Why::DrawGuarantor)?;
        let committed = guarantor.commitment.ok_or(Why::DrawState)?;
        if commitment(case, seq, &guarantor.seat.key, secret) != committed {
            return Err(Why::DrawCommitment);
        }
        let Some((fixed_at, _)) = fixed else {
            let holder = guarantor.seat.holder.clone();
            self.panel.out.insert(holder);
            self.panel.draw = None;
            return Ok(());
        };
        if taken.at > fixed_at.plus_hours(i64::from(hours)) {
            return Err(Why::DrawLate);
        }
        if guarantor.secret.is_some() {
            return Err(Why::SeatTwice);
        }
        guarantor.secret = Some(*secret);
        Ok(())
    }

    pub(super) fn take_drawn(&mut self, seats: &[KeyId], taken: &Taken<'_>, law: &Law<'_>) -> Result<(), Why> {
        self.check_panel_open(law, taken.at)?;
        let draw = self.panel.draw.as_ref().ok_or(Why::DrawState)?;
        let (Some(drawn), Some(order)) = (draw.drawn(), draw.order()) else { return Err(Why::DrawState) };
        if drawn != seats {
            return Err(Why::DrawResult);
        }
        let order: Vec<String> = order.iter().map(|seat| seat.holder.clone()).collect();
        self.panel.seats = order.iter().take(drawn.len()).cloned().collect();
        self.panel.order = Some(order);
        self.panel.draw = None;
        Ok(())
    }

    /// The draw, and which of its guarantors acts.
    fn draw_of(&mut self, taken: &Taken<'_>) -> Result<(&mut Draw, usize), Why> {
        let holder = &taken.seat()?.holder;
        let draw = self.panel.draw.as_mut().ok_or(Why::DrawState)?;
        let place = draw.guarantors.iter().position(|guarantor| guarantor.seat.holder == *holder);
        Ok((draw, place.ok_or(Why::DrawGuarantor)?))
    }
}
