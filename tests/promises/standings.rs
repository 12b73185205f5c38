//! *One reversal everywhere*, and nowhere else: a docket moves the standing of its own tags, and of tags that a link joins
//! to them, alone; a reversal holds at every instant after it, and brings nothing back that was over.

use std::collections::BTreeMap;

use callboard_federation::{
    encoding::{RecordId, Time},
    hand_in::HandIn,
    replay::{ReadDocket, Replay},
    standing::{Action, Standing, State},
    statement::{EpochTag, Kind},
};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{
    committee::{Committee, Drafted, tag},
    time,
};

/// A log after the roster, the policies and the members of the vectors.
fn founded() -> (Committee, Replay) {
    let committee = Committee::new();
    let mut replay = Replay::new(Some(committee.genesis()));
    for line in &committee.beginning()[..3] {
        let handed: HandIn = serde_json::from_value(line["handIn"].clone()).unwrap();
        replay.log(&ReadDocket::of(handed.into_parts().0).unwrap(), time(&line["loggedAt"])).unwrap();
    }
    (committee, replay)
}

fn began() -> Time {
    "2026-03-01T00:00:00.000Z".parse().unwrap()
}

fn log(committee: &mut Committee, replay: &mut Replay, at: Time, drafted: &[&Drafted]) -> bool {
    let docket = committee.docket(at, drafted, None);
    ReadDocket::of(docket.into_parts().0).is_ok_and(|read| replay.log(&read, at).is_ok())
}

fn epoch_tag(number: u32) -> EpochTag {
    serde_json::from_value(json!({"epoch": 1, "tag": tag(number)})).unwrap()
}

/// What holds for a person, but for the size that it is told of.
fn standing(replay: &Replay, person: u32, at: Time) -> Standing {
    let standing = replay.standing(&[epoch_tag(person)], replay.tree().size(), at).unwrap();
    Standing { size: 0, ..standing }
}

const PERSONS: u32 = 6;

/// One decision of a generated history; `usize` picks an earlier record.
#[derive(Debug, Clone)]
enum Decision {
    Rule(u32, &'static str),
    Interim(u32),
    RuleOn(usize),
    Act(Kind, usize),
    Link(u32, u32),
    Erase(usize),
}

fn decision() -> impl Strategy<Value = Decision> {
    let measures = prop_oneof![Just("notice"), Just("warning"), Just("restriction"), Just("suspension"), Just("bar")];
    let kinds = [Kind::Annulment, Kind::Stay, Kind::Reinstatement, Kind::Dispute, Kind::End];
    prop_oneof![
        4 => (0..PERSONS, measures).prop_map(|(person, measure)| Decision::Rule(person, measure)),
        1 => (0..PERSONS).prop_map(Decision::Interim),
        1 => any::<usize>().prop_map(Decision::RuleOn),
        6 => (prop::sample::select(kinds.to_vec()), any::<usize>()).prop_map(|(kind, on)| Decision::Act(kind, on)),
        1 => (0..PERSONS, 0..PERSONS).prop_map(|(one, other)| Decision::Link(one, other)),
        1 => any::<usize>().prop_map(Decision::Erase),
    ]
}

/// What a history has logged: each record's kind, and the persons that it is of.
#[derive(Default)]
struct History {
    records: Vec<(RecordId, Kind, Vec<u32>)>,
    about: BTreeMap<RecordId, RecordId>,
    links: Vec<[u32; 2]>,
}

impl History {
    /// Drafts a decision; the persons that it is of. `None` where there is nothing to act on.
    fn draft(&self, committee: &mut Committee, at: Time, decision: &Decision) -> Option<(Drafted, Kind, Vec<u32>)> {
        let earlier = |on: usize| self.records.get(on.checked_rem(self.records.len())?);
        Some(match *decision {
            Decision::Rule(person, kind) => {
                let measure = json!({"kind": kind, "scopes": ["live"]});
                (committee.impose(at, "ruling", &measure, &[tag(person)], &[]), Kind::Ruling, vec![person])
            }
            Decision::Interim(person) => {
                let measure = json!({"kind": "suspension", "scopes": ["live"], "until": at.plus_days(10).to_string()});
                (committee.impose(at, "interim", &measure, &[tag(person)], &[]), Kind::Interim, vec![person])
            }
            Decision::RuleOn(on) => {
                let (interim, _, persons) = earlier(on).filter(|(_, kind, _)| *kind == Kind::Interim)?;
                let measure = json!({"kind": "warning", "scopes": ["live"]});
                let tags: Vec<String> = persons.iter().map(|person| tag(*person)).collect();
                (committee.impose(at, "ruling", &measure, &tags, &[*interim]), Kind::Ruling, persons.clone())
            }
            Decision::Act(kind, on) => {
                let (record, of, persons) = earlier(on).filter(|(_, of, _)| kind.may_be_about(*of))?;
                (committee.act(at, kind, *of, &[*record]), kind, persons.clone())
            }
            Decision::Link(one, other) if one != other => {
                (committee.link(at, &[tag(one), tag(other)]), Kind::Link, vec![one, other])
            }
            Decision::Link(..) => return None,
            Decision::Erase(on) => {
                let (record, kind, persons) = earlier(on)?;
                let mut chain = vec![*record];
                while let Some((from, to)) =
                    self.about.iter().find(|(from, to)| chain.contains(from) != chain.contains(to))
                {
                    chain.push(if chain.contains(from) { *to } else { *from });
                }
                (committee.act(at, Kind::Erasure, *kind, &chain), Kind::Erasure, persons.clone())
            }
        })
    }

    /// The persons whom any link, whether it holds or not, joins to these.
    fn joined(&self, persons: &[u32]) -> Vec<u32> {
        let mut joined = persons.to_vec();
        while let Some([one, other]) = self.links.iter().find(|[a, b]| joined.contains(a) != joined.contains(b)) {
            joined.push(if joined.contains(one) { *other } else { *one });
        }
        joined
    }

    fn remember(&mut self, drafted: &Drafted, kind: Kind, persons: &[u32]) {
        if kind == Kind::Link {
            self.links.push([persons[0], persons[1]]);
        }
        let statement: serde_json::Value = serde_json::from_slice(&drafted.bytes).unwrap();
        if kind != Kind::Erasure
            && let Some(about) = statement["about"][0].as_str()
        {
            self.about.insert(drafted.record(), about.parse().unwrap());
        }
        self.records.push((drafted.record(), kind, persons.to_vec()));
    }
}

/// The instants that a standing is compared at: from long before a docket to after every term of it.
fn instants(at: Time) -> impl Iterator<Item = Time> {
    [-30, -1, 0, 1, 9, 10, 11, 400].into_iter().map(move |days| at.plus_days(days))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_docket_moves_nobody_but_those_it_is_of(decisions in prop::collection::vec(decision(), 1..24)) {
        let (mut committee, mut replay) = founded();
        let mut history = History::default();
        for (day, decision) in (0..).zip(&decisions) {
            let at = began().plus_days(day);
            let Some((drafted, kind, persons)) = history.draft(&mut committee, at, decision) else { continue };
            let before: Vec<Vec<Standing>> = (0..PERSONS)
                .map(|person| instants(at).map(|at| standing(&replay, person, at)).collect())
                .collect();
            let counts = log(&mut committee, &mut replay, at, &[&drafted]);
            if counts {
                history.remember(&drafted, kind, &persons);
            }
            let moved = if counts { history.joined(&persons) } else { Vec::new() };
            for (person, before) in (0..PERSONS).zip(&before) {
                if !moved.contains(&person) {
                    let after: Vec<Standing> = instants(at).map(|at| standing(&replay, person, at)).collect();
                    prop_assert_eq!(before, &after, "{:?} of {:?} moved {}", kind, persons, person);
                }
            }
        }
    }
}

#[test]
fn a_wrong_name_in_row_17_of_88_is_put_right_in_one_docket() {
    const ROW: usize = 16;
    const RIGHT: u32 = 1_000;
    let (mut committee, mut replay) = founded();
    let at = began();
    let batch: Vec<Drafted> = (0..88).map(|person| committee.suspend(at, &tag(person))).collect();
    assert!(log(&mut committee, &mut replay, at, &batch.iter().collect::<Vec<_>>()));
    let wrong = u32::try_from(ROW).unwrap();
    assert_eq!(standing(&replay, wrong, at).action, Action::Refuse);
    assert_eq!(standing(&replay, RIGHT, at).action, Action::Allow);

    let later = at.plus_days(2);
    let annulment = committee.act(later, Kind::Annulment, Kind::Ruling, &[batch[ROW].record()]);
    let replacement = committee.suspend(later, &tag(RIGHT));
    assert!(log(&mut committee, &mut replay, later, &[&annulment, &replacement]));
    let corrected = replay.tree().size();
    // Others go on being decided; what was put right stays so, at every size and instant.
    for person in 2_000..2_004 {
        let next = committee.suspend(later.plus_days(i64::from(person - 1_999)), &tag(person));
        assert!(log(&mut committee, &mut replay, later.plus_days(i64::from(person - 1_999)), &[&next]));
    }
    for size in corrected..=replay.tree().size() {
        for days in [0, 1, 2, 30, 365, 3_650] {
            let at = later.plus_days(days);
            let of = |person| replay.standing(&[epoch_tag(person)], size, at).unwrap();
            assert_eq!((of(wrong).action, of(wrong).state, of(wrong).reasons.len()), (Action::Allow, State::Clear, 0));
            assert_eq!((of(RIGHT).action, of(RIGHT).state), (Action::Refuse, State::Suspended));
            for other in (0..88).filter(|other| *other != wrong) {
                assert_eq!(of(other).action, Action::Refuse, "row {other}");
            }
        }
    }
    // A member is judged by the size that it quoted: before the correction the wrong one was refused.
    let quoted = replay.standing(&[epoch_tag(wrong)], corrected - 1, later).unwrap();
    assert_eq!(quoted.action, Action::Refuse);
}

#[test]
fn an_annulment_on_appeal_never_brings_an_interim_back() {
    let (mut committee, mut replay) = founded();
    let (at, person) = (began(), 1);
    let until = at.plus_days(80);
    let measure = json!({"kind": "suspension", "scopes": ["live"], "until": until.to_string()});
    let interim = committee.impose(at, "interim", &measure, &[tag(person)], &[]);
    assert!(log(&mut committee, &mut replay, at, &[&interim]));
    assert_eq!(standing(&replay, person, at).action, Action::Refuse);

    let ruled = at.plus_days(5);
    let bar = json!({"kind": "bar", "scopes": ["live"]});
    let ruling = committee.impose(ruled, "ruling", &bar, &[tag(person)], &[interim.record()]);
    assert!(log(&mut committee, &mut replay, ruled, &[&ruling]));
    assert_eq!(standing(&replay, person, ruled).state, State::Barred);

    let appealed = at.plus_days(20);
    let annulment = committee.act(appealed, Kind::Annulment, Kind::Ruling, &[ruling.record()]);
    assert!(log(&mut committee, &mut replay, appealed, &[&annulment]));
    for days in [0, 1, 30, 59, 60, 365] {
        let after = standing(&replay, person, appealed.plus_days(days));
        assert_eq!((after.action, after.state), (Action::Allow, State::Clear), "{days} days later");
    }
}
