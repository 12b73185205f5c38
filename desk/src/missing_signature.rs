//! Whose signatures a docket still lacks, so that «signed, not logged» is said of withholding alone.
//!
//! Counted as the log counts (`docs/formats.md` §5.1), against the roster in force; whether the docket counts for the rest is
//! the registry's to say.

use std::collections::BTreeMap;

use callboard_client::visible::Visible;
use callboard_federation::{
    docket::Docket,
    dsse::{Envelope, EnvelopeError, PayloadType},
    encoding::KeyId,
    hand_in::HandIn,
    roster::{Role, RoleCount, Roster, Seat},
    statement::{Act, Basis, Kind, Statement},
    zh_en,
};

/// Too few of one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingSignature {
    /// The version of the roster that asks them.
    pub roster: u64,
    pub role: Role,
    /// How many more are asked.
    pub count: u64,
    /// Who may: the seats of that role that haven't signed.
    pub seats: Vec<String>,
}

impl MissingSignature {
    /// All that is missing, in a line.
    pub fn told(missing: &[Self]) -> String {
        let each = missing.iter().map(|Self { roster, role, count, seats }| {
            let seats: Vec<String> = seats.iter().map(|holder| Visible(holder).to_string()).collect();
            let seats = seats.join(&zh_en!("、", ", "));
            zh_en!(
                ("还须{count}名{}（第{roster}版签署权限名单）：{seats}", role.words().zh),
                ("{count} more of the {role} (roster {roster}): {seats}")
            )
        });
        each.collect::<Vec<_>>().join(&zh_en!("；", "; "))
    }
}

/// How many of each role sign a docket: as the roster asks for its items, and, where something is taken over without a
/// case, as for a roster.
pub fn asked<'s>(
    roster: &Roster,
    docket: &Docket,
    statements: impl IntoIterator<Item = &'s Statement>,
) -> BTreeMap<Role, u64> {
    let mut asked = roster.asked(&docket.items);
    if statements.into_iter().filter_map(Statement::basis).any(Basis::is_imported) {
        for RoleCount { role, count } in roster.rule(Kind::Roster, None) {
            let most = asked.entry(*role).or_default();
            *most = (*count).max(*most);
        }
    }
    asked
}

/// What a docket lacks under the roster in force, and under the one that it brings, if it is one; `None` where that can't be
/// said, since it names another roster than that in force: it is of another time.
///
/// # Errors
/// A signature that doesn't verify, or by no seat of either roster.
pub fn missing(
    hand_in: &HandIn,
    docket: &Docket,
    in_force: Option<&Roster>,
) -> Result<Option<Vec<MissingSignature>>, EnvelopeError> {
    let next = match hand_in.items.as_slice() {
        [item] => match Statement::from_json(&item.statement.0).map(|statement| statement.act) {
            Ok(Act::Roster(roster)) => Some(roster.value),
            _ => None,
        },
        _ => None,
    };
    let next = next.as_ref();
    // The first roster is signed under itself.
    let Some(current) = in_force.or(next.filter(|next| next.version == 1)) else { return Ok(None) };
    if docket.roster != current.version {
        return Ok(None);
    }
    let signed = signed(&hand_in.docket, current, next)?;
    let statements = hand_in.items.iter().filter_map(|item| Statement::from_json(&item.statement.0).ok());
    let statements: Vec<Statement> = statements.collect();
    let mut all = lacking(current, (docket, &statements), &signed);
    if let Some(next) = next.filter(|next| next.version != current.version) {
        all.extend(lacking(next, (docket, &statements), &signed));
    }
    Ok(Some(all))
}

fn signed(envelope: &Envelope, current: &Roster, next: Option<&Roster>) -> Result<Vec<KeyId>, EnvelopeError> {
    if envelope.signatures.is_empty() {
        return Ok(Vec::new());
    }
    let seat_of = |id: &KeyId| current.seat(id).or_else(|| next.and_then(|next| next.seat(id)));
    envelope.verify(PayloadType::Docket, |id| seat_of(id).map(|seat| (seat.public_key, *id)))
}

fn lacking(roster: &Roster, of: (&Docket, &[Statement]), signed: &[KeyId]) -> Vec<MissingSignature> {
    let (docket, statements) = of;
    let has_signed = |seat: &&Seat| signed.contains(&seat.public_key.id());
    let of_role = |role| {
        let (there, open): (Vec<&Seat>, _) = roster.seats.iter().filter(|seat| seat.role == role).partition(has_signed);
        (there.len() as u64, open)
    };
    let lack = |(role, asked): (Role, u64)| {
        let (there, open) = of_role(role);
        let seats = open.into_iter().map(|seat| seat.holder.clone()).collect();
        (there < asked).then(|| MissingSignature { roster: roster.version, role, count: asked - there, seats })
    };
    asked(roster, docket, statements).into_iter().filter_map(lack).collect()
}

#[cfg(test)]
mod tests {
    use callboard_federation::dsse::SignatureLine;

    use super::*;
    use crate::{
        bundle::Bundle,
        tests::{Committee, SHEET},
    };

    fn handed(committee: &Committee, bundle: &Bundle, seats: &[usize]) -> HandIn {
        let sign = |seat: &usize| {
            SignatureLine::of(committee.seats[*seat].signing_key(), PayloadType::Docket, bundle.payload())
        };
        bundle.with_signatures(seats.iter().map(sign).collect())
    }

    #[test]
    fn a_missing_signature_names_the_seats_that_may_give_it() {
        let committee = Committee::found();
        let bundle = committee.rule(SHEET);
        let of = |seats: &[usize]| {
            missing(&handed(&committee, &bundle, seats), bundle.docket(), Some(&committee.roster)).unwrap().unwrap()
        };
        assert_eq!(of(&[0, 1, 4]), []);
        let lack = of(&[0]);
        assert_eq!(lack.len(), 2);
        assert_eq!((lack[0].role, lack[0].count), (Role::Panel, 1));
        assert_eq!(lack[0].seats, ["panel-2", "panel-3", "panel-4"]);
        assert_eq!((lack[1].role, lack[1].count, lack[1].seats.len()), (Role::Chair, 1, 2));
        assert_eq!(of(&[])[0].count, 2);

        let mut forged = handed(&committee, &bundle, &[0, 1, 4]);
        forged.docket.signatures[0].sig.0[3] ^= 1;
        assert!(missing(&forged, bundle.docket(), Some(&committee.roster)).is_err());
        let later = Roster { version: 2, ..committee.roster.clone() };
        assert_eq!(missing(&handed(&committee, &bundle, &[0]), bundle.docket(), Some(&later)).unwrap(), None);
    }
}
