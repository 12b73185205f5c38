//! What reports say is erased once their time is over; what became of them stays. The policies of these tests keep it three
//! years, and one where somebody was under 18 at the conduct.

use callboard_federation::{
    encoding::{CaseId, Time},
    event::Head,
};
use callboard_rules::{
    case::act::{Act, Proposal},
    policies,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::play::{Played, annulment, under};
use crate::{
    caller::{alpha, key},
    drafts::sealed,
    reports::{act, id, request_id, violation},
    support::{committee::tag, engines},
};

const PATH: &str = "/v1/reports";
/// One year, and three, from the days of these tests: 2028 has a day more.
const YEAR: i64 = 365;
const THREE_YEARS: i64 = 3 * YEAR + 1;

impl Played {
    /// From now on the policy in force says how long reports are kept.
    async fn keeps_reports(&mut self) {
        let source = policies::find("streamer-warning-rules", "2022").unwrap().text;
        let source = source.replacen("version = \"2022\"", "version = \"2026\"", 1);
        let document = policies::read(&source.replacen("2022-02-28T16", "2026-11-30T16", 1)).unwrap();
        let at = self.registry.now();
        let drafted = self.registry.committee.draft(at, "policy", None, &json!({"document": document.text}));
        let docket = self.registry.committee.docket(at, &[&drafted], None);
        self.registry.logs(&docket).await;
    }

    async fn posts(&self, by: &str, path: &str, body: &Value) -> (u16, Value) {
        let key = if by == "alpha" { alpha(&self.registry) } else { self.seat(by) };
        let answer = self.registry.signed(&key, Method::POST, path, body.to_string().as_bytes()).await;
        (answer.status, answer.json())
    }

    async fn reports(&self, number: u8) {
        assert_eq!(self.posts("alpha", PATH, &violation(number)).await.0, 201);
    }

    async fn does_with(&self, number: u8, body: &Value) -> u16 {
        self.posts("secretary-1", &format!("{PATH}/{}/acts", id(number)), body).await.0
    }

    async fn report(&self, by: &str, number: u8) -> Value {
        let key = if by == "alpha" { alpha(&self.registry) } else { self.seat(by) };
        self.get(&key, &format!("{PATH}/{}", id(number))).await.json()
    }

    /// What the job erases at an instant, and a millisecond before it.
    async fn erased_at(&self, at: Time) -> [u64; 2] {
        let ledger = &self.registry.world.ledger;
        self.registry.world.clock.move_to(at.plus_millis(-1));
        let before = ledger.erase_reports().await.unwrap();
        self.registry.world.clock.move_to(at);
        [before, ledger.erase_reports().await.unwrap()]
    }

    /// Another case from now on.
    fn turns_to(&mut self, number: u8) {
        self.id = CaseId::new(self.registry.now(), [number; 10]);
        self.head = Head::of_new(self.id);
    }
}

#[tokio::test]
async fn what_a_report_says_is_erased_once_its_time_is_over_and_what_became_of_it_stays() {
    for engine in engines() {
        let mut played = Played::begun(engine).await;
        played.keeps_reports().await;
        for number in 1..=4 {
            played.reports(number).await;
        }
        let asked = json!({"id": request_id(1), "member": "beta", "sealed": sealed("whose is host-9"),
            "toSeats": sealed("the same for seats")});
        let requests = format!("{PATH}/{}/identity-requests", id(1));
        assert_eq!(played.posts("secretary-1", &requests, &asked).await.0, 201);
        assert_eq!(played.does_with(1, &act("dismiss")).await, 201);
        let merge = json!({"act": "merge", "into": id(3)});
        assert_eq!(played.does_with(2, &merge).await, 201);
        let over = played.registry.now();
        let before = played.report("alpha", 1).await;

        // The first was dismissed; the second goes on as part of one that is open.
        assert_eq!(played.erased_at(over.plus_days(THREE_YEARS)).await, [0, 1]);
        for by in ["alpha", "secretary-1"] {
            let report = played.report(by, 1).await;
            assert_eq!(report["erasedAt"], json!(over.plus_days(THREE_YEARS)));
            assert!(report.get("sealed").is_none() && report.get("identityRequests").is_none(), "{report}");
            assert!(!report.to_string().contains("toMember") && !report.to_string().contains("toSeats"), "{report}");
            for told in ["code", "state", "kind", "receivedAt", "changedAt"] {
                assert_eq!(report[told], before[told], "{told}");
            }
        }
        let entries = played.report("secretary-1", 1).await["entries"].clone();
        let acts: Vec<_> = entries.as_array().unwrap().iter().map(|entry| entry["act"].clone()).collect();
        assert_eq!(acts, ["ask-identity", "dismiss"]);
        let asked = played.get(&key("beta"), "/v1/identity-requests").await.json();
        assert_eq!(asked["identityRequests"], json!([]));
        assert!(played.report("alpha", 2).await["sealed"].is_string());
        // Filed again it is known; nothing is said about it any more.
        assert_eq!(played.posts("alpha", PATH, &violation(1)).await.0, 200);
        assert_eq!(played.does_with(1, &act("note")).await, 409);

        // With the report that it is part of, a merged one is over.
        assert_eq!(played.does_with(3, &json!({"act": "accept"})).await, 201);
        let over = played.registry.now();
        assert_eq!(played.erased_at(over.plus_days(THREE_YEARS)).await, [0, 2]);
        assert!(played.report("alpha", 4).await["sealed"].is_string(), "nobody has decided it");
        played.registry.ends().await;
    }
}

#[tokio::test]
async fn a_report_stays_until_its_case_is_closed_and_no_measure_of_it_is_left_and_a_minors_less_long() {
    for engine in engines() {
        let mut played = Played::prepared(engine, &[1]).await;
        played.keeps_reports().await;
        for number in 1..=3 {
            played.reports(number).await;
        }
        let takes = |played: &Played| json!({"act": "accept", "case": played.id});
        assert_eq!(played.does_with(1, &takes(&played)).await, 201);

        // An interim, which outlasts the case.
        let at = played.registry.now();
        let until = at.plus_days(60);
        let measure = json!({"kind": "suspension", "scopes": ["live"], "until": until});
        let interim = played.registry.committee.impose(at, "interim", &measure, &[tag(1)], &[]);
        let proposals: Vec<Proposal> = Played::proposals(&[(1, &interim)]);
        let drafts = proposals[0].drafts.clone();
        let of = played.does("secretary-1", Act::InterimProposed { item: 1, drafts }).await;
        for holder in ["chair-1", "panel-1"] {
            played.does(holder, Act::Resolved { of, items: proposals.clone() }).await;
        }
        let procedure = played.entry().await["head"].as_str().unwrap().parse().unwrap();
        let signed = under(&interim, procedure);
        let docket = played.registry.committee.docket(at, &[&signed], None);
        played.registry.logs(&docket).await;
        played.follow().await;

        let draft = played.annuls(1);
        let procedure = played.decided(&[(1, &draft)]).await;
        let docket = played.docket(&[&draft], procedure);
        played.registry.logs(&docket).await;
        played.follow().await;
        played.does("secretary-1", Act::Closed {}).await;

        // A case about a minor, and one that goes on.
        played.turns_to(7);
        let opened = played.opened();
        played.does("secretary-1", opened.clone()).await;
        played.does("secretary-1", annulment(1, &["beta"], true)).await;
        played.does("secretary-1", Act::ItemDropped { item: 1 }).await;
        assert_eq!(played.does_with(2, &takes(&played)).await, 201);
        played.does("secretary-1", Act::Closed {}).await;
        let closed = played.registry.now();
        played.turns_to(8);
        played.does("secretary-1", opened).await;
        assert_eq!(played.does_with(3, &takes(&played)).await, 201);

        assert_eq!(played.erased_at(closed.plus_days(YEAR)).await, [0, 1]);
        assert!(played.report("alpha", 2).await["erasedAt"].is_string());
        assert_eq!(played.erased_at(until.plus_days(THREE_YEARS)).await, [0, 1]);
        assert!(played.report("alpha", 1).await["erasedAt"].is_string());
        assert_eq!(played.erased_at(until.plus_days(9 * YEAR)).await, [0, 0]);
        assert!(played.report("alpha", 3).await["sealed"].is_string(), "its case is open");
        played.registry.ends().await;
    }
}
