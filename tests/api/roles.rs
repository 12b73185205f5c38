//! Operation × role: for each operation of the OpenAPI document and each of eight roles, what it does for whom it is
//! allowed, and that for the others it does nothing.
//!
//! [`table`] is the point: one row, and an operation is held. Here is how a row is walked, in [`scene`] what the rows are
//! about. That a request is signed well is `authority`'s. The agent's own operations, with and without its token and of
//! a foreign origin, are walked in `federation/agent/tests/hook/guard.rs`, from a real browser in `tests/browser.rs`;
//! the token service's in `tests/tokens/roles.rs`.

mod scene;
mod table;

use std::{collections::BTreeSet, time::Duration};

use reqwest::Method;
use serde_json::Value;

use crate::{
    caller::{Answer, DOCUMENT},
    contents::changed,
    roles::{
        scene::{Role, Scene, Template},
        table::TABLE,
    },
    support::engines,
};

/// How long what is written off the answering path may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// An operation, and what comes of it for each role.
struct Row {
    /// Method and path, as the document has them.
    operation: (&'static str, &'static str),
    /// In the order of [`Role::ALL`].
    outcomes: [Outcome; 8],
    query: &'static str,
    body: fn(&Scene, Role) -> Vec<u8>,
    /// What the answer shows to whom it is allowed, and to nobody else.
    shows: fn(&Scene) -> Vec<String>,
    /// What an allowed call changes; nothing of what only reads.
    change: Option<Change>,
}

#[derive(Clone, Copy)]
enum Outcome {
    /// The thing is shown, or done.
    Does,
    /// Another thing is shown, this one whole, and nothing done.
    ShowsOnly(fn(&Scene) -> Value),
    /// Refused with this status and word, and nothing done.
    Refused(u16, &'static str),
}

/// What an allowed call changes, and where it is seen.
struct Change {
    /// These and no others; `pushed` is what was sent to the member's endpoint.
    tables: &'static [&'static str],
    /// Who looks; `None` is whoever asked.
    looker: Option<Role>,
    address: &'static str,
    is_seen: fn(&Seen<'_>) -> bool,
}

/// What was seen of a change.
struct Seen<'a> {
    scene: &'a Scene,
    /// Who asked.
    role: Role,
    /// What was answered.
    answer: Answer,
    /// What the looker saw before it, and after.
    before: Answer,
    after: Answer,
}

impl Row {
    const fn new(method: &'static str, path: &'static str, outcomes: [Outcome; 8]) -> Self {
        let operation = (method, path);
        Self { operation, outcomes, query: "", body: |_, _| Vec::new(), shows: |_| Vec::new(), change: None }
    }

    const fn query(mut self, query: &'static str) -> Self {
        self.query = query;
        self
    }

    const fn sends(mut self, body: fn(&Scene, Role) -> Vec<u8>) -> Self {
        self.body = body;
        self
    }

    const fn shows(mut self, shows: fn(&Scene) -> Vec<String>) -> Self {
        self.shows = shows;
        self
    }

    const fn changes(
        mut self,
        tables: &'static [&'static str],
        looker: Option<Role>,
        address: &'static str,
        is_seen: fn(&Seen<'_>) -> bool,
    ) -> Self {
        self.change = Some(Change { tables, looker, address, is_seen });
        self
    }

    async fn ask(&self, scene: &Scene, role: Role) -> Answer {
        let (method, path) = self.operation;
        let address = scene.address(path) + self.query;
        scene.ask(role, method.parse().unwrap(), &address, (self.body)(scene, role)).await
    }

    /// What a role's call changes, if anything.
    fn change_by(&self, role: Role) -> Option<&Change> {
        self.change.as_ref().filter(|_| matches!(self.outcomes[role as usize], Outcome::Does))
    }

    /// The status of an allowed call: of those that the document lists, the one of what is done now.
    fn status(&self) -> u16 {
        let (method, path) = self.operation;
        let listed = &DOCUMENT["paths"][path][method.to_lowercase()]["responses"];
        let statuses = listed.as_object().unwrap().keys().map(|status| status.parse::<u16>().unwrap());
        statuses.filter(|status| (200..300).contains(status)).max().unwrap()
    }

    /// Whether an answer shows the thing to whom it is allowed, and to nobody else.
    fn shows_it(&self, is_allowed: bool, scene: &Scene, role: Role, answer: &Answer, at: &str) {
        scene.shows_only_what_is_theirs(role, answer, at);
        if is_allowed {
            assert_eq!(answer.status, self.status(), "{at}: {}", text(answer));
        }
        for thing in (self.shows)(scene) {
            assert_eq!(text(answer).contains(&thing), is_allowed, "{at}: whether {thing} is in {}", text(answer));
        }
    }

    /// Walks what leaves no trace: reading, and being refused.
    async fn leaves_no_trace(&self, scene: &Scene, role: Role, at: &str) {
        let (answer, outcome) = (self.ask(scene, role).await, self.outcomes[role as usize]);
        self.shows_it(matches!(outcome, Outcome::Does), scene, role, &answer, at);
        match outcome {
            Outcome::Does => {}
            Outcome::ShowsOnly(what) => assert_eq!((answer.status, answer.json()), (200, what(scene)), "{at}"),
            Outcome::Refused(status, word) => {
                assert_eq!(answer.status, status, "{at}: {}", text(&answer));
                assert_eq!(answer.problem().1, word, "{at}");
                self.is_refused_alike(scene, role, &answer, at).await;
            }
        }
    }

    /// What is another's is answered as what isn't there; and a HEAD as the GET.
    async fn is_refused_alike(&self, scene: &Scene, role: Role, answer: &Answer, at: &str) {
        let (method, path) = self.operation;
        if answer.status == 404 {
            let body = (self.body)(scene, role);
            let nothing = scene.ask(role, method.parse().unwrap(), &Scene::address_of_nothing(path), body).await;
            assert_eq!((nothing.status, text(&nothing)), (404, text(answer)), "{at}: of nothing");
        }
        if method == "GET" {
            let head = scene.ask(role, Method::HEAD, &(scene.address(path) + self.query), Vec::new()).await;
            assert_eq!(head.status, answer.status, "{at}: HEAD");
        }
    }

    /// Walks what changes something, in a scene of its own.
    async fn is_done(&self, scene: &Scene, role: Role, at: &str) {
        let change = self.change_by(role).unwrap();
        let looker = change.looker.unwrap_or(role);
        let look = async || scene.ask(looker, Method::GET, &scene.address(change.address), Vec::new()).await;
        let (state, before) = (scene.state().await, look().await);
        let answer = self.ask(scene, role).await;
        self.shows_it(true, scene, role, &answer, at);
        let began = std::time::Instant::now();
        loop {
            let changed = changed(&state, &scene.state().await);
            if changed == change.tables {
                break;
            }
            assert!(began.elapsed() < PATIENCE, "{at} changes {changed:?} and not {:?}", change.tables);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let after = look().await;
        for seen in [&before, &after] {
            scene.shows_only_what_is_theirs(looker, seen, at);
        }
        let seen = Seen { scene, role, answer, before, after };
        let said = [&seen.answer, &seen.before, &seen.after].map(text);
        assert!((change.is_seen)(&seen), "{at}: it isn't seen: answered, before, after {said:#?}");
    }
}

/// A body as text, whatever it is.
fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

#[tokio::test]
async fn each_operation_does_for_each_role_what_it_may_and_for_the_others_nothing() {
    for engine in engines() {
        let template = Template::new(engine).await;
        let asked = TABLE.iter().flat_map(|row| Role::ALL.map(|role| (row, role)));
        let (changing, others): (Vec<_>, Vec<_>) = asked.partition(|(row, role)| row.change_by(*role).is_some());
        let at = |row: &Row, role: Role| format!("{:?}, asked by {role:?} on {engine:?}", row.operation);
        let scene = template.copy().await;
        let untouched = scene.state().await;
        for (row, role) in others {
            row.leaves_no_trace(&scene, role, &at(row, role)).await;
            assert_eq!(changed(&untouched, &scene.state().await), Vec::<String>::new(), "{}", at(row, role));
        }
        scene.ends().await;
        for (row, role) in changing {
            let scene = template.copy().await;
            row.is_done(&scene, role, &at(row, role)).await;
            scene.ends().await;
        }
        template.drop().await;
    }
}

#[test]
fn each_operation_of_the_document_has_a_row_and_each_row_an_operation() {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let methods = item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone()));
        methods.collect::<Vec<_>>()
    };
    let described: BTreeSet<_> = paths.iter().flat_map(of_path).collect();
    let rows = TABLE.iter().map(|row| (row.operation.0.to_owned(), row.operation.1.to_owned()));
    assert_eq!(rows.collect::<BTreeSet<_>>(), described);
}
