use std::convert::Infallible;

use serde_json::{Value, json};

use super::{LineEffect, LineError, ReadDocket, Replay, RuleError};
use crate::{
    disclosure::{Disclosure, DocketDisclosure},
    docket::Docket,
    document::Document,
    encoding::Time,
    entry::Entry,
    hand_in::{HandIn, check_shares},
    roster::Roster,
    vectors::{base64, disclosed, list, text},
};

fn dockets() -> Value {
    serde_json::from_str(include_str!("../../vectors/dockets.json")).unwrap()
}

fn replays() -> Value {
    serde_json::from_str(include_str!("../../vectors/replays.json")).unwrap()
}

fn time(value: &Value) -> Time {
    text(value).parse().unwrap()
}

fn log(replay: &mut Replay, handed: &DocketDisclosure, logged_at: Time) -> Result<Entry, RuleError> {
    replay.log(&ReadDocket::of(handed)?, logged_at)
}

/// What a line shows, with the items that a later replay lacks taken out.
fn line(case: &Value, erased: &Value) -> Option<Disclosure> {
    let shown = case.get("shown").unwrap_or(&case["handIn"]);
    let index = case["index"].as_u64().unwrap();
    let mut docket = disclosed(shown)?;
    for place in list(erased) {
        if place[0].as_u64() == Some(index) {
            docket.items[usize::try_from(place[1].as_u64().unwrap()).unwrap()] = None;
        }
    }
    Some(Disclosure { index, entry: base64(&case["entry"]), docket: Some(docket) })
}

#[derive(Debug, Default, PartialEq)]
struct Played {
    uncounted: Vec<u64>,
    stops: Vec<u64>,
}

/// Plays lines from the beginning, again for each erasure that tells what an erased statement hid.
fn play(genesis: &Value, lines: &[Disclosure]) -> (Replay, Played) {
    let mut replay = Replay::new(Some(text(genesis).parse().unwrap()));
    'again: loop {
        let mut played = Played::default();
        for line in lines {
            match replay.follow(line) {
                Ok(LineEffect::Counted | LineEffect::Anchors) => {}
                Ok(LineEffect::NotCounted(_)) => played.uncounted.push(line.index),
                Ok(LineEffect::BeginAgain(again)) => {
                    replay = *again;
                    continue 'again;
                }
                Err(fault) => {
                    played.stops.push(fault.index);
                    return (replay, played);
                }
            }
        }
        played.stops.extend(replay.not_erased().iter().map(|LineError { index, .. }| *index));
        return (replay, played);
    }
}

/// All that a docket could have changed.
fn summary(replay: &Replay) -> (u64, usize, usize, usize, usize, usize, Option<u64>) {
    (
        replay.tree.size(),
        replay.records.len(),
        replay.ids.len(),
        replay.history.dockets.len() + replay.docket_ids.len(),
        replay.erased.len() + replay.uncounted.len() + replay.uncounted_records.len(),
        replay.policies.len() + replay.records.tags().count(),
        replay.roster().map(|roster| roster.version),
    )
}

fn indexes(value: Option<&Value>) -> Vec<u64> {
    value.map_or(Vec::new(), |value| list(value).iter().map(|index| index.as_u64().unwrap()).collect())
}

#[test]
fn whoever_replays_the_log_finds_the_same_dockets_to_count() {
    let vectors = replays();
    for case in list(&vectors["cases"]) {
        let name = &case["name"];
        let erased = &case["erased"];
        let all = list(&vectors["beginning"]).iter().chain(list(&case["disclosures"]));
        let lines: Vec<_> = all.map(|line_of| line(line_of, erased).unwrap()).collect();
        let (replay, played) = play(&vectors["genesis"], &lines);
        let pinned = Replay::new(Some(text(&vectors["genesis"]).parse().unwrap()));
        let open = || Ok::<_, Infallible>(lines.iter().cloned().map(Ok));
        let followed = pinned.follow_all(open, |_, _, _| Ok::<_, Infallible>(())).unwrap();
        if let Ok(all) = followed {
            assert_eq!(summary(&all), summary(&replay), "{name}");
        } else {
            assert!(!played.stops.is_empty(), "{name}");
        }
        let last = lines.last().unwrap().index;
        let mut expected = Played { uncounted: indexes(case.get("doNotCount")), stops: indexes(case.get("stops")) };
        if !case["accepted"].as_bool().unwrap() && expected.stops.is_empty() {
            expected.uncounted.push(last);
        }
        assert_eq!(played, expected, "{name} ({})", case["reason"]);
    }
}

/// What a registry does with the same: it logs what counts, refuses the rest, and its entries are the same bytes.
#[test]
fn a_registry_logs_what_counts_and_a_refusal_leaves_nothing_behind() {
    let vectors = replays();
    for case in list(&vectors["cases"]) {
        let name = &case["name"];
        let mut replay = Replay::new(None);
        for line in list(&vectors["beginning"]) {
            let entry = log(&mut replay, &disclosed(&line["handIn"]).unwrap(), time(&line["loggedAt"])).unwrap();
            assert_eq!(entry.to_string().into_bytes(), base64(&line["entry"]), "{name}");
        }
        let (uncounted, cases) = (indexes(case.get("doNotCount")), list(&case["disclosures"]));
        for (at, line) in cases.iter().enumerate() {
            let Some(handed) = disclosed(&line["handIn"]) else { continue };
            let index = line["index"].as_u64().unwrap();
            let counts = if at + 1 == cases.len() { case["accepted"] == true } else { !uncounted.contains(&index) };
            if counts && uncounted.is_empty() {
                let entry = log(&mut replay, &handed, time(&line["loggedAt"]))
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(entry.to_string().into_bytes(), base64(&line["entry"]), "{name}");
            } else if !counts {
                let before = summary(&replay);
                // A line that was falsified after it was logged had been handed in as it should be.
                if case.get("stops").is_none() || line.get("shown").is_none() {
                    assert!(log(&mut replay, &handed, time(&line["loggedAt"])).is_err(), "{name}");
                    assert_eq!(summary(&replay), before, "{name}");
                }
            }
        }
    }
}

/// A replay after the vectors' beginning, with another roster in force where the case says so.
fn beginning(vectors: &Value, roster: &str) -> Replay {
    let mut replay = Replay::new(None);
    for line in list(&vectors["beginning"]) {
        log(&mut replay, &disclosed(&line["handIn"]).unwrap(), time(&line["loggedAt"])).unwrap();
    }
    let document = Document::read(roster.to_owned()).unwrap();
    assert!(replay.roster().is_some());
    if let Some(in_force) = &mut replay.roster {
        in_force.document = document;
    }
    replay
}

#[test]
fn a_docket_is_accepted_under_the_roster_in_force_or_refused() {
    let vectors = dockets();
    let mut seen = 0;
    for case in list(&vectors["cases"]) {
        let (name, accepted) = (&case["name"], case["accepted"].as_bool().unwrap());
        let check = text(&case["check"]);
        if check == "roster" || check == "handIn" {
            continue;
        }
        let handed = if case["handIn"].is_null() {
            assert!(case["envelope"].is_object(), "{name}");
            let items = case.get("statement").map_or_else(Vec::new, |statement| vec![statement.clone()]);
            disclosed(&json!({"docket": case["envelope"], "items": items}))
        } else {
            disclosed(&case["handIn"])
        };
        let Some(handed) = handed else {
            assert!(!accepted, "{name}");
            continue;
        };
        seen += 1;
        let logged_at = time(&case["loggedAt"]);
        let outcome = if check == "genesis" {
            let pinned = text(&case["pinned"]).parse().unwrap();
            log(&mut Replay::new(Some(pinned)), &handed, logged_at).map(drop)
        } else {
            let roster = case.get("rosterBefore").unwrap_or_else(|| &vectors["rosters"][text(&case["rosterInForce"])]);
            let mut replay = beginning(&vectors, text(roster));
            if case["envelope"].is_null() || case.get("statement").is_some() {
                log(&mut replay, &handed, logged_at).map(drop)
            } else {
                judge(&replay, &handed, logged_at)
            }
        };
        assert_eq!(outcome.is_ok(), accepted, "{check}: {name} ({}): {outcome:?}", case["reason"]);
    }
    assert!(seen > 90);
}

/// What can be said of an envelope whose statements nobody has.
fn judge(replay: &Replay, handed: &DocketDisclosure, logged_at: Time) -> Result<(), RuleError> {
    let moment = super::Moment { index: replay.tree.size(), logged_at };
    let docket = Docket::from_json(&handed.envelope.payload.0)?;
    Replay::check_when(moment, &docket)?;
    replay.check_who(moment, &docket, &handed.envelope, &[])
}

#[test]
fn a_roster_whose_parts_do_not_hold_together_is_refused() {
    let vectors = dockets();
    for case in list(&vectors["cases"]).iter().filter(|case| case["check"] == "roster") {
        let mut document: Value = serde_json::from_str(text(&vectors["rosters"]["one"])).unwrap();
        for (member, value) in case["replace"].as_object().into_iter().flatten() {
            document[member] = value.clone();
        }
        let read = Document::<Roster>::read(document.to_string());
        assert_eq!(read.is_ok(), case["accepted"].as_bool().unwrap(), "{} ({})", case["name"], case["reason"]);
    }
}

#[test]
fn a_docket_comes_with_the_shares_that_its_details_name() {
    let vectors = dockets();
    for case in list(&vectors["cases"]).iter().filter(|case| case["check"] == "handIn") {
        let handed = HandIn::from_json(case["handIn"].to_string().as_bytes()).unwrap();
        let (disclosed, shares) = handed.into_parts();
        let read = ReadDocket::of(&disclosed).unwrap();
        assert_eq!(
            check_shares(read.statements(), &shares).is_ok(),
            case["accepted"].as_bool().unwrap(),
            "{}",
            case["name"]
        );
        let mut replay = beginning(&vectors, text(&vectors["rosters"][text(&case["rosterInForce"])]));
        let accepted = log(&mut replay, &disclosed, time(&case["loggedAt"]));
        assert!(accepted.is_ok(), "{}: shares aside it counts: {accepted:?}", case["name"]);
    }
}
