//! Random procedures: whatever is issued had its quorum, its majority, its notice and its window, and nobody who was
//! recused tipped it. What must hold is told again here from the events alone, without the code that took them.
//!
//! A few rounds run among the other tests; `cargo xtask campaign cases` runs 10⁵.

use std::collections::{BTreeMap, BTreeSet};

use callboard_federation::{
    encoding::{Hash, KeyId, PublicKey, Time},
    statement::{Kind, MeasureKind},
};
use jiff::{Span, civil::Date, tz::TimeZone};
use serde_json::Value;

use super::scene::{PANEL, Scene, all, appeals, but, key, key_id, opening, ruling};
use crate::{
    calendar::Calendar,
    case::{
        Case, Stage,
        act::{Act, Addressee, Application, Evidence, EvidenceKind, Filer},
        resolution::Source,
        vote::{Choice, Vote},
    },
};

const ACTORS: [&str; 13] = [
    "panel-1",
    "panel-2",
    "panel-3",
    "panel-4",
    "panel-5",
    "chair-1",
    "chair-2",
    "secretary",
    "auditor",
    "alpha",
    "beta",
    "gamma",
    "log",
];
const MEMBERS: [&str; 3] = ["alpha", "beta", "gamma"];
/// Acts of a round: a whole procedure of three items takes about thirty.
const ACTS: usize = 70;

/// Chance of a round, the same each time.
struct Chance(u64, u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.1 += 1;
        let hash = Hash::of(format!("{} {}", self.0, self.1).as_bytes());
        u64::from_be_bytes(hash.as_bytes()[..8].try_into().unwrap()) % limit
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    fn is(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn some<T: Copy>(&mut self, of: &[T], percent: u64) -> Vec<T> {
        of.iter().copied().filter(|_| self.is(percent)).collect()
    }
}

/// What a round knows of votes that are sealed and not opened yet.
type Ballots = BTreeMap<String, Vote>;

/// The act that leads on, and who takes it.
fn sensible(scene: &Scene, chance: &mut Chance, ballots: &mut Ballots) -> (String, Act) {
    let case = scene.case();
    let items: Vec<u32> = case.items.iter().filter(|(_, item)| !item.is_over()).map(|(number, _)| *number).collect();
    let (proof, now) = (Hash::of(b"proof"), scene.now);
    let secretary = |act| ("secretary".to_owned(), act);
    let appealed: Vec<u32> = case.appeal.iter().flat_map(crate::case::appeal::Appeal::items).collect();
    let chair = |act| (if appealed.is_empty() { "chair-1" } else { "chair-2" }.to_owned(), act);
    if case.items.len() < 3 && case.sessions.is_empty() && (case.items.is_empty() || chance.is(60)) {
        let number = u32::try_from(case.items.len()).unwrap() + 1;
        if !appealed.is_empty() {
            let decides = [(Kind::Annulment, Some(Kind::Ruling)), (Kind::Ruling, None)];
            return secretary(appeals(number, chance.one(&appealed), &decides));
        }
        let (hosts, reporters) = (chance.some(&MEMBERS, 25), chance.some(&MEMBERS, 15));
        return secretary(ruling(number, &hosts, &reporters, chance.is(10)));
    }
    if let Stage::Sitting(session) = &case.stage {
        let number = session.seq;
        let holder = session.panel[usize::try_from(chance.below(session.panel.len() as u64)).unwrap()].holder.clone();
        let Some(ballot) = session.present.get(&holder) else { return (holder, Act::Present { session: number }) };
        if ballot.sealed.is_none() {
            let voted: Vec<u32> = session.items.keys().copied().collect();
            let vote = match chance.below(4) {
                0 => but(&chance.some(&voted, 50)),
                1 => all(Choice::Against),
                _ => all(Choice::For),
            };
            let vote = if vote.except.iter().any(|one| one.items.is_empty()) { all(Choice::Abstain) } else { vote };
            let commitment = scene.commitment(number, &holder, &vote);
            ballots.insert(holder.clone(), vote);
            return (holder, Act::VoteSealed { session: number, commitment });
        }
        if ballot.vote.is_none()
            && let Some(vote) = ballots.get(&holder)
        {
            return (holder.clone(), opening(number, &holder, vote));
        }
        return chair(Act::SessionClosed { session: number });
    }
    if case.panel.seats.len() < 3 {
        let mut seats = chance.some(&PANEL, 80);
        if let Some(appeal) = case.appeal.as_ref().filter(|_| chance.is(90)) {
            seats = PANEL.into_iter().chain(["chair-2"]).collect();
            seats.retain(|seat| !appeal.deciders.contains(*seat));
        }
        seats.truncate(4);
        return chair(Act::PanelNamed { seats: seats.into_iter().map(key_id).collect() });
    }
    if let Some((number, _)) = case.challenges.iter().find(|(_, challenge)| challenge.upheld.is_none()) {
        let upheld = chance.is(50);
        return (chance.one(&["chair-1", "panel-5"]).to_owned(), Act::ChallengeDecided { challenge: *number, upheld });
    }
    if let Some(number) = items.iter().find(|number| case.items[number].answer_by.is_none()) {
        let to = if case.items[number].minor { Addressee::Guardian } else { Addressee::Subject };
        return secretary(Act::Notified { items: vec![*number], to, delivered_at: now, proof });
    }
    let waiting = case.resolutions.iter().find(|(_, resolution)| resolution.stands());
    if let Some((number, resolution)) = waiting {
        if resolution.procedure.is_none() {
            return chair(Act::Confirmed { resolution: *number });
        }
        let procedure = resolution.procedure.unwrap();
        return secretary(Act::Issued { procedure, docket: Hash::of(procedure.as_bytes()) });
    }
    let resolved = |session: u64| {
        case.resolutions.values().any(|one| one.source == Source::Session(session) && one.overtaken.is_none())
    };
    if let Some((number, session)) = case.sessions.iter().find(|(number, _)| !resolved(**number)) {
        let carried: Vec<u32> = session.carried(case).keys().copied().collect();
        if !carried.is_empty() && chance.is(80) {
            let by = chance.one(&["panel-3", "panel-4", "chair-2", "panel-5", "chair-1"]);
            return (by.to_owned(), scene.resolution(*number, &carried));
        }
    }
    let voted = chance.some(&items, 80);
    chair(scene.session_on(if voted.is_empty() { &items } else { &voted }))
}

/// Any act of anybody.
fn wild(scene: &Scene, chance: &mut Chance) -> (String, Act) {
    let by = chance.one(&ACTORS).to_owned();
    let items = chance.some(&[1, 2, 3], 40);
    let hash = Hash::of(b"anything");
    let number = chance.below(scene.last() + 2);
    let (seat, out) = (key_id(chance.one(&ACTORS)), key_id(chance.one(&PANEL)));
    let act = match chance.below(15) {
        0 => Act::Recused { items },
        1 => Act::Challenged { seat, items },
        2 => Act::ChallengeDecided { challenge: number, upheld: chance.is(50) },
        3 => Act::ItemDropped { item: 1 + u32::try_from(chance.below(3)).unwrap() },
        4 => Act::Answered { items },
        5 => Act::Replaced { out, seat },
        6 => Act::NoticeFailed { items, attempted_at: scene.now, proof: hash },
        7 => Act::ServedByPublication { items, published_at: scene.now, notice: hash },
        8 => Act::EvidenceAdded { items, evidence: vec![Evidence { sha256: hash, kind: EvidenceKind::Screenshot }] },
        9 => Act::Present { session: number },
        10 => scene.resolution(number, &items),
        11 => Act::Confirmed { resolution: number },
        12 => Act::SessionClosed { session: number },
        13 => Act::PanelNamed { seats: chance.some(&PANEL, 60).into_iter().map(key_id).collect() },
        _ => scene.session_on(&items),
    };
    (by, act)
}

/// How many dockets followed, and how many of these from appeals.
fn round(number: u64) -> (usize, usize) {
    let (mut chance, mut scene) = (Chance(number, 0), Scene::new());
    scene.opened();
    let issued = goes_on(&mut scene, &mut chance, ACTS);
    applies(&mut chance);
    let Some(mut appeal) = appealed(&mut scene, &mut chance) else { return (issued, 0) };
    let opening = appeal.opening_appeal();
    appeal.does("secretary", opening);
    (issued, goes_on(&mut appeal, &mut chance, 2 * ACTS))
}

/// What was decided is told, perhaps, and appealed: in time, or it is refused.
fn appealed(scene: &mut Scene, chance: &mut Chance) -> Option<Scene> {
    let issued = scene.case().items.iter().filter(|(_, item)| item.issued_at.is_some());
    let issued: Vec<u32> = issued.map(|(number, _)| *number).collect();
    if issued.is_empty() || matches!(scene.case().stage, Stage::Sitting(_)) {
        return None;
    }
    let told = scene.now;
    for item in chance.some(&issued, 70) {
        let to = if scene.case().items[&item].minor { Addressee::Guardian } else { Addressee::Subject };
        let act = Act::DecisionNotified { items: vec![item], to, delivered_at: told, proof: Hash::of(b"letter") };
        scene.does("secretary", act);
    }
    scene.now = told.plus_days(i64::try_from(chance.below(28)).unwrap());
    let last = Told::of(scene).answer_by(Told::day(told));
    let is_late = last.is_some_and(|last| Told::day(scene.now) > last);
    let items = chance.some(&issued, 80);
    let was_told = items.iter().any(|item| scene.case().items[item].is_told);
    let objection = scene.objection(&items);
    let taken = scene.takes(chance.one(&["secretary", "log"]), objection).is_ok();
    let is_in_time = !(is_late && was_told);
    assert_eq!(taken, !items.is_empty() && is_in_time, "in time, or never told");
    if taken {
        assert!(scene.takes("secretary", scene.objection(&items[..1])).is_err(), "once");
    }
    taken.then(|| scene.second())
}

/// Somebody applies to return, on any day; the auditor in Python tells the same of it.
fn applies(chance: &mut Chance) {
    let mut scene = Scene::new();
    let since = scene.now.plus_days(i64::try_from(chance.below(800)).unwrap() - 800);
    let until = chance.is(80).then(|| since.plus_days(1 + i64::try_from(chance.below(1_500)).unwrap()));
    let filed_at = scene.now.plus_days(-i64::try_from(chance.below(33)).unwrap());
    let application = Application {
        record: super::scene::record(7),
        measure: chance.one(&MeasureKind::ALL),
        since,
        until,
        filed_at,
        by: chance.one(&Filer::ALL),
        paper: chance.is(50),
    };
    let act = Act::Opened {
        policy: scene.reference.clone(),
        earlier: Vec::new(),
        appeal: None,
        application: Some(Box::new(application)),
    };
    drop(scene.takes("secretary", act));
}

fn goes_on(scene: &mut Scene, chance: &mut Chance, acts: usize) -> usize {
    let (mut issued, mut ballots) = (0, Ballots::new());
    for _ in 0..acts {
        // A panel that sits is quick, as a rule: what it doesn't do within hours counts as not done.
        let days = if matches!(scene.case().stage, Stage::Sitting(_)) { 0 } else { chance.below(6) };
        let step = if chance.is(8) { 3_600_001 } else { i64::try_from(days).unwrap() * 86_400_000 };
        scene.now = scene.now.plus_millis(step);
        let (by, act) = if chance.is(85) { sensible(scene, chance, &mut ballots) } else { wild(scene, chance) };
        if let Act::Issued { procedure, docket } = &act {
            scene.logs_docket(*docket, &[*procedure]);
        }
        drop(scene.takes(&by, act));
        issued += follows_only_from_a_procedure(scene, chance);
    }
    assert_eq!(Case::replay(&scene.events, &scene.law()).unwrap(), *scene.case());
    issued
}

/// Whatever of the case a docket could be made of by now is held against what the events say.
fn follows_only_from_a_procedure(scene: &Scene, chance: &mut Chance) -> usize {
    let mut followed = 0;
    let standing = scene.case().resolutions.values().filter(|resolution| resolution.stands());
    let standing: Vec<u32> = standing.flat_map(|resolution| resolution.items.keys().copied()).collect();
    assert_eq!(standing.iter().collect::<BTreeSet<_>>().len(), standing.len(), "one item is resolved twice");
    for resolution in scene.case().resolutions.values() {
        let items: Vec<u32> = resolution.items.keys().copied().collect();
        let Some(procedure) = resolution.procedure else { continue };
        let is_taken = scene.docket_of(&items, procedure).is_ok();
        if !is_taken {
            continue;
        }
        followed += 1;
        let told = Told::of(scene);
        for item in &items {
            told.is_decided_by_the_rules(*item, procedure);
        }
        // Whichever event is left out, nothing of it holds any more.
        let at = usize::try_from(chance.below(scene.events.len() as u64)).unwrap();
        let mut events = scene.events.clone();
        events.remove(at);
        let without = Case::replay(&events, &scene.law());
        let statements: Vec<_> = items.iter().map(|item| scene.statement(*item, procedure)).collect();
        let holds = without.is_ok_and(|case| super::scene::follows(&statements, &[case], &[]).is_ok());
        let is_behind = at > usize::try_from(told.place(procedure)).unwrap() && at == events.len();
        assert!(!holds || is_behind, "event {at} of {} is left out unseen", scene.events.len());
    }
    followed
}

/// The events as JSON, with the name of who signed each.
struct Told {
    events: Vec<(&'static str, Value, Hash)>,
    /// Those of the first case, in an appeal.
    first: Vec<(&'static str, Value, Hash)>,
    calendar: Calendar,
}

/// What makes a seat one that had a part in a decision.
const PARTS: [&str; 5] = ["present", "resolved", "confirmed", "challenge-decided", "withdrawn"];

impl Told {
    fn of(scene: &Scene) -> Self {
        let names: BTreeMap<KeyId, &str> = ACTORS.iter().map(|name| (PublicKey::of(&key(name)).id(), *name)).collect();
        let read = |envelope: &callboard_federation::dsse::Envelope| {
            let event = serde_json::from_slice(&envelope.payload.0).unwrap();
            (names[&envelope.signatures[0].keyid], event, envelope.payload_hash())
        };
        let first = scene.appealed.values().flat_map(|(_, events)| events).map(read).collect();
        let events = scene.events.iter().map(read).collect();
        Self { events, first, calendar: Calendar::of(&scene.policy.decide).unwrap() }
    }

    /// What happened, a line an event.
    fn story(&self) -> String {
        let line = |(at, (by, event, _)): (usize, &(&str, Value, Hash))| format!("{at} {by}: {event}");
        self.events.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
    }

    fn place(&self, hash: Hash) -> u64 {
        self.events.iter().position(|(_, _, of)| *of == hash).unwrap() as u64
    }

    /// The events of an act before one, that name the item or name none.
    fn acts<'t>(
        &'t self,
        act: &'t str,
        item: u32,
        before: u64,
    ) -> impl Iterator<Item = (u64, &'static str, &'t Value)> + 't {
        let events = (0_u64..).zip(&self.events).take_while(move |(at, _)| *at < before);
        events.filter_map(move |(at, (by, event, _))| {
            let named = event.get("items").and_then(Value::as_array);
            let is_named = named.is_none_or(|items| items.iter().any(|one| one == item || one["item"] == item));
            let is_item = event.get("item").is_none_or(|one| *one == item);
            (event["act"] == act && is_named && is_item).then_some((at, *by, event))
        })
    }

    fn at(&self, place: u64) -> Time {
        self.events[usize::try_from(place).unwrap()].1["at"].as_str().unwrap().parse().unwrap()
    }

    fn day(at: Time) -> Date {
        TimeZone::get("Asia/Shanghai").unwrap().to_datetime(at.timestamp()).date()
    }

    /// Seats that decide nothing about an item.
    fn recused(&self, item: u32) -> BTreeSet<&'static str> {
        self.recused_before(item, self.events.len() as u64)
    }

    fn recused_before(&self, item: u32, end: u64) -> BTreeSet<&'static str> {
        let mut conflicted = BTreeSet::new();
        for (_, _, added) in self.acts("item-added", item, end) {
            for list in ["hosts", "reporters"] {
                let named = added.get(list).and_then(Value::as_array).into_iter().flatten();
                conflicted.extend(named.map(|member| member.as_str().unwrap().to_owned()));
            }
        }
        conflicted.extend(self.acts("evidence-added", item, end).map(|(_, by, _)| by.to_owned()));
        // In an appeal, whoever the first item concerned, and every seat that had a part in deciding the first case.
        for first in self.acts("item-added", item, end).filter_map(|(_, _, added)| added.get("appeals")) {
            let of_first = Self { events: self.first.clone(), first: Vec::new(), calendar: self.calendar.clone() };
            let number = u32::try_from(first.as_u64().unwrap()).unwrap();
            for (_, by, event) in
                of_first.acts("item-added", number, u64::MAX).chain(of_first.acts("evidence-added", number, u64::MAX))
            {
                conflicted.insert(by.to_owned());
                for list in ["hosts", "reporters"] {
                    let named = event.get(list).and_then(Value::as_array).into_iter().flatten();
                    conflicted.extend(named.map(|member| member.as_str().unwrap().to_owned()));
                }
            }
        }
        let mut recused = BTreeSet::new();
        recused.extend(conflicted.contains("alpha").then_some("panel-1"));
        recused.extend(conflicted.contains("beta").then_some("panel-2"));
        recused.extend(self.declared(item, end));
        let took_part = |event: &Value| PARTS.iter().any(|act| event["act"] == *act);
        recused.extend(self.first.iter().filter(|(_, event, _)| took_part(event)).map(|(by, ..)| *by));
        recused
    }

    /// Seats that said so before an event, or of which a challenge was upheld; of somebody who was dropped before the item
    /// was added, too.
    fn declared(&self, item: u32, end: u64) -> BTreeSet<&'static str> {
        let mut recused: BTreeSet<_> = self.acts("recused", item, end).map(|(_, by, _)| by).collect();
        for (at, _, challenged) in self.acts("challenged", item, end) {
            let upheld = |event: &Value| event["challenge"] == at && event["upheld"] == true;
            if self.acts("challenge-decided", item, end).any(|(_, _, decided)| upheld(decided)) {
                recused.extend(ACTORS.iter().find(|name| key_id(name).to_string() == challenged["seat"]).copied());
            }
        }
        let added = self.acts("item-added", item, end).next().map_or(end, |(at, ..)| at);
        for other in (1..=3).filter(|other| *other != item) {
            if self.acts("item-dropped", other, added).next().is_some() {
                recused.extend(self.declared(other, added));
            }
        }
        recused
    }

    fn panel(&self, before: u64) -> BTreeSet<&'static str> {
        let name = |key: &Value| *ACTORS.iter().find(|name| key_id(name).to_string() == *key).unwrap();
        let mut panel = BTreeSet::new();
        for (_, event, _) in self.events.iter().take(usize::try_from(before).unwrap()) {
            if event["act"] == "panel-named" {
                panel = event["seats"].as_array().unwrap().iter().map(name).collect();
            } else if event["act"] == "replaced" {
                panel.remove(name(&event["out"]));
                panel.insert(name(&event["in"]));
            }
        }
        panel
    }

    /// The event by which a seat came onto the panel that sat, and stayed.
    fn came(&self, holder: &str, before: u64) -> u64 {
        let is_there = |at: &u64| self.panel(*at + 1).contains(holder);
        (0..before).rev().take_while(is_there).last().unwrap()
    }

    fn answer_by(&self, told: Date) -> Option<Date> {
        self.working_days(told, 10)
    }

    fn working_days(&self, after: Date, count: i32) -> Option<Date> {
        let (mut day, mut left) = (after, count);
        while left > 0 {
            day = day.checked_add(Span::new().days(1)).unwrap();
            left -= i32::from(self.calendar.is_working_day(day).ok()?);
        }
        Some(day)
    }

    /// The last day on which the item may answer, by what was proven before an event.
    fn window(&self, item: u32, before: u64) -> Option<Date> {
        let day = |event: &Value, name: &str| Self::day(event[name].as_str().unwrap().parse().unwrap());
        let mut windows = BTreeMap::new();
        for (at, _, event) in self.acts("notified", item, before) {
            windows.insert(at, self.answer_by(day(event, "deliveredAt")));
        }
        for (at, _, event) in self.acts("served-by-publication", item, before) {
            let failed = self.acts("notice-failed", item, at).map(|(_, _, one)| one["attemptedAt"].to_string());
            assert!(failed.collect::<BTreeSet<_>>().len() >= 2, "published before two attempts failed");
            let served = day(event, "publishedAt").checked_add(Span::new().days(30)).unwrap();
            windows.insert(at, self.answer_by(served));
        }
        windows.into_values().flatten().next()
    }

    fn is_decided_by_the_rules(&self, item: u32, procedure: Hash) {
        let (confirmed, end) = (self.place(procedure), self.events.len() as u64);
        let last = &self.events[usize::try_from(confirmed).unwrap()].1;
        assert_eq!(last["act"], "confirmed");
        let resolution = last["resolution"].as_u64().unwrap();
        let recused = self.recused(item);
        let chairs = self.acts("confirmed", item, confirmed + 1).filter(|(_, by, event)| {
            event["resolution"] == resolution && by.starts_with("chair") && !recused.contains(by)
        });
        assert!(chairs.count() >= 1, "no chair that may confirmed item {item}: {}", self.story());

        // It was carried in the session that the resolution names.
        let resolved = &self.events[usize::try_from(resolution).unwrap()].1;
        let session = resolved["of"].as_u64().unwrap();
        let sat = &self.events[usize::try_from(session).unwrap()].1;
        let drafts = |event: &Value| {
            event["items"].as_array().unwrap().iter().find(|one| one["item"] == item).map(|one| one["drafts"].clone())
        };
        assert_eq!(drafts(sat), drafts(resolved), "what was voted on is what was resolved");
        let panel = self.panel(session);
        let able: BTreeSet<_> = panel.difference(&recused).copied().collect();
        let when_opened = self.recused_before(item, session);
        for holder in panel.difference(&when_opened) {
            let known = self.working_days(Self::day(self.at(self.came(holder, session))), 2);
            assert!(known < Some(Self::day(self.at(session))), "{holder} was known two working days before");
        }
        assert!(able.len() >= 3, "three of the panel may decide on item {item}: {}", self.story());
        let of = |act: &'static str| {
            let acts = self.acts(act, item, resolution).filter(move |(_, _, event)| event["session"] == session);
            acts.filter(|(_, by, _)| able.contains(by))
        };
        let present: BTreeSet<_> = of("present").map(|(_, by, _)| by).collect();
        assert!(present.len() * 2 >= able.len(), "half are there");
        let first = of("vote-opened").map(|(at, _, _)| at).min().unwrap();
        assert!(of("vote-sealed").all(|(at, _, _)| at < first), "sealed before one was opened");
        let in_favour = of("vote-opened").filter(|(_, _, event)| {
            let vote: Value = serde_json::from_str(event["vote"].as_str().unwrap()).unwrap();
            let except = vote.get("except").and_then(Value::as_array).into_iter().flatten();
            let on = except.clone().find(|one| one["items"].as_array().unwrap().iter().any(|number| *number == item));
            on.map_or(&vote["all"], |one| &one["vote"]) == "for"
        });
        assert!(in_favour.count() * 3 >= present.len() * 2, "two thirds agree");

        // The subject was told, and the window was over when the panel sat.
        let window = self.window(item, session).expect("it was told");
        assert!(window < Self::day(self.at(session)), "the window was over");

        // Nothing that the panel must take note of stands behind it.
        let confirmers: BTreeSet<_> = self.acts("confirmed", item, confirmed + 1).map(|(_, by, _)| by).collect();
        let took_part = |by: &str| panel.contains(by) || confirmers.contains(by);
        let mut behind = self.acts("recused", item, end).filter(|(at, by, _)| *at >= confirmed && took_part(by));
        assert!(behind.next().is_none(), "one who took part is recused behind it");
        for act in ["challenged", "item-dropped"] {
            assert!(self.acts(act, item, end).all(|(at, _, _)| at < confirmed), "{act} stands behind it");
        }
        let in_time = |at: u64| Self::day(self.at(at)) <= window;
        assert!(self.acts("answered", item, end).all(|(at, _, _)| at < confirmed || !in_time(at)), "an answer in time");
    }
}

#[test]
fn no_random_procedure_issues_a_docket_without_quorum_majority_notice_and_window() {
    let read = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, rounds) = (read("CALLBOARD_FIRST_ROUND").unwrap_or(0), read("CALLBOARD_ROUNDS").unwrap_or(120));
    let (issued, of_appeals) =
        (first..first + rounds).map(round).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(issued > 0, "no procedure came to its end");
    assert!(of_appeals > 0 || rounds < 100, "no appeal came to its end");
    eprintln!("{rounds} procedures, in {issued} states a docket followed, in {of_appeals} more of an appeal");
}
