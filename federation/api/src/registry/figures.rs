//! Figures of what the association does: reports and what became of them, cases and how long they took, what was decided;
//! and what members declare of themselves. By quarter, once it is over.
//!
//! Counts alone, and none from 1 to 4. Nothing here is of anything sealed: what a report says, and under which code somebody
//! was decided about, the registry can't read.

use callboard_federation::{encoding::Time, members::MemberId, quarter::Quarter, report::ReportKind};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Anyone, Operation, operations};

/// A count as it is published: `count`, or why it isn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Figure {
    /// How many: zero, or five and more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Why it isn't told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hidden>,
}

/// Why a count isn't told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hidden {
    /// It is 1 to 4.
    UnderFive,
    /// Whoever has it finds a count of 1 to 4 by subtraction.
    Withheld,
}

/// How long something took, in hours by the clock, nights and holidays too: each begun hour counts. By nearest rank.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Elapsed {
    /// Half of them took no longer. Of fewer than five it isn't told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median_hours: Option<u64>,
    /// Nine of ten took no longer. Of fewer than ten it isn't told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p90_hours: Option<u64>,
}

/// The reports of a lane that came in a quarter, by what had become of them when it was over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LaneFigures {
    /// The lane: the kind of the report.
    pub lane: ReportKind,
    /// How many came.
    pub received: Figure,
    /// Those that the secretariat had taken up.
    pub accepted: Figure,
    /// Those that it had not, telling why. The reason is sealed.
    pub dismissed: Figure,
    /// Those that went on as part of another.
    pub merged: Figure,
    /// Those that waited for an answer of who filed them.
    pub asked: Figure,
    /// Those that waited for the secretariat.
    pub open: Figure,
    /// From when it came until it was accepted, dismissed or merged, of those that were.
    pub triage: Elapsed,
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportFigures {
    /// How many came, in all lanes.
    pub received: Figure,
    /// Lane by lane.
    pub lanes: Vec<LaneFigures>,
}

/// How many of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counted {
    /// Of statements the measure that a ruling imposes, else their kind; or the code of a violation.
    pub of: String,
    /// How many.
    pub figure: Figure,
}

/// The cases under an instrument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstrumentFigures {
    /// The instrument.
    pub instrument: String,
    /// Cases that were opened.
    pub opened: Figure,
    /// Cases that were decided: for the first time a session's resolution was complete.
    pub decided: Figure,
    /// From its opening until a case was decided.
    pub to_decision: Elapsed,
    /// From its opening until what was decided was logged, for the first time.
    pub to_docket: Elapsed,
    /// Statements that follow from cases and were logged.
    pub statements: Figure,
    /// The same by measure and kind.
    pub statements_by: Vec<Counted>,
}

/// What happened in cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaseFigures {
    /// Cases that were opened, under all instruments.
    pub opened: Figure,
    /// Cases that were decided.
    pub decided: Figure,
    /// Instrument by instrument, in the order of their names.
    pub instruments: Vec<InstrumentFigures>,
    /// How often a seat recused itself.
    pub recused: Figure,
    /// Challenges that were upheld.
    pub challenges_upheld: Figure,
    /// Challenges that were rejected.
    pub challenges_rejected: Figure,
    /// Votes that were sealed and not opened in time.
    pub votes_not_opened: Figure,
    /// Interim measures that were ordered.
    pub interims_ordered: Figure,
    /// Objections to what was decided, person by person; the cases that hear them are in no other count above but those of
    /// recusals, challenges and votes.
    pub appeals: AppealFigures,
    /// Applications to return, likewise.
    pub returns: ReturnFigures,
}

/// Objections to what was decided. What was filed in a quarter is decided in another: they don't add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppealFigures {
    /// That were filed.
    pub filed: Figure,
    /// Of which no panel could be formed, when they were opened, that shares nobody with the first.
    pub no_panel: Figure,
    /// That ended, and what was decided stays.
    pub upheld: Figure,
    /// That ended with something else in its place.
    pub varied: Figure,
    /// That ended, and what was decided was taken back.
    pub annulled: Figure,
    /// That weren't pursued.
    pub dropped: Figure,
}

/// Applications to return. What was applied for in a quarter is decided in another: they don't add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReturnFigures {
    /// That were filed.
    pub applied: Figure,
    /// That ended with a reinstatement.
    pub granted: Figure,
    /// That ended without one.
    pub refused: Figure,
    /// Reinstatements that were ended, since somebody fell back.
    pub relapses: Figure,
}

/// A member's own permanent bans, as it declares them, against what it reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberFigures {
    /// The member.
    #[schema(value_type = MemberId)]
    pub member: String,
    /// Its name.
    pub name: String,
    /// How many accounts it banned for good, by its own signed word; as it is, however few: the member says it of itself.
    /// Absent where it declared nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bans: Option<u64>,
    /// When the registry had that word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_at: Option<Time>,
    /// How often it declared: more than one is a correction.
    pub declarations: u64,
    /// How many violations it reported in the quarter.
    pub reports: Figure,
}

/// What members declare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeclaredFigures {
    /// Who was bound when the quarter was over, in the order of their list.
    pub members: Vec<MemberFigures>,
    /// Bans by the codes that members declare, all members together; none where one of them would tell a count under five.
    pub codes: Vec<Counted>,
}

/// A quarter that is over. Its figures of reports and cases never change; a member may correct what it declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeriodFigures {
    /// Which.
    pub period: Quarter,
    /// When it began.
    pub from: Time,
    /// When it was over.
    pub to: Time,
    /// What came.
    pub reports: ReportFigures,
    /// What happened in cases.
    pub cases: CaseFigures,
    /// What members declare.
    pub declared: DeclaredFigures,
}

/// Figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"periods": [{
    "period": "2026-Q3", "from": "2026-06-30T16:00:00.000Z", "to": "2026-09-30T16:00:00.000Z",
    "reports": {"received": {"count": 61}, "lanes": [{"lane": "violation", "received": {"count": 61}, "accepted": {"count": 40},
        "dismissed": {"count": 13}, "merged": {"hidden": "under-five"}, "asked": {"hidden": "under-five"}, "open": {"count": 0},
        "triage": {"medianHours": 30, "p90Hours": 97}}]},
    "cases": {"opened": {"count": 8}, "decided": {"count": 6}, "instruments": [{"instrument": "streamer-warning-rules",
        "opened": {"count": 8}, "decided": {"count": 6}, "toDecision": {"medianHours": 700}, "toDocket": {},
        "statements": {"hidden": "withheld"},
        "statementsBy": [{"of": "suspension", "figure": {"count": 12}},
            {"of": "bar", "figure": {"hidden": "under-five"}}]}],
        "recused": {"hidden": "under-five"}, "challengesUpheld": {"count": 0}, "challengesRejected": {"count": 0},
        "votesNotOpened": {"count": 0}, "interimsOrdered": {"hidden": "under-five"},
        "appeals": {"filed": {"count": 6}, "noPanel": {"count": 0}, "upheld": {"count": 5}, "varied": {"hidden": "under-five"},
            "annulled": {"hidden": "under-five"}, "dropped": {"count": 0}},
        "returns": {"applied": {"count": 9}, "granted": {"count": 7}, "refused": {"hidden": "under-five"},
            "relapses": {"count": 0}}},
    "declared": {"members": [{"member": "alpha", "name": "Alpha Live", "bans": 57, "declaredAt": "2026-10-08T01:00:00.000Z",
        "declarations": 1, "reports": {"count": 61}}], "codes": [{"of": "NB-11", "figure": {"count": 57}}]},
}]}))]
pub struct Figures {
    /// The quarters that lie between the days that were asked for and are over, the newest first.
    pub periods: Vec<PeriodFigures>,
}

/// Which quarters: those that begin and end between two days.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FiguresBetween {
    /// The first day, by the clock of Beijing; absent, a year before the last.
    #[param(value_type = Option<String>, format = Date, example = "2026-01-01")]
    pub from: Option<Date>,
    /// The last day; absent, that of the last quarter that is over.
    #[param(value_type = Option<String>, format = Date, example = "2026-12-31")]
    pub to: Option<Date>,
}

operations! {
    /// The operations on figures.
    OPERATIONS:

    /// Shows what the association did, in figures: reports, cases, decisions, by quarter
    ///
    /// Whole quarters alone, a day after each is over, so that no two answers differ by a few days; the newest twenty between
    /// `from` and `to`. Counts from 1 to 4 are hidden, and whatever would give one back. Violation codes of reports and
    /// decisions are sealed; by code there is what members declare. On a page: `/figures`.
    GET_FIGURES: [Anyone, (), FiguresBetween, (), Figures] =
        Operation::get("/v1/figures", "public").query().gives(&[(200, "The figures")])
            .cached("public, max-age=60").problems("malformed");
}
