//! The reports that came in a quarter, by lane and by what had become of each when the quarter was over.

use std::collections::BTreeMap;

use callboard_api::registry::figures::{Figure, LaneFigures, ReportFigures};
use callboard_federation::{
    encoding::Time,
    report::{ReportKind, ReportState},
};
use callboard_rules::suppression::{Breakdown, Published};

use super::{elapsed, figure};
use crate::store::figures::ReportStepRow;

/// What became of reports, in the order of a lane's parts.
const STATES: [ReportState; 5] =
    [ReportState::Accepted, ReportState::Dismissed, ReportState::Merged, ReportState::Asked, ReportState::Received];

/// The reports that came in a quarter.
pub(super) struct Came {
    lanes: Vec<Lane>,
    /// How many violations each member reported.
    violations: BTreeMap<String, u64>,
}

struct Lane {
    kind: ReportKind,
    counts: [u64; STATES.len()],
    /// How long each took that is decided, in milliseconds.
    triage: Vec<i64>,
}

/// A report on its way.
struct OneReport<'r> {
    row: &'r ReportStepRow,
    state: ReportState,
    ended_at: Option<Time>,
}

impl Came {
    /// Of reports with their acts, by report and in order; what was done at `to` or later isn't among them.
    pub(super) fn of(rows: &[ReportStepRow], to: Time) -> Self {
        let lane = |kind: &ReportKind| Lane { kind: *kind, counts: [0; STATES.len()], triage: Vec::new() };
        let mut came = Self { lanes: ReportKind::ALL.iter().map(lane).collect(), violations: BTreeMap::new() };
        for rows in rows.chunk_by(|one, next| one.id == next.id) {
            let Some(row) = rows.first() else { continue };
            let mut one = OneReport { row, state: ReportState::Received, ended_at: None };
            for (act, at) in rows.iter().filter_map(|row| row.act).filter(|(_, at)| *at < to) {
                one.state = one.state.after(act).unwrap_or(one.state);
                one.ended_at = one.ended_at.or_else(|| (!one.state.is_open()).then_some(at));
            }
            came.add(&one);
        }
        came
    }

    fn add(&mut self, one: &OneReport<'_>) {
        let Some(lane) = self.lanes.iter_mut().find(|lane| lane.kind == one.row.kind) else { return };
        for (state, count) in STATES.iter().zip(&mut lane.counts) {
            *count += u64::from(*state == one.state);
        }
        lane.triage.extend(one.ended_at.map(|at| at.as_millis() - one.row.received_at.as_millis()));
        if one.row.kind == ReportKind::Violation {
            *self.violations.entry(one.row.member.clone()).or_default() += 1;
        }
    }

    /// What is told of them. How many came in all lanes is told where that is of each lane.
    pub(super) fn figures(&self) -> ReportFigures {
        let lanes: Vec<(Published, LaneFigures)> = self.lanes.iter().map(Lane::figures).collect();
        let received = figure(Breakdown::sum(lanes.iter().map(|(total, _)| *total)));
        ReportFigures { received, lanes: lanes.into_iter().map(|(_, lane)| lane).collect() }
    }

    /// How many violations each of these members reported. They add up to those of the lane: they are told only where its
    /// sum is, and gives none of them back; else none is, since each that is told tells of the others.
    pub(super) fn by_member<'m>(&self, members: impl Iterator<Item = &'m str>) -> Vec<Figure> {
        let count = |member: &str| self.violations.get(member).copied().unwrap_or(0);
        let members: Vec<u64> = members.map(count).collect();
        // Those of a member that isn't bound any more are of nobody who is listed, and add up with the others.
        let others = self.violations.values().sum::<u64>() - members.iter().sum::<u64>();
        let all: Vec<u64> = members.iter().copied().chain((others > 0).then_some(others)).collect();
        let violations = self.lanes.iter().find(|lane| lane.kind == ReportKind::Violation);
        let is_lane_told = violations.is_some_and(|lane| lane.figures().0.is_shown());
        let Breakdown { parts, total } = Breakdown::of(&all);
        let told = |part: Published| if is_lane_told && total.is_shown() { part } else { Published::Withheld };
        parts.into_iter().take(members.len()).map(|part| figure(told(part))).collect()
    }
}

impl Lane {
    fn figures(&self) -> (Published, LaneFigures) {
        let Breakdown { parts, total } = Breakdown::of(&self.counts);
        let of = |state: ReportState| {
            let part = STATES.iter().zip(&parts).find(|(of, _)| **of == state);
            figure(part.map_or(Published::Withheld, |(_, part)| *part))
        };
        let figures = LaneFigures {
            lane: self.kind,
            received: figure(total),
            accepted: of(ReportState::Accepted),
            dismissed: of(ReportState::Dismissed),
            merged: of(ReportState::Merged),
            asked: of(ReportState::Asked),
            open: of(ReportState::Received),
            triage: elapsed(self.triage.clone()),
        };
        (total, figures)
    }
}

#[cfg(test)]
mod tests {
    use callboard_federation::{encoding::ReportId, report::ReportAct};
    use proptest::prelude::*;

    use super::*;

    const TO: i64 = 1_000 * 3_600_000;

    fn rows(number: u64, member: &str, acts: &[(ReportAct, i64)]) -> Vec<ReportStepRow> {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&number.to_be_bytes());
        let row = |act| ReportStepRow {
            id: ReportId::new(Time::from_millis(0), random),
            member: member.to_owned(),
            kind: ReportKind::Violation,
            received_at: Time::from_millis(0),
            act,
        };
        let acts = acts.iter().map(|(act, hours)| row(Some((*act, Time::from_millis(hours * 3_600_000)))));
        if acts.len() == 0 { vec![row(None)] } else { acts.collect() }
    }

    fn came(reports: &[(&str, &[(ReportAct, i64)])]) -> Came {
        let rows = (0..).zip(reports).flat_map(|(number, (member, acts))| rows(number, member, acts));
        Came::of(&rows.collect::<Vec<_>>(), Time::from_millis(TO))
    }

    #[test]
    fn a_report_counts_by_what_had_become_of_it_when_the_quarter_was_over() {
        use ReportAct::{Accept, Answer, Ask, Dismiss, Note};
        let asked: &[_] = &[(Ask, 1), (Note, 2)];
        let answered: &[_] = &[(Ask, 1), (Answer, 2)];
        let accepted: &[_] = &[(Ask, 1), (Answer, 2), (Accept, 10), (Note, 11)];
        let dismissed: &[_] = &[(Dismiss, 30)];
        let late: &[_] = &[(Accept, 1_000)];
        let of = |many: usize, acts| std::iter::repeat_n(("alpha", acts), many);
        let reports: Vec<_> = of(6, asked)
            .chain(of(7, answered))
            .chain(of(8, accepted))
            .chain(of(5, dismissed))
            .chain(of(2, late))
            .collect();
        let told = came(&reports).figures().lanes.remove(0);
        let counts = [told.received, told.accepted, told.dismissed, told.merged, told.asked, told.open];
        assert_eq!(counts.map(|figure| figure.count), [28, 8, 5, 0, 6, 9].map(Some));
        assert_eq!((told.triage.median_hours, told.triage.p90_hours), (Some(10), Some(30)));
    }

    #[test]
    fn what_members_reported_is_told_only_where_the_lane_gives_none_of_it_back() {
        let accepted: &[_] = &[(ReportAct::Accept, 10)];
        let by = |counts: &[(&'static str, usize)], members: &[&str]| -> Vec<Option<u64>> {
            let reports: Vec<_> =
                counts.iter().flat_map(|(member, many)| std::iter::repeat_n((*member, accepted), *many)).collect();
            came(&reports).by_member(members.iter().copied()).iter().map(|figure| figure.count).collect()
        };
        assert_eq!(by(&[("alpha", 7), ("beta", 5)], &["alpha", "beta", "gamma"]), [Some(7), Some(5), Some(0)]);
        assert_eq!(by(&[("alpha", 7), ("beta", 2)], &["alpha", "beta", "gamma"]), [None; 3], "12 - 7 - 0");
        assert_eq!(by(&[("alpha", 7), ("beta", 2), ("gamma", 3)], &["alpha", "beta", "gamma"]), [Some(7), None, None]);
        assert_eq!(by(&[("alpha", 7), ("left", 2)], &["alpha"]), [None], "who left reported the others");
    }

    proptest! {
        /// Whoever adds up what is told of members and of the lane finds no count under five.
        #[test]
        fn no_count_of_a_member_follows_from_the_others(
            counts in prop::collection::vec(prop_oneof![0..6_usize, 0..12_usize], 1..6),
            dismissed in 0..8_usize,
        ) {
            let (accepted, dismissal): (&[_], &[_]) = (&[(ReportAct::Accept, 1)], &[(ReportAct::Dismiss, 1)]);
            let names = ["a", "b", "c", "d", "e", "f"];
            let by = names.iter().zip(&counts).flat_map(|(name, many)| std::iter::repeat_n(*name, *many));
            let acts = std::iter::repeat_n(dismissal, dismissed).chain(std::iter::repeat(accepted));
            let came = came(&by.zip(acts).collect::<Vec<_>>());
            let members = came.by_member(names[..counts.len()].iter().copied());
            let lane = came.figures().lanes.remove(0);
            let hidden: Vec<u64> = counts.iter().zip(&members)
                .filter(|(_, figure)| figure.count.is_none()).map(|(count, _)| *count as u64).collect();
            if members.iter().all(|figure| figure.hidden == Some(callboard_api::registry::figures::Hidden::Withheld)) {
                return Ok(());
            }
            prop_assert!(lane.received.count.is_some(), "the members would give it back");
            let (many, sum) = (hidden.len() as u64, hidden.iter().sum::<u64>());
            prop_assert!(many == 0 || many > 1 && many < sum && sum < 4 * many, "{:?}", counts);
        }
    }
}
