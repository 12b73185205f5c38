//! For random people, identities, rulings and clocks, what the hook last said of a person equals what a check answers, after
//! each thing that happens; no order, restart or clock jump breaks it.

use callboard_client::clock::Clock as _;
use callboard_federation::{encoding::RecordId, statement::Kind};
use serde_json::{Value, json};

use crate::world::{Does, World, act, number, question, tag_of};

/// Random lives of a platform, and things that happen in each. `CALLBOARD_CASES` asks for more.
const CASES: u64 = 40;
/// Lives at once: most of each is waiting.
const AT_ONCE: usize = 6;
const STEPS: u64 = 14;
const DAY: i64 = 86_400_000;

/// Numbers that look random, and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        // xorshift64*: enough to mix, nothing is secret.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.roll(all.len() as u64)).unwrap()].clone()
    }
}

/// A life: whom the platform has, and what was decided about whom.
struct Life {
    world: World,
    dice: Dice,
    /// Tags of everyone of whom something may be decided.
    tags: Vec<String>,
    questions: Vec<Value>,
    known: Vec<Value>,
    records: Vec<(Kind, RecordId)>,
}

impl Life {
    async fn begin(seed: u64) -> Self {
        // Adults, one who turns 16 on 2026-03-05, one who turns 18 on 2026-03-10: the log's first day is 2026-03-01.
        let births = ["19900101", "19850615", "20100305", "20080310", "19771231"];
        let numbers: Vec<String> = births.iter().zip(1..).map(|(born, sequence)| number(born, sequence)).collect();
        let permit = |value: &str| json!({"kind": "hmt-travel-permit", "value": value});
        let with = |mut question: Value, more: &[(&str, Value)]| {
            question
                .as_object_mut()
                .unwrap()
                .extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
            question
        };
        let mut two = question("two", &[&numbers[0]]);
        two["identities"].as_array_mut().unwrap().push(permit("H12345678"));
        let questions = vec![
            two,
            question("one", &[&numbers[1]]),
            question("again", &[&numbers[1]]),
            question("minor", &[&numbers[2]]),
            with(question("young", &[&numbers[3]]), &[("guardianConsent", json!(true))]),
            with(question("room", &[&numbers[3]]), &[("person", json!("jia"))]),
            with(question("room", &[&numbers[4]]), &[("person", json!("yi"))]),
            json!({"ref": "abroad", "identities": [permit("M87654321")], "dateOfBirth": "1991-02-03"}),
        ];
        let mut tags: Vec<String> = numbers.iter().map(|number| tag_of("cn-id", number)).collect();
        tags.extend(["H12345678", "M87654321"].map(|value| tag_of("hmt-travel-permit", value)));
        let world = World::new(|_| {}).await;
        Self {
            world,
            dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            tags,
            questions,
            known: Vec::new(),
            records: Vec::new(),
        }
    }

    /// Something is decided, if it counts.
    fn decide(&mut self) -> String {
        let now = self.world.log.now;
        let effective = now.plus_millis(self.dice.of(&[0, 0, 0, 1_000, DAY / 2, 2 * DAY, 9 * DAY]));
        let until = effective.plus_millis(self.dice.of(&[1_000, DAY, 5 * DAY, 30 * DAY]));
        let tag = self.dice.of(&self.tags);
        let kind = self.dice.of(&["notice", "warning", "restriction", "suspension", "bar"]);
        let is_termed = kind != "bar" && self.dice.roll(2) == 0;
        let mut measure = json!({"kind": kind, "scopes": ["live"]});
        if is_termed {
            measure["until"] = json!(until);
        }
        let committee = &mut self.world.log.committee;
        let (kind, drafted) = match self.dice.roll(10) {
            0..4 => (Kind::Ruling, committee.impose(effective, "ruling", &measure, &[tag], &[])),
            4 => {
                let measure = json!({"kind": "suspension", "scopes": ["live"], "until": until});
                (Kind::Interim, committee.impose(effective, "interim", &measure, &[tag], &[]))
            }
            5 => {
                let others: Vec<String> = self.tags.iter().filter(|other| **other != tag).cloned().collect();
                let other = self.dice.of(&others);
                (Kind::Link, committee.link(effective, &[tag, other]))
            }
            roll => {
                let (kind, of) = match roll {
                    6 => (Kind::Reinstatement, &[Kind::Ruling, Kind::Interim][..]),
                    7 => (Kind::Stay, &[Kind::Ruling, Kind::Interim][..]),
                    8 => (Kind::Annulment, &[Kind::Ruling, Kind::Interim, Kind::Reinstatement, Kind::Link][..]),
                    _ => (Kind::End, &[Kind::Stay, Kind::Reinstatement, Kind::Link][..]),
                };
                let all: Vec<_> = self.records.iter().filter(|(kind, _)| of.contains(kind)).copied().collect();
                if all.is_empty() {
                    return "nothing to decide".to_owned();
                }
                let (of, record) = self.dice.of(&all);
                let mut members = json!({});
                if self.dice.roll(2) == 0 {
                    match kind {
                        Kind::Stay => members = json!({"until": until}),
                        Kind::Reinstatement => members = json!({"probation": {"until": until}}),
                        _ => {}
                    }
                }
                (kind, act(committee, effective, kind, of, record, &members))
            }
        };
        let counts = self.world.decide(&[&drafted]);
        if counts {
            self.records.push((kind, drafted.record()));
        }
        format!("{kind} at {effective} until {until}, counts: {counts}")
    }

    /// One thing that happens.
    async fn step(&mut self) -> String {
        match self.dice.roll(12) {
            0..5 => self.decide(),
            5 | 6 => {
                let question = self.dice.of(&self.questions);
                let path = self.dice.of(&["/check", "/enrol"]);
                let (status, answer) = self.world.post(path, &question).await;
                assert_eq!(status, 200, "{answer}");
                // A question that is refused keeps nobody.
                let is_kept = path == "/enrol" || answer["decision"] != "blocked";
                if is_kept && !self.known.contains(&question) {
                    self.known.push(question.clone());
                }
                format!("{path} {question}")
            }
            7 | 8 => {
                let millis = self.dice.of(&[1, 999, 1_000, 3_600_000, DAY / 2, DAY, 4 * DAY, 10 * DAY, 40 * DAY]);
                self.world.move_clock(millis);
                format!("the clock goes on by {millis} ms")
            }
            9 => {
                // A clock that is over five minutes behind the log finds the view stale.
                let behind = self.world.log.now.as_millis() - self.world.clock.now().as_millis();
                let millis = self.dice.of(&[-1, -1_000, -60_000, -240_000]).max(behind - 290_000);
                self.world.move_clock(millis);
                format!("the clock is set back by {millis} ms")
            }
            10 => {
                self.world.restart().await;
                "a restart".to_owned()
            }
            _ => {
                // What happens meanwhile isn't told, or only taken on.
                let does = self.dice.of(&[Does::Fails, Does::Accepts]);
                self.world.hook().does = does;
                let decided = self.decide();
                self.world.running().hurry();
                tokio::time::sleep(std::time::Duration::from_millis(self.dice.roll(60))).await;
                let restarted = self.dice.roll(3) == 0;
                if restarted {
                    self.world.restart().await;
                }
                let then = self.decide();
                self.world.hook().does = Does::Takes;
                format!("{does:?}: {decided}; restarted: {restarted}; {then}")
            }
        }
    }
}

/// One life: after each thing that happens hook and check say the same of everyone who is known.
async fn live(seed: u64) {
    let mut life = Life::begin(seed).await;
    let mut happened = format!("case {seed}");
    for step in 0..STEPS {
        happened = format!("{happened}\n{step}: {}", life.step().await);
        let known: Vec<&Value> = life.known.iter().collect();
        life.world.agree(&known, &happened).await;
    }
    life.world.settle().await;
    let known: Vec<&Value> = life.known.iter().collect();
    life.world.agree(&known, &happened).await;
    life.world.stop().await;
}

#[tokio::test]
async fn what_the_hook_last_said_of_a_person_is_what_a_check_answers() {
    let cases = std::env::var("CALLBOARD_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let mut waiting = 1..=cases;
    let lives = tokio::task::LocalSet::new();
    let all = lives.run_until(async move {
        let mut under_way = tokio::task::JoinSet::new();
        loop {
            while under_way.len() < AT_ONCE
                && let Some(seed) = waiting.next()
            {
                under_way.spawn_local(live(seed));
            }
            let Some(over) = under_way.join_next().await else { return };
            over.unwrap();
        }
    });
    all.await;
}
