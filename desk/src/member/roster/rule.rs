//! How many signatures of which roles each kind of docket asks, as the next roster has it; and whether its seats can give them.

use std::{collections::BTreeMap, str::FromStr};

use callboard_federation::{
    docket::Of,
    roster::{Role, RoleCount, Roster, RuleKey},
    statement::Kind,
};

use crate::error::roster::{RosterError, Rule};

/// What becomes of the rules.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleChanges {
    /// Rules in the place of those that there are, or besides.
    pub set: Vec<NewRule>,
    /// Rules of a kind of something, for which the kind's own is enough from now on.
    pub drop: Vec<RuleKey>,
}

/// A rule as people write it: `ruling=panel:2,chair:1`, `ruling/bar=panel:3,chair:1`.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRule {
    pub of: RuleKey,
    pub asks: Vec<RoleCount>,
}

impl FromStr for NewRule {
    type Err = RosterError;

    fn from_str(text: &str) -> Result<Self, RosterError> {
        let wrong = || RosterError::RuleWritten(text.to_owned());
        let (of, asks) = text.split_once('=').ok_or_else(wrong)?;
        let of = RuleKey::try_from(of.trim().to_owned()).map_err(|_| wrong())?;
        let asked = |part: &str| {
            let (role, count) = part.split_once(':').ok_or_else(wrong)?;
            let role = Role::ALL.into_iter().find(|known| known.as_str() == role.trim()).ok_or_else(wrong)?;
            Ok(RoleCount { role, count: count.trim().parse().map_err(|_| wrong())? })
        };
        let asks: Vec<RoleCount> = asks.split(',').map(asked).collect::<Result<_, RosterError>>()?;
        let is_twice = |(at, one): (usize, &RoleCount)| asks.iter().skip(at + 1).any(|other| other.role == one.role);
        if asks.iter().enumerate().any(is_twice) { Err(wrong()) } else { Ok(Self { of, asks }) }
    }
}

impl RuleChanges {
    pub(super) fn apply(self, roster: &mut Roster) -> Result<(), RosterError> {
        for key in self.drop {
            if key.of.is_none() {
                return Err(RosterError::KindNeedsRule(key.kind));
            }
            roster.thresholds.remove(&key).ok_or(RosterError::RuleUnknown(Rule(key)))?;
        }
        roster.thresholds.extend(self.set.into_iter().map(|rule| (rule.of, rule.asks)));
        Ok(())
    }
}

/// Whether the seats can do what the rules ask, and the rules hold each other; what the roster's own check refuses is told
/// here with its numbers.
pub(super) fn check(roster: &Roster) -> Result<(), RosterError> {
    let seats_of = |role: Role| roster.seats.iter().map(|seat| u64::from(seat.role == role)).sum::<u64>();
    let mut imposing: BTreeMap<Role, u64> = BTreeMap::new();
    for (key, asks) in &roster.thresholds {
        if asks.is_empty() || asks.iter().any(|asked| asked.count == 0) {
            return Err(RosterError::AsksNobody(Rule(*key)));
        }
        for RoleCount { role, count } in asks {
            let seats = seats_of(*role);
            if *count > seats {
                return Err(RosterError::OutOfReach { rule: Rule(*key), role: *role, asked: *count, seats });
            }
            if matches!(key.kind, Kind::Ruling | Kind::Interim) {
                let most = imposing.entry(*role).or_default();
                *most = (*count).max(*most);
            }
        }
    }
    let undone = Some(Of::About(Kind::Reinstatement));
    for (kind, of) in
        [(Kind::Roster, None), (Kind::Policy, None), (Kind::Link, None), (Kind::End, undone), (Kind::Annulment, undone)]
    {
        let rule = roster.rule(kind, of);
        for (role, least) in &imposing {
            let asked = rule.iter().filter(|asks| asks.role == *role).map(|asks| asks.count).max().unwrap_or(0);
            if asked < *least {
                // Where the closer rule is absent, the kind's is meant.
                let of = of.filter(|of| roster.thresholds.contains_key(&RuleKey { kind, of: Some(*of) }));
                let rule = Rule(RuleKey { kind, of });
                return Err(RosterError::TooWeak { rule, role: *role, asked, least: *least });
            }
        }
    }
    for RoleCount { role, count } in roster.rule(Kind::Roster, None) {
        let seats = seats_of(*role);
        if *count >= seats {
            return Err(RosterError::TooTight { role: *role, asked: *count, seats });
        }
    }
    Ok(())
}
