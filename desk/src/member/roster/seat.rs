//! Seats of the next roster: who joins and leaves, whose key is replaced, who stands in for whom.
//!
//! A deputy is a seat as any other, in the place of one that is on leave: whoever is on leave signs nothing meanwhile, and
//! both would make one more than the committee has. That it stands in is said by its name in the roster,
//! `DEPUTY（代HOLDER）`, so that everyone reads it, and whoever comes back is found by it.

use std::{path::PathBuf, str::FromStr};

use callboard_client::public_file::PublicSeat;
use callboard_federation::roster::{Roster, Seat};

use crate::error::roster::RosterError;

/// What becomes of the seats, in this order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SeatChanges {
    /// Seats that leave, by their holder.
    pub drop: Vec<String>,
    /// New keys of seats that are there: holder and role stay, and for whom the holder works unless the file says another.
    pub replace: Vec<PublicSeat>,
    pub deputies: Vec<Deputy>,
    /// Seats that were on leave, and take their deputies' places.
    pub back: Vec<PublicSeat>,
    /// Seats that join, in the roles that they say.
    pub add: Vec<PublicSeat>,
}

/// A seat that stands in for another.
#[derive(Debug, Clone, PartialEq)]
pub struct Deputy {
    /// Who is on leave.
    pub of: String,
    pub seat: PublicSeat,
}

/// A deputy as people name one: `panel-2=panel-6.pub.json`, who is on leave and whose file stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeputyFile {
    pub of: String,
    pub file: PathBuf,
}

impl FromStr for DeputyFile {
    type Err = RosterError;

    fn from_str(text: &str) -> Result<Self, RosterError> {
        let parts = text.split_once('=').filter(|(of, file)| !of.is_empty() && !file.is_empty());
        let (of, file) = parts.ok_or_else(|| RosterError::DeputyWritten(text.to_owned()))?;
        Ok(Self { of: of.to_owned(), file: file.into() })
    }
}

impl SeatChanges {
    pub(super) fn apply(self, roster: &mut Roster) -> Result<(), RosterError> {
        for holder in self.drop {
            let place = place(roster, &holder)?;
            roster.seats.remove(place);
        }
        for seat in self.replace {
            let place = place(roster, &seat.holder)?;
            let there = roster.seats.get(place);
            let works_for = there.and_then(|seat| seat.member.clone());
            let holder = holder(roster, place);
            put(roster, place, PublicSeat { member: seat.member.clone().or(works_for), ..seat }, holder)?;
        }
        for Deputy { of, seat } in self.deputies {
            let place = place(roster, &of)?;
            let on_leave = on_leave(&holder(roster, place)).unwrap_or(&of).to_owned();
            let holder = format!("{}{DEPUTY_OF}{on_leave}{DEPUTY_END}", seat.holder);
            put(roster, place, seat, holder)?;
        }
        for seat in self.back {
            let stands_in = |deputy: &Seat| on_leave(&deputy.holder) == Some(&seat.holder);
            let place = roster.seats.iter().position(stands_in);
            let (place, holder) =
                (place.ok_or_else(|| RosterError::NoDeputy(seat.holder.clone()))?, seat.holder.clone());
            put(roster, place, seat, holder)?;
        }
        for seat in self.add {
            if roster.seats.iter().any(|other| other.holder == seat.holder) {
                return Err(RosterError::SeatThere(seat.holder));
            }
            roster.seats.push(seat.into_seat());
        }
        Ok(())
    }
}

/// What stands between a deputy's name and whose place it has, and behind both.
const DEPUTY_OF: &str = "（代";
const DEPUTY_END: &str = "）";

/// In whose place a seat of this name stands, if it is a deputy.
pub(super) fn on_leave(holder: &str) -> Option<&str> {
    Some(holder.strip_suffix(DEPUTY_END)?.split_once(DEPUTY_OF)?.1)
}

/// The seat of a holder; a deputy is found by its own name too.
fn place(roster: &Roster, holder: &str) -> Result<usize, RosterError> {
    let own = |seat: &Seat| seat.holder.split_once(DEPUTY_OF).is_some_and(|(name, _)| name == holder);
    let named = roster.seats.iter().position(|seat| seat.holder == holder);
    named.or_else(|| roster.seats.iter().position(own)).ok_or_else(|| {
        let known: Vec<&str> = roster.seats.iter().map(|seat| seat.holder.as_str()).collect();
        RosterError::SeatUnknown { holder: holder.to_owned(), known: known.join(" ") }
    })
}

fn holder(roster: &Roster, place: usize) -> String {
    roster.seats.get(place).map(|seat| seat.holder.clone()).unwrap_or_default()
}

/// Puts a seat in the place of one of the same role, under this name.
fn put(roster: &mut Roster, place: usize, seat: PublicSeat, holder: String) -> Result<(), RosterError> {
    let Some(there) = roster.seats.get_mut(place) else { return Ok(()) };
    if seat.role != there.role {
        return Err(RosterError::AnotherRole { holder: there.holder.clone(), is: there.role, said: seat.role });
    }
    *there = Seat { holder, ..seat.into_seat() };
    Ok(())
}
