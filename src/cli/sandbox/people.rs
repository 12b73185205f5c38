//! The published people of a sandbox: one in every standing, none of whom exists. The table of `docs/sandbox.md`.

use callboard_federation::encoding::Time;
use serde::{Deserialize, Serialize};

use crate::{cli::nobody::number, desk::draft::reversal::Reversal};

/// How long a reinstated person is under watch.
const PROBATION_DAYS: i64 = 183;

/// A person of the sandbox.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Person {
    /// What people call it.
    pub(super) name: &'static str,
    /// Its `cn-id`, as a check takes it.
    pub(super) number: String,
    /// The state that the log gives it.
    pub(super) state: &'static str,
    /// What a check decides.
    pub(super) decision: &'static str,
    /// What was decided about it.
    #[serde(skip)]
    pub(super) ruled: Option<Ruled>,
}

/// What was decided about a person, and what became of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ruled {
    /// The columns of the sheet behind kind, identity and name: `measure,scopes,effective at,until,term`.
    pub(super) row: &'static str,
    /// Whether it is an interim rather than a ruling.
    pub(super) is_interim: bool,
    /// What became of the record.
    pub(super) then: Option<Then>,
}

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Then {
    Annul,
    End,
    Stay,
    Reinstate,
    /// Reinstated, under watch for half a year.
    Probation,
    Dispute,
}

impl Then {
    /// What is drafted for it, from `effective_at` on.
    pub(super) fn reversal(self, effective_at: Time) -> Reversal {
        match self {
            Self::Annul => Reversal::Annul,
            Self::End => Reversal::End { effective_at },
            Self::Stay => Reversal::Stay { effective_at, until: None },
            Self::Reinstate => Reversal::Reinstate { effective_at, probation: None },
            Self::Probation => {
                Reversal::Reinstate { effective_at, probation: Some(effective_at.plus_days(PROBATION_DAYS)) }
            }
            Self::Dispute => Reversal::Dispute,
        }
    }
}

/// Everyone, in the order of their numbers.
pub(super) fn all() -> Vec<Person> {
    const fn ruling(row: &'static str, then: Option<Then>) -> Ruled {
        Ruled { row, is_interim: false, then }
    }
    const FIVE_YEARS: &str = "suspension,live;recorded,,,5年";
    const INTERIM: Ruled = Ruled { row: "suspension,live,,,7天", is_interim: true, then: None };
    let told = [
        ("沙盒清白", "19900101", "clear", "allow", None),
        ("沙盒提醒", "19900102", "noticed", "notify", Some(ruling("notice,live,,,长期", None))),
        ("沙盒告诫", "19900103", "warned", "notify", Some(ruling("warning,live,,,长期", None))),
        ("沙盒限制", "19900104", "restricted", "review", Some(ruling("restriction,live,,,1年", None))),
        ("沙盒警示", "19900105", "suspended", "refuse", Some(ruling(FIVE_YEARS, None))),
        ("沙盒封禁", "19900106", "barred", "refuse", Some(ruling("bar,live,,,永久", None))),
        ("沙盒待复", "19900107", "suspended", "refuse", Some(ruling("suspension,live,2023-01-10,2024-01-09,", None))),
        ("沙盒中止", "19900108", "stayed", "review", Some(ruling(FIVE_YEARS, Some(Then::Stay)))),
        ("沙盒观察", "19900109", "probation", "review", Some(ruling(FIVE_YEARS, Some(Then::Probation)))),
        ("沙盒复出", "19900110", "clear", "allow", Some(ruling(FIVE_YEARS, Some(Then::Reinstate)))),
        ("沙盒异议", "19900111", "suspended", "refuse", Some(ruling(FIVE_YEARS, Some(Then::Dispute)))),
        ("沙盒撤销", "19900112", "clear", "allow", Some(ruling(FIVE_YEARS, Some(Then::Annul)))),
        ("沙盒临时", "19900113", "suspended", "refuse", Some(INTERIM)),
        ("沙盒未成年", "20200601", "clear", "blocked", None),
        ("沙盒十六", "20101101", "clear", "blocked", None),
    ];
    let person =
        |(name, birth, state, decision, ruled)| Person { name, number: number(birth, "001"), state, decision, ruled };
    told.map(person).into()
}

/// The sheet of what was decided about some of them.
pub(super) fn sheet(ruled: &[(&Person, Ruled)]) -> String {
    let mut sheet = "kind,identity,names,measure,scopes,effective at,until,term,violations,reasons\n".to_owned();
    for (Person { name, number, .. }, Ruled { row, .. }) in ruled {
        sheet.extend(["cn-id,", number, ",", name, ",", row, ",NB-11,沙盒示例：直播中多次宣扬赌博。\n"]);
    }
    sheet
}
