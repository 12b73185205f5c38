//! A proxy that alters any part of any line of the feed: the agent behind it never says `allow` of a barred person, says by
//! name what is wrong, cosigns nothing that isn't the log's, and heals once the feed is honest again.
//!
//! `cargo xtask campaign feed` alters every line; without it, one of each kind.

use std::sync::Arc;

use callboard_agent::replica::Replica;
use callboard_client::clock::{Clock as _, HandClock};
use callboard_federation::{
    disclosure::Disclosure,
    encoding::{Base64, Hash},
    entry::{Entry, anchors_root},
    standing::Action,
    statement::EpochTag,
};
use serde_json::{Map, Value, json};

use crate::{
    committee::tag,
    fresh, look,
    proxy::{Lie, Proxy, body},
    registry::{Log, Registry, STALENESS, open},
};

/// The barred person.
const BARRED: u32 = 41;

/// A log with every kind of line: documents, records, a publication, anchors, a docket that doesn't count, a bar at its end.
fn log() -> Log {
    let mut log = Log::new(2, &["alpha", "beta"]);
    let root = anchors_root([Hash::of(b"one"), Hash::of(b"two")]);
    let entry = format!(r#"{{"v":1,"loggedAt":"{}","anchors":"{root}"}}"#, log.now).into_bytes();
    assert!(Entry::parse(&entry).is_ok());
    log.lines.push(Disclosure { index: log.lines.len() as u64, entry, docket: None });
    let noticed = log.committee.suspend(log.now, &tag(40));
    let words = json!({"v": 1, "zh": "公告", "en": "Notice"}).to_string();
    let docket = log.committee.docket(log.now, &[&noticed], Some(words.as_bytes()));
    log.take(docket);
    let short = log.committee.suspend(log.now, &tag(42));
    let mut docket = log.committee.docket(log.now, &[&short], None);
    docket.docket.signatures.truncate(2);
    log.force(docket.into_parts().0);
    log.suspend(&tag(BARRED));
    log
}

/// The lines whose every part is altered: a roster, policies and members, a ruling, a link; anchors, a publication, what
/// doesn't count, the bar; and the checkpoint.
fn chosen(lines: usize) -> Vec<usize> {
    if std::env::var_os("CALLBOARD_CAMPAIGN").is_some() {
        return (0..=lines).collect();
    }
    vec![0, 2, 12, lines - 4, lines - 3, lines - 2, lines - 1, lines]
}

/// A place in a line: members and numbers, in base64 members and the leaf too.
type Path = Vec<Value>;

fn places(value: &Value, path: &Path, found: &mut Vec<Path>) {
    found.push(path.clone());
    let deeper = |step: Value| [path.clone(), vec![step]].concat();
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| places(value, &deeper(json!(key)), found)),
        Value::Array(list) => list.iter().enumerate().for_each(|(at, value)| places(value, &deeper(json!(at)), found)),
        _ => {}
    }
}

fn at<'a>(value: &'a mut Value, path: &[Value]) -> &'a mut Value {
    path.iter().fold(value, |value, step| match step {
        Value::String(key) => &mut value[key.as_str()],
        step => &mut value[usize::try_from(step.as_u64().unwrap()).unwrap()],
    })
}

/// A text with one letter of its alphabet another, at a place from 0 to 2: begin, middle, end.
fn respelled(text: &str, place: usize) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let last = letters.iter().rposition(|letter| *letter != '=').unwrap_or(0);
    let Some(letter) = letters.get_mut(last * place / 2) else { return "x".to_owned() };
    *letter = if *letter == '0' || *letter == 'A' {
        '1'
    } else if letter.is_ascii_digit() {
        '0'
    } else {
        'A'
    };
    letters.into_iter().collect()
}

/// What is made of one place; `other` is the same place in another line, if there is one.
fn alterations(line: &Value, path: &Path, other: Option<&Value>) -> Vec<(String, Value)> {
    let mut altered = Vec::new();
    let here = at(&mut line.clone(), path).clone();
    let mut put = |name: &str, value: Value| {
        let mut line = line.clone();
        *at(&mut line, path) = value;
        altered.push((name.to_owned(), line));
    };
    for (name, value) in [
        ("null", Value::Null),
        ("number", json!(7)),
        ("true", json!(true)),
        ("empty", json!("")),
        ("list", json!([])),
        ("object", json!({})),
    ] {
        if here != value {
            put(name, value);
        }
    }
    if let Some(other) = other.filter(|other| **other != here) {
        put("of another line", other.clone());
    }
    match &here {
        Value::String(text) => {
            (0..3).for_each(|place| put("respelled", json!(respelled(text, place))));
            put("longer", json!(format!("{text}A")));
            put("shorter", json!(text.get(..text.len().saturating_sub(1)).unwrap_or_default()));
            put("upper case", json!(text.to_uppercase()));
        }
        Value::Number(_) => put("more", json!(here.as_u64().unwrap() + 1)),
        Value::Array(list) => {
            put("reversed", list.iter().rev().cloned().collect());
            put("doubled", list.iter().flat_map(|item| [item, item]).cloned().collect());
            put("shortened", list[..list.len().saturating_sub(1)].to_vec().into());
        }
        Value::Object(members) => {
            let more: Map<_, _> = members.clone().into_iter().chain([("more".to_owned(), json!(1))]).collect();
            put("a member more", more.into());
        }
        _ => {}
    }
    if let (Some(last), Some(owner)) = (path.last(), path.len().checked_sub(1)) {
        let mut dropped = line.clone();
        match at(&mut dropped, &path[..owner]) {
            Value::Object(members) => drop(members.remove(last.as_str().unwrap())),
            Value::Array(list) => drop(list.remove(usize::try_from(last.as_u64().unwrap()).unwrap())),
            _ => unreachable!("a place is in a list or an object"),
        }
        altered.push(("dropped".to_owned(), dropped));
    }
    altered.retain(|(_, altered)| altered != line);
    altered
}

/// Members that hold bytes are altered inside too: each member of the leaf, each of the docket.
fn inside(line: &Value) -> Vec<(String, Value)> {
    let mut altered = Vec::new();
    for path in [vec![json!("entry")], vec![json!("docket"), json!("payload")], vec![json!("items"), json!(0)]] {
        let mut whole = line.clone();
        if path.len() > 1 && line.get(path[0].as_str().unwrap()).is_none_or(Value::is_null) {
            continue;
        }
        let Some(text) = at(&mut whole, &path).as_str().map(str::to_owned) else { continue };
        let bytes = text.parse::<Base64>().unwrap().0;
        let Ok(value) = serde_json::from_slice::<Value>(&bytes) else { continue };
        let mut within = Vec::new();
        places(&value, &Vec::new(), &mut within);
        for place in within.into_iter().filter(|place| !place.is_empty() && place.len() < 4) {
            // The order of members is the bytes' own: a text is altered as a text.
            let member = at(&mut value.clone(), &place).clone();
            let (Value::String(old), Ok(source)) = (&member, String::from_utf8(bytes.clone())) else { continue };
            let source = source.replacen(old.as_str(), &respelled(old, 1), 1);
            *at(&mut whole, &path) = json!(Base64(source.into_bytes()).to_string());
            altered.push((format!("{path:?} within {place:?}"), whole.clone()));
        }
    }
    altered
}

/// A lie about one line, whenever it is asked for.
fn about(number: usize, change: impl Fn(&mut Vec<Vec<u8>>, usize) + Send + Sync + 'static) -> Lie {
    Arc::new(move |from, mut lines| {
        if let Some(at) = number.checked_sub(from).filter(|at| *at < lines.len()) {
            change(&mut lines, at);
        }
        body(&lines)
    })
}

/// Every lie about one line, by name.
fn lies(lines: &[Vec<u8>], number: usize) -> Vec<Vec<(String, Lie)>> {
    let line: Value = serde_json::from_slice(&lines[number]).unwrap();
    let neighbour: Option<Value> = (number + 1 < lines.len())
        .then(|| serde_json::from_slice(&lines[if number > 4 { number - 1 } else { number + 1 }]).unwrap());
    let is_checkpoint = number + 1 == lines.len();
    let replaced = |altered: Vec<u8>| about(number, move |lines, at| lines[at].clone_from(&altered));
    let mut groups: Vec<Vec<(String, Lie)>> = Vec::new();
    let mut found = Vec::new();
    places(&line, &Vec::new(), &mut found);
    // Of many signatures or items all are altered in one way, the first two in every way.
    let is_repeated = |path: &Path| path.iter().any(|step| step.as_u64().is_some_and(|at| at > 1));
    for path in found {
        let other = neighbour.clone().and_then(|mut other| {
            let reaches = path.iter().try_fold(&other, |value, step| match step {
                Value::String(key) => value.get(key.as_str()),
                step => value.get(usize::try_from(step.as_u64()?).ok()?),
            });
            reaches.is_some().then(|| at(&mut other, &path).clone())
        });
        let mut altered = alterations(&line, &path, other.as_ref());
        if is_repeated(&path) {
            altered.retain(|(name, _)| name == "respelled" || name == "of another line");
        }
        let name = |how: &str| format!("line {number}, {path:?}, {how}");
        groups.push(
            altered.into_iter().map(|(how, line)| (name(&how), replaced(line.to_string().into_bytes()))).collect(),
        );
    }
    groups.push(inside(&line).into_iter().map(|(how, line)| (how, replaced(line.to_string().into_bytes()))).collect());
    let whole: Vec<(&str, Lie)> = vec![
        ("dropped", about(number, |lines, at| drop(lines.remove(at)))),
        ("doubled", about(number, |lines, at| lines.insert(at, lines[at].clone()))),
        ("moved to the end", about(number, |lines, at| lines[at.saturating_sub(1)..].rotate_left(1))),
        ("cut", about(number, |lines, at| lines[at].drain(40..).for_each(drop))),
        ("the last", about(number, |lines, at| lines.truncate(at + 1))),
        ("no JSON", about(number, |lines, at| lines[at] = b"<html>".to_vec())),
        ("no UTF-8", about(number, |lines, at| lines[at].insert(9, 0xff))),
    ];
    groups.push(whole.into_iter().map(|(how, lie)| (format!("line {number} {how}"), lie)).collect());
    if is_checkpoint {
        groups.push(notes(line["checkpoint"].as_str().unwrap(), number));
    }
    groups
}

/// Each line of the note dropped, doubled, swapped, respelled.
fn notes(note: &str, number: usize) -> Vec<(String, Lie)> {
    let told: Vec<String> = note.split('\n').map(str::to_owned).collect();
    let mut altered: Vec<(String, Vec<String>)> = Vec::new();
    for at in 0..told.len() {
        let mut with = |how: &str, change: &dyn Fn(&mut Vec<String>)| {
            let mut told = told.clone();
            change(&mut told);
            altered.push((format!("note line {at} {how}"), told));
        };
        with("dropped", &|told| drop(told.remove(at)));
        with("doubled", &|told| told.insert(at, told[at].clone()));
        with("respelled", &|told| told[at] = respelled(&told[at], 1));
        with("at its end", &|told| told[at] = respelled(&told[at], 2));
        if at > 0 {
            with("swapped", &|told| told.swap(at, at - 1));
        }
    }
    let line = move |told: Vec<String>| -> Lie {
        let line = json!({"checkpoint": told.join("\n")}).to_string().into_bytes();
        about(number, move |lines, at| lines[at].clone_from(&line))
    };
    altered.into_iter().filter(|(_, altered)| *altered != told).map(|(how, told)| (how, line(told))).collect()
}

/// What a check of the barred person comes to; `None` is `stale`.
fn action(replica: &Replica, clock: &HandClock) -> Option<Action> {
    let reading = replica.read();
    let as_of = reading.fresh(clock.now(), STALENESS).ok()?;
    let tags = [EpochTag { epoch: serde_json::from_str("1").unwrap(), tag: tag(BARRED).parse().unwrap() }];
    reading.standing(&tags, &as_of, clock.now()).ok().map(|standing| standing.action)
}

/// Plays lies about one line; gives how many, and what went wrong.
async fn play(log: Log, number: usize) -> (usize, Vec<String>) {
    let registry = Registry::of(&log, &["beta"]).await;
    let proxy = Proxy::before(&registry.url).await;
    let clock = Arc::new(HandClock::at(log.now));
    let honest = log.note(&[]).checkpoint().clone();
    let mut lines: Vec<Vec<u8>> = log.lines.iter().map(Disclosure::to_json).collect();
    lines.push(json!({"checkpoint": log.note(&["beta"]).to_string()}).to_string().into_bytes());
    let (mut played, mut wrong) = (0, Vec::new());
    for group in lies(&lines, number) {
        let mut fooled: Option<(tempfile::TempDir, Replica)> = None;
        for (name, lie) in group {
            if fooled.is_none() {
                let directory = tempfile::tempdir().unwrap();
                let replica = open(&proxy.url, "alpha", directory.path(), &clock).await;
                fooled = Some((directory, replica));
            }
            let (_, replica) = fooled.as_ref().unwrap();
            proxy.tell(Some(lie));
            played += 1;
            let looked = look(replica).await;
            let alarms: Vec<&str> = replica.status().alarms.iter().map(|raised| raised.alarm.as_str()).collect();
            let decided = action(replica, &clock);
            match (&looked, decided) {
                (_, Some(action)) if action != Action::Refuse => wrong.push(format!("{name}: {action:?}")),
                // A cosignature that the checkpoint doesn't show isn't there: nobody lied, and nothing is answered.
                (Ok(()), None) if number < log.lines.len() => {
                    wrong.push(format!("{name}: neither an answer nor an alarm"));
                }
                (Err(error), _) if alarms.is_empty() => wrong.push(format!("{name}: no alarm: {error}")),
                (Err(error), _) if !alarms.iter().any(|alarm| error.starts_with(alarm)) => {
                    wrong.push(format!("{name}: {error} isn't among {alarms:?}"));
                }
                _ => {}
            }
            if looked.is_ok() {
                // It bore out: the next lie is for an agent that knows nothing yet.
                fooled = None;
            }
        }
        proxy.tell(None);
        if let Some((_, replica)) = fooled {
            let healed = async {
                for _ in 0..3 {
                    let _ = look(&replica).await;
                    if action(&replica, &clock).is_some() {
                        break;
                    }
                }
                (action(&replica, &clock), replica.status().alarms.len())
            };
            let healed = healed.await;
            if healed != (Some(Action::Refuse), 0) {
                wrong.push(format!("line {number} does not heal: {healed:?} {:?}", replica.status()));
            }
            assert_eq!(fresh(&replica, &clock), Ok(honest.size));
        }
    }
    let posted = registry.shown().posted.iter().map(|note| note.checkpoint().clone()).collect::<Vec<_>>();
    if posted.iter().any(|note| (note.size, note.root) != (honest.size, honest.root)) {
        wrong.push(format!("line {number}: another root is cosigned"));
    }
    (played, wrong)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_proxy_alters_a_barred_person_is_never_allowed_and_the_alteration_is_an_alarm_with_a_name() {
    let log = log();
    let registry = Registry::of(&log, &["alpha"]).await;
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(log.now)));
    let beta = open(&registry.url, "beta", directory.path(), &clock).await;
    let tasks: Vec<_> =
        chosen(log.lines.len()).into_iter().map(|number| tokio::spawn(play(log.clone(), number))).collect();
    let (mut played, mut wrong) = (0, Vec::new());
    for task in tasks {
        let (more, faults) = task.await.unwrap();
        played += more;
        wrong.extend(faults);
        // Who has the honest feed isn't touched by what another is shown.
        look(&beta).await.unwrap();
        assert_eq!(action(&beta, &clock), Some(Action::Refuse));
    }
    assert!(wrong.is_empty(), "{} of {played}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(played > 1_000, "{played}");
}
