//! How many panels a roster's seats make that share nobody, and how many recusals each number of them stands: an objection is
//! heard by others than those who decided.
//!
//! A panel is as many seats of each role as a ruling asks at most. Who is recused of it follows from `member` of the seats,
//! and is the committee's to say; here is only how many may be.

use std::collections::BTreeMap;

use callboard_client::output::{Line, plain, yellow};
use callboard_federation::{
    language::{Language, Phrase},
    roster::{Role, Roster},
    statement::Kind,
    zh_en,
};

/// The one that decides, and the one that hears an objection.
const WITH_APPEAL: u64 = 2;

/// The panels of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panels {
    roles: Vec<Seats>,
}

/// The seats of a role that sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seats {
    role: Role,
    there: u64,
    /// How many one panel takes.
    asked: u64,
}

impl Panels {
    pub fn of(roster: &Roster) -> Self {
        let mut asked: BTreeMap<Role, u64> = BTreeMap::new();
        for (_, rule) in roster.thresholds.iter().filter(|(key, _)| key.kind == Kind::Ruling) {
            for asks in rule {
                let most = asked.entry(asks.role).or_default();
                *most = asks.count.max(*most);
            }
        }
        let there = |role| roster.seats.iter().map(|seat| u64::from(seat.role == role)).sum();
        let seats = |(role, asked)| Seats { role, there: there(role), asked };
        Self { roles: asked.into_iter().filter(|(_, asked)| *asked > 0).map(seats).collect() }
    }

    /// How many panels sit at once that share nobody.
    pub fn disjoint(&self) -> u64 {
        self.roles.iter().map(|seats| seats.there / seats.asked).min().unwrap_or(0)
    }

    /// How many seats, whichever they are, may be recused and so many panels are left; `None` where there aren't so many.
    pub fn recusals(&self, panels: u64) -> Option<u64> {
        self.roles.iter().map(|seats| seats.there.checked_sub(panels * seats.asked)).min().flatten()
    }

    /// How many more of each role make so many panels that stand so many recusals.
    pub fn lacking(&self, panels: u64, recusals: u64) -> Vec<(Role, u64)> {
        let lack = |seats: &Seats| (seats.role, (panels * seats.asked + recusals).saturating_sub(seats.there));
        self.roles.iter().map(lack).filter(|(_, count)| *count > 0).collect()
    }

    /// What a committee reads of it, and what would mend it.
    pub fn lines(&self) -> Vec<Line> {
        let language = Language::spoken();
        let of = |count: &dyn Fn(&Seats) -> u64| -> Vec<(Role, u64)> {
            self.roles.iter().map(|seats| (seats.role, count(seats))).collect()
        };
        let (there, asked) = (each(&of(&|seats| seats.there), language), each(&of(&|seats| seats.asked), language));
        let panels = self.disjoint();
        let mut lines = vec![vec![plain(zh_en!(
            ("评议组：现有{there}；一项决定须{asked}，可组成{panels}个互不重复的评议组"),
            ("panels: {there} of the roster, of whom a ruling asks {asked}: {}", Count(panels))
        ))]];
        for count in 1..=panels.min(WITH_APPEAL + 1) {
            let recusals = self.recusals(count).unwrap_or_default();
            lines.push(vec![plain(match recusals {
                0 => zh_en!(("  无人回避时：{count}个评议组"), ("  with nobody recused: {}", Count(count))),
                _ => zh_en!(
                    ("  至多{recusals}人回避时（无论何种职务）：{count}个评议组"),
                    ("  with up to {recusals} recused, of whichever role: {}", Count(count))
                ),
            })]);
        }
        let more = |recusals| each(&self.lacking(WITH_APPEAL, recusals), language);
        let advice = if panels < WITH_APPEAL {
            Some(zh_en!(
                "没有另一个评议组：对决定提出的异议只能由作出决定的人处理。建议至少增加{}；增加{}，则有1人回避时仍可处理",
                "no other panel: whoever decided would hear the objection too. At least {} more are recommended; with {} \
                 more, one recusal is stood too",
                more(0),
                more(1)
            ))
        } else if self.recusals(WITH_APPEAL) == Some(0) {
            Some(zh_en!(
                "处理异议的评议组只有1个，有1人回避即无法组成。建议增加{}",
                "one panel is left to hear an objection, and none after a recusal: {} more are recommended",
                more(1)
            ))
        } else {
            None
        };
        lines.extend(advice.map(|said| vec![yellow(said)]));
        lines
    }
}

/// So many panels, in English.
struct Count(u64);

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            0 => f.write_str("no panel"),
            1 => f.write_str("1 panel"),
            count => write!(f, "{count} panels that share nobody"),
        }
    }
}

/// So many of each role.
fn each(counts: &[(Role, u64)], language: Language) -> String {
    let of = |(role, count): &(Role, u64)| match language {
        Language::Zh => format!("{}{count}名", role.words().zh),
        Language::En => format!("{count} {role}"),
    };
    let between = Phrase::new("、", " and ").pick(language);
    counts.iter().map(of).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::tests::{os_rng, seats, setup};

    fn panels(panel: usize, chairs: usize) -> Panels {
        Panels::of(&setup(&seats(panel, chairs, 2)).draft(&mut os_rng()).unwrap().roster)
    }

    #[test]
    fn four_and_two_seats_leave_one_appeal_panel_and_none_after_a_recusal() {
        let four = panels(4, 2);
        assert_eq!(
            (four.disjoint(), four.recusals(1), four.recusals(2), four.recusals(3)),
            (2, Some(1), Some(0), None)
        );
        assert_eq!(four.lacking(2, 1), [(Role::Panel, 1), (Role::Chair, 1)]);
        let said = |panels: &Panels, language: Language| language.saying(|| format!("{:?}", panels.lines()));
        for (language, words) in [
            (Language::En, ["with nobody recused: 2 panels that share nobody", "1 panel and 1 chair more"]),
            (Language::Zh, ["无人回避时：2个评议组", "建议增加评议委员1名、主任委员1名"]),
        ] {
            let said = said(&four, language);
            assert!(words.iter().all(|words| said.contains(words)), "{said}");
        }

        let three = panels(3, 2);
        assert_eq!((three.disjoint(), three.recusals(1), three.lacking(2, 0)), (1, Some(1), vec![(Role::Panel, 1)]));
        assert!(said(&three, Language::En).contains("no other panel: whoever decided"));
        let nine = panels(9, 3);
        assert_eq!((nine.disjoint(), nine.recusals(2)), (3, Some(1)));
        assert!(!said(&nine, Language::En).contains("recommended"));
    }

    #[test]
    fn the_strictest_rule_of_a_ruling_says_how_large_a_panel_is() {
        let mut roster = setup(&seats(4, 2, 2)).draft(&mut os_rng()).unwrap().roster;
        let rule = "ruling/bar=panel:3,chair:1".parse::<crate::member::NewRule>().unwrap();
        roster.thresholds.insert(rule.of, rule.asks);
        assert_eq!(Panels::of(&roster).disjoint(), 1);
    }
}
