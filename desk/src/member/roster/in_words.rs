//! A roster in words: whom it seats, and who signs what.

use callboard_client::visible::Visible;
use callboard_federation::{
    docket::Of,
    language::Language,
    members::Member,
    roster::{RoleCount, Roster, RuleKey, Seat},
    statement::{Kind, MeasureKind},
    tlog::vkey::VerifierKey,
    zh_en,
};

use super::seat::on_leave;
use crate::{error::roster::Rule, key_card::CheckWords, member::witness_name};

/// A seat as people read it.
pub struct SeatInWords {
    /// Its name in the roster.
    pub holder: String,
    pub role: String,
    /// The member that its holder works for.
    pub works_for: Option<String>,
    /// Who is on leave, where it stands in for somebody.
    pub stands_in_for: Option<String>,
    /// The words of its keys.
    pub words: String,
}

/// A rule of signatures as people read it.
pub struct RuleInWords {
    /// As the roster has it, `ruling/bar`.
    pub key: String,
    pub of: String,
    pub asks: String,
    /// Whether it is closer than that of its kind, and may be dropped.
    pub is_closer: bool,
}

pub fn seats(roster: &Roster) -> Vec<SeatInWords> {
    let seat = |seat: &Seat| SeatInWords {
        holder: Visible(&seat.holder).to_string(),
        role: seat.role.words().to_string(),
        works_for: seat.member.as_ref().map(ToString::to_string),
        stands_in_for: on_leave(&seat.holder).map(|of| Visible(of).to_string()),
        words: CheckWords::of_keys([seat.public_key.to_string().as_str(), seat.recipient.as_str()])
            .line(Language::spoken()),
    };
    roster.seats.iter().map(seat).collect()
}

pub fn rules(roster: &Roster) -> Vec<RuleInWords> {
    let rule = |(key, asks): (&RuleKey, &Vec<RoleCount>)| RuleInWords {
        key: String::from(*key),
        of: Rule(*key).to_string(),
        asks: asks_text(asks),
        is_closer: key.of.is_some(),
    };
    roster.thresholds.iter().map(rule).collect()
}

/// The witnesses, each with the member whose agent it is, if it is one of these.
pub fn witnesses<'r>(
    roster: &'r Roster,
    members: &'r [Member],
) -> impl Iterator<Item = (&'r VerifierKey, Option<&'r Member>)> {
    roster.witnesses.keys.iter().map(move |key| {
        let is_own = |member: &&Member| key.name().as_str() == witness_name(&roster.issuer, &member.member);
        (key, members.iter().find(is_own))
    })
}

/// Everything that a rule may be for: what the roster has, and in words.
pub fn possible_rules() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let closer = MeasureKind::ALL.map(Of::Measure).into_iter().chain(Kind::ALL.map(Of::About));
        let closer = closer.filter(|of| of.fits(kind)).map(|of| RuleKey { kind, of: Some(of) });
        let keys = std::iter::once(RuleKey { kind, of: None }).chain(closer);
        all.extend(keys.map(|key| (String::from(key), Rule(key).to_string())));
    }
    all
}

/// So many of which roles.
pub(crate) fn asks_text(asks: &[RoleCount]) -> String {
    let each = asks.iter().map(|RoleCount { role, count }| {
        zh_en!(("{count}名{}", role.words().zh), ("{count} of the {}", role.words().en))
    });
    each.collect::<Vec<_>>().join(&zh_en!("、", " and "))
}
