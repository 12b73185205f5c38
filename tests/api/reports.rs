//! `/v1/reports`, `/v1/identity-requests`, `/v1/recipients`: what may be filed, asked and decided when, and who sees it. What
//! each role may is a row each of `roles/table.rs`.

use callboard_federation::{
    declaration::{self, MemberRecipient},
    encoding::{Base64, IdentityRequestId, RecordId, ReportId, Time, to_json},
    members::MemberId,
    recipient::Recipient,
    report::ReportCode,
};
use callboard_keys::age_file::FileIdentity;
use callboard_rules::policies;
use ed25519_dalek::SigningKey;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::{
    caller::{Answer, Registry, alpha, key},
    drafts::sealed,
    receipts,
    support::{Engine, engines},
};

const PATH: &str = "/v1/reports";

/// The id of a test's own thing.
pub(crate) fn id(number: u8) -> ReportId {
    ReportId::new(Time::from_seconds(1_800_000_000), [number; 10])
}

pub(crate) fn request_id(number: u8) -> IdentityRequestId {
    IdentityRequestId::new(Time::from_seconds(1_900_000_000), [number; 10])
}

/// A violation as a member reports it.
pub(crate) fn violation(number: u8) -> Value {
    json!({"id": id(number), "kind": "violation", "sealed": sealed(&format!("report {number}"))})
}

/// What a seat does with a member's report, in words.
pub(crate) fn act(act: &str) -> Value {
    match act {
        "note" => json!({"act": act, "toSeats": sealed("to seats")}),
        _ => json!({"act": act, "toMember": sealed("to the member"), "toSeats": sealed("to seats")}),
    }
}

/// The word of a member that it is written to at a recipient.
pub(crate) fn recipient(registry: &Registry, member: &str, at: Time) -> MemberRecipient {
    let recipient: Recipient = FileIdentity::generate().recipient().unwrap();
    let issuer = registry.committee.issuer().to_owned();
    MemberRecipient { v: 1, member: MemberId::try_from(member.to_owned()).unwrap(), issuer, recipient, at }
}

/// A policy that says by when reports are due, and how long they are kept.
pub(crate) async fn adopts_rules(registry: &mut Registry) {
    let source = policies::find("streamer-warning-rules", "2022").unwrap().text;
    let source = source.replacen("version = \"2022\"", "version = \"2026\"", 1);
    let document = policies::read(&source.replacen("2022-02-28T16", "2026-11-30T16", 1)).unwrap();
    let at = registry.now();
    let drafted = registry.committee.draft(at, "policy", None, &json!({"document": document.text}));
    let docket = registry.committee.docket(at, &[&drafted], None);
    registry.logs(&docket).await;
}

/// A registry, two members and seats.
struct Scene {
    registry: Registry,
    record: RecordId,
    alpha: SigningKey,
    beta: SigningKey,
    secretary: SigningKey,
    panel: SigningKey,
}

impl Scene {
    /// Under a policy that says by when reports are due.
    async fn begun(engine: Engine) -> Self {
        let (mut registry, _, record) = receipts::asks(engine).await;
        adopts_rules(&mut registry).await;
        let (secretary, panel) = (registry.committee.seat("secretary-1"), registry.committee.seat("panel-1"));
        Self { alpha: alpha(&registry), beta: key("beta"), registry, record, secretary, panel }
    }

    async fn post(&self, by: &SigningKey, path: &str, body: &Value) -> Answer {
        self.registry.signed(by, Method::POST, path, body.to_string().as_bytes()).await
    }

    async fn get(&self, by: &SigningKey, path: &str) -> Answer {
        self.registry.signed(by, Method::GET, path, b"").await
    }

    async fn files(&self, by: &SigningKey, body: &Value) -> Value {
        let answer = self.post(by, PATH, body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    async fn acts(&self, by: &SigningKey, number: u8, body: &Value) -> Answer {
        self.post(by, &format!("{PATH}/{}/acts", id(number)), body).await
    }

    async fn is_done(&self, number: u8, body: &Value) -> Value {
        let answer = self.acts(&self.secretary, number, body).await;
        assert_eq!(answer.status, 201, "{body}: {}", answer.text());
        answer.json()
    }

    async fn answers(&self, by: &SigningKey, number: u8, text: &str) -> Answer {
        self.post(by, &format!("{PATH}/{}/answers", id(number)), &json!({"sealed": sealed(text)})).await
    }

    async fn shown(&self, by: &SigningKey, number: u8) -> Value {
        let answer = self.get(by, &format!("{PATH}/{}", id(number))).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    async fn listed(&self, by: &SigningKey, query: &str) -> Vec<Value> {
        let answer = self.get(by, &format!("{PATH}{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["reports"].as_array().unwrap().iter().map(|report| report["id"].clone()).collect()
    }

    async fn asks_beta(&self, number: u8, request: u8) -> Answer {
        let body = json!({"id": request_id(request), "member": "beta", "sealed": sealed("whose is host-9"),
            "toSeats": sealed("the same for seats")});
        self.post(&self.secretary, &format!("{PATH}/{}/identity-requests", id(number)), &body).await
    }
}

#[tokio::test]
async fn a_report_is_shown_to_its_member_and_to_the_secretariat_and_is_nobody_elses() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        let filed = scene.files(&scene.alpha, &violation(1)).await;
        let code = ReportCode::of(id(1), b"age-encryption.org/v1\nreport 1");
        assert_eq!(
            (&filed["code"], &filed["state"], &filed["member"]),
            (&json!(code), &json!("received"), &json!("alpha"))
        );
        assert_eq!((filed.get("sealed"), filed.get("seat")), (None, None));
        for by in [&scene.alpha, &scene.secretary] {
            assert_eq!(scene.shown(by, 1).await["sealed"], sealed("report 1"));
            assert_eq!(scene.listed(by, "").await, [json!(id(1))]);
        }
        let of_one = format!("{PATH}/{}", id(1));
        scene.get(&scene.beta, &of_one).await.is_problem(404, "not-found");
        scene.answers(&scene.beta, 1, "an answer").await.is_problem(404, "not-found");
        assert!(scene.listed(&scene.beta, "").await.is_empty());
        scene.get(&scene.beta, &format!("{PATH}?before={}", id(1))).await.is_problem(404, "not-found");
        for path in [&of_one[..], PATH] {
            scene.get(&scene.panel, path).await.is_problem(403, "report-forbidden");
        }
        scene.acts(&scene.panel, 1, &act("accept")).await.is_problem(403, "report-forbidden");
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn a_report_is_taken_once_and_another_under_its_id_is_refused() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        let filed = scene.files(&scene.alpha, &violation(1)).await;
        scene.registry.world.clock.move_to(scene.registry.now().plus_days(1));
        let again = scene.post(&scene.alpha, PATH, &violation(1)).await;
        assert_eq!((again.status, again.json()), (200, filed));
        let mut other = violation(1);
        other["sealed"] = sealed("other bytes");
        scene.post(&scene.alpha, PATH, &other).await.is_problem(409, "report-repeated");
        scene.post(&scene.beta, PATH, &violation(1)).await.is_problem(409, "report-repeated");
        let (first, second) = (violation(2), violation(2));
        let (one, two) = tokio::join!(scene.post(&scene.alpha, PATH, &first), scene.post(&scene.alpha, PATH, &second));
        assert_eq!([one.status, two.status].iter().sum::<u16>(), 401, "one is new");
        assert_eq!(scene.registry.rows().await["report"], 2);
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn what_isnt_as_it_must_be_is_refused_and_nothing_is_kept() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        let unknown = RecordId::new(Time::from_seconds(1), [1; 10]);
        for body in [
            json!({"id": id(1), "kind": "violation", "sealed": Base64(b"in clear".to_vec())}),
            json!({"id": id(1), "kind": "violation", "record": scene.record, "sealed": sealed("x")}),
            json!({"id": id(1), "kind": "not-this-person", "sealed": sealed("x")}),
            json!({"id": id(1), "kind": "not-this-person", "record": unknown, "sealed": sealed("x")}),
            json!({"id": id(1), "kind": "violation", "sealed": sealed(&"x".repeat(576 * 1_024))}),
        ] {
            scene.post(&scene.alpha, PATH, &body).await.is_problem(422, "report-refused");
        }
        for body in [
            json!({"id": id(1), "kind": "rumour", "sealed": sealed("x")}),
            json!({"id": "1", "kind": "violation", "sealed": sealed("x")}),
            json!({"id": id(1), "kind": "violation", "sealed": sealed("x"), "name": "x"}),
        ] {
            scene.post(&scene.alpha, PATH, &body).await.is_problem(400, "malformed");
        }
        let long = json!({"id": id(1), "kind": "violation", "sealed": sealed(&"x".repeat(2_000_000))});
        scene.post(&scene.alpha, PATH, &long).await.is_problem(413, "body-too-large");
        let court = json!({"id": id(1), "kind": "court", "sealed": sealed("x")});
        scene.post(&scene.alpha, PATH, &court).await.is_problem(403, "report-forbidden");
        scene.post(&scene.secretary, PATH, &violation(1)).await.is_problem(403, "report-forbidden");
        scene.post(&scene.panel, PATH, &court).await.is_problem(403, "report-forbidden");
        assert_eq!(scene.registry.rows().await["report"], 0);
        let largest = json!({"id": id(1), "kind": "violation",
            "sealed": sealed(&"x".repeat(576 * 1_024 - "age-encryption.org/v1\n".len()))});
        scene.files(&scene.alpha, &largest).await;
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn the_secretariat_asks_the_member_answers_and_each_sees_what_is_for_it() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        scene.files(&scene.alpha, &violation(1)).await;
        scene.answers(&scene.alpha, 1, "unasked").await.is_problem(409, "report-closed");
        assert_eq!(scene.is_done(1, &act("note")).await["state"], "received");
        assert_eq!(scene.is_done(1, &act("ask")).await["state"], "asked");
        assert_eq!(scene.acts(&scene.secretary, 1, &act("ask")).await.status, 200, "the same again");
        let answered = scene.answers(&scene.alpha, 1, "host-2").await;
        assert_eq!((answered.status, &answered.json()["state"]), (201, &json!("received")));
        assert_eq!(scene.answers(&scene.alpha, 1, "host-2").await.status, 200, "the same again");

        let entries = |report: &Value| report["entries"].as_array().unwrap().clone();
        let of_member = entries(&scene.shown(&scene.alpha, 1).await);
        assert_eq!(of_member.iter().map(|entry| &entry["act"]).collect::<Vec<_>>(), ["ask", "answer"]);
        assert_eq!((&of_member[0]["toMember"], of_member[0].get("toSeats")), (&sealed("to the member"), None));
        let of_seats = entries(&scene.shown(&scene.secretary, 1).await);
        assert_eq!(of_seats.iter().map(|entry| &entry["act"]).collect::<Vec<_>>(), ["note", "ask", "answer"]);
        assert_eq!((&of_seats[2]["toSeats"], of_seats[2].get("seat")), (&sealed("host-2"), None));

        let case = "019c167f-cc00-7568-8a65-6cc0703e460c";
        let accepted = scene.is_done(1, &json!({"act": "accept", "case": case})).await;
        assert_eq!((&accepted["state"], &accepted["case"]), (&json!("accepted"), &json!(case)));
        assert!(scene.shown(&scene.alpha, 1).await.get("case").is_none());
        for late in ["accept", "dismiss", "ask"] {
            scene.acts(&scene.secretary, 1, &act(late)).await.is_problem(409, "report-closed");
        }
        scene.answers(&scene.alpha, 1, "late").await.is_problem(409, "report-closed");
        scene.is_done(1, &json!({"act": "note", "toSeats": sealed("afterwards")})).await;
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn an_act_has_what_it_asks_and_nothing_else() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        scene.files(&scene.alpha, &violation(1)).await;
        let court = json!({"id": id(2), "kind": "court", "sealed": sealed("order")});
        let filed = scene.files(&scene.secretary, &court).await;
        assert!(filed.get("member").is_none() && filed["seat"].is_string());
        let case = "019c167f-cc00-7568-8a65-6cc0703e460c";
        for (number, body) in [
            (1, json!({"act": "dismiss"})),
            (1, json!({"act": "dismiss", "toSeats": sealed("the member isn't told")})),
            (1, json!({"act": "ask", "toMember": sealed("the seats don't know what")})),
            (1, json!({"act": "note"})),
            (1, json!({"act": "note", "toMember": sealed("x"), "toSeats": sealed("x")})),
            (1, json!({"act": "answer", "toSeats": sealed("in the member's place")})),
            (1, json!({"act": "ask-identity", "toSeats": sealed("x")})),
            (1, json!({"act": "merge"})),
            (1, json!({"act": "merge", "into": id(1)})),
            (1, json!({"act": "merge", "into": id(9)})),
            (1, json!({"act": "accept", "into": id(2)})),
            (1, json!({"act": "dismiss", "toMember": sealed("x"), "toSeats": sealed("x"), "case": case})),
            (1, json!({"act": "accept", "toSeats": Base64(b"in clear".to_vec())})),
            (1, json!({"act": "note", "toSeats": sealed(&"x".repeat(16 * 1_024))})),
            (2, act("ask")),
            (2, act("dismiss")),
        ] {
            scene.acts(&scene.secretary, number, &body).await.is_problem(422, "report-refused");
        }
        scene.acts(&scene.secretary, 9, &act("accept")).await.is_problem(404, "not-found");
        assert_eq!(scene.registry.rows().await["report_entry"], 0);
        assert_eq!(scene.is_done(2, &json!({"act": "dismiss", "toSeats": sealed("why")})).await["state"], "dismissed");
        scene.get(&scene.alpha, &format!("{PATH}/{}", id(2))).await.is_problem(404, "not-found");
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn a_merged_report_names_the_other_to_the_secretariat_alone() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        for (by, number) in [(&scene.alpha, 1), (&scene.beta, 2), (&scene.alpha, 3)] {
            scene.files(by, &violation(number)).await;
        }
        let merged = scene.is_done(1, &json!({"act": "merge", "into": id(2)})).await;
        assert_eq!((&merged["state"], &merged["into"]), (&json!("merged"), &json!(id(2))));
        assert!(scene.shown(&scene.alpha, 1).await.get("into").is_none(), "beta's report is beta's");
        let chain = json!({"act": "merge", "into": id(1)});
        scene.acts(&scene.secretary, 3, &chain).await.is_problem(409, "report-closed");
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn of_two_decisions_at_once_one_is_taken_and_the_other_is_told() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        for round in 1..8_u8 {
            scene.files(&scene.alpha, &violation(round)).await;
            let (accept, dismiss) = (act("accept"), act("dismiss"));
            let (one, other) = tokio::join!(
                scene.acts(&scene.secretary, round, &accept),
                scene.acts(&scene.secretary, round, &dismiss)
            );
            let mut decided = [&one, &other];
            decided.sort_by_key(|answer| answer.status);
            assert_eq!(decided[0].status, 201, "{}", decided[0].text());
            decided[1].is_problem(409, "report-closed");
            assert_eq!(scene.shown(&scene.secretary, round).await["entries"].as_array().unwrap().len(), 1);
        }
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn a_member_that_is_asked_whose_an_account_is_sees_no_report() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        scene.files(&scene.alpha, &violation(1)).await;
        let asked = scene.asks_beta(1, 7).await;
        assert_eq!(asked.status, 201, "{}", asked.text());
        assert_eq!(scene.asks_beta(1, 7).await.status, 200, "the same again");
        scene.files(&scene.alpha, &violation(2)).await;
        scene.asks_beta(2, 7).await.is_problem(409, "report-repeated");

        let questions = scene.get(&scene.beta, "/v1/identity-requests?open=true").await;
        assert!(!questions.text().contains(&id(1).to_string()) && !questions.text().contains("alpha"));
        assert_eq!(questions.json()["identityRequests"][0]["sealed"], sealed("whose is host-9"));
        let of_alpha = scene.get(&scene.alpha, "/v1/identity-requests").await.json();
        assert_eq!(of_alpha, json!({"identityRequests": []}));
        scene.get(&scene.secretary, "/v1/identity-requests").await.is_problem(403, "members-only");

        let answers = format!("/v1/identity-requests/{}/answers", request_id(7));
        let answer = json!({"sealed": sealed("a number")});
        scene.post(&scene.alpha, &answers, &answer).await.is_problem(404, "not-found");
        assert_eq!(scene.post(&scene.beta, &answers, &answer).await.status, 201);
        assert_eq!(scene.post(&scene.beta, &answers, &answer).await.status, 200, "the same again");
        let other = json!({"sealed": sealed("another number")});
        scene.post(&scene.beta, &answers, &other).await.is_problem(409, "report-closed");
        assert_eq!(
            scene.get(&scene.beta, "/v1/identity-requests?open=true").await.json()["identityRequests"],
            json!([])
        );
        let kept = scene.get(&scene.beta, "/v1/identity-requests").await.json()["identityRequests"][0].clone();
        assert!(kept["answeredAt"].is_string() && kept.get("answer").is_none());

        let of_seats = scene.shown(&scene.secretary, 1).await;
        let request = &of_seats["identityRequests"][0];
        assert_eq!((&request["answer"], &request["sealed"]), (&sealed("a number"), &sealed("the same for seats")));
        let of_filer = scene.shown(&scene.alpha, 1).await;
        assert!(of_filer.get("identityRequests").is_none() && of_filer.get("entries").is_none());

        let body = json!({"id": request_id(8), "member": "gamma", "sealed": sealed("x"), "toSeats": sealed("x")});
        let path = format!("{PATH}/{}/identity-requests", id(1));
        scene.post(&scene.secretary, &path, &body).await.is_problem(422, "report-refused");
        scene.post(&scene.panel, &path, &body).await.is_problem(403, "report-forbidden");
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn of_a_member_the_recipient_holds_that_it_signed_last() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        let at = scene.registry.now();
        let path = "/v1/members/alpha/recipient";
        scene.get(&scene.secretary, path).await.is_problem(404, "not-found");
        let signed = |declared: &MemberRecipient, key: &SigningKey| {
            serde_json::from_slice::<Value>(&to_json(&declaration::sign(declared, key))).unwrap()
        };
        let publishes = async |envelope: &Value| scene.post(&scene.alpha, "/v1/recipients", envelope).await;
        let first = signed(&recipient(&scene.registry, "alpha", at), &scene.alpha);
        assert_eq!(publishes(&first).await.status, 201);
        assert_eq!(publishes(&first).await.status, 200, "the same again");
        assert_eq!(scene.get(&scene.secretary, path).await.json()["envelope"], first);
        scene.get(&scene.beta, path).await.is_problem(403, "seats-only");

        let foreign = MemberRecipient { issuer: "other.example".into(), ..recipient(&scene.registry, "alpha", at) };
        for wrong in [
            signed(&recipient(&scene.registry, "alpha", at.plus_millis(1)), &scene.beta),
            signed(&recipient(&scene.registry, "beta", at.plus_millis(1)), &scene.beta),
            signed(&recipient(&scene.registry, "alpha", at.plus_millis(-1)), &scene.alpha),
            signed(&recipient(&scene.registry, "alpha", at), &scene.alpha),
            signed(&recipient(&scene.registry, "alpha", at.plus_days(1)), &scene.alpha),
            signed(&foreign, &scene.alpha),
        ] {
            publishes(&wrong).await.is_problem(422, "recipient-refused");
        }
        assert_eq!(scene.get(&scene.secretary, path).await.json()["envelope"], first);
        let next = signed(&recipient(&scene.registry, "alpha", at.plus_millis(1)), &scene.alpha);
        assert_eq!(publishes(&next).await.status, 201);
        assert_eq!(scene.get(&scene.secretary, path).await.json()["envelope"], next);
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn a_report_says_by_when_it_is_due_where_the_policy_does() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        let day = |text: &str| scene.registry.world.clock.move_to(text.parse().unwrap());
        // A Wednesday; the fifth working day after is the Wednesday after.
        day("2026-12-02T02:00:00.000Z");
        let of = |number, kind: &str| json!({"id": id(number), "kind": kind, "sealed": sealed("x")});
        let filed = scene.files(&scene.alpha, &violation(1)).await;
        assert_eq!(filed["dueAt"], "2026-12-09T16:00:00.000Z");
        let other = json!({"id": id(2), "kind": "not-this-person", "record": scene.record, "sealed": sealed("x")});
        let stranger = scene.files(&scene.alpha, &other).await;
        assert_eq!(
            (&stranger["dueAt"], &stranger["record"]),
            (&json!("2026-12-05T02:00:00.000Z"), &json!(scene.record))
        );
        assert_eq!(scene.files(&scene.secretary, &of(3, "court")).await["dueAt"], "2026-12-03T02:00:00.000Z");
        assert_eq!(scene.files(&scene.secretary, &of(4, "authority")).await["dueAt"], filed["dueAt"]);
        // The calendar ends with the year.
        day("2026-12-29T02:00:00.000Z");
        let undated = scene.files(&scene.alpha, &violation(5)).await;
        assert_eq!((undated.get("dueAt"), &undated["calendarUnknown"]), (None, &json!(true)));
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn reports_are_listed_in_pages_the_newest_first() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        for number in 1..=5 {
            scene.registry.world.clock.move_to(scene.registry.now().plus_millis(1));
            let by = if number == 3 { &scene.beta } else { &scene.alpha };
            scene.files(by, &violation(number)).await;
        }
        scene.is_done(2, &act("ask")).await;
        let ids = |numbers: &[u8]| numbers.iter().map(|number| json!(id(*number))).collect::<Vec<_>>();
        assert_eq!(scene.listed(&scene.secretary, "").await, ids(&[5, 4, 3, 2, 1]));
        assert_eq!(scene.listed(&scene.alpha, "").await, ids(&[5, 4, 2, 1]));
        assert_eq!(scene.listed(&scene.secretary, "?state=asked").await, ids(&[2]));
        assert_eq!(scene.listed(&scene.alpha, "?state=received").await, ids(&[5, 4, 1]));
        let page = scene.get(&scene.alpha, &format!("{PATH}?limit=2")).await.json();
        assert_eq!(page["next"], json!(id(4)));
        assert!(page["reports"][0].get("sealed").is_none() && page["reports"][0].get("entries").is_none());
        assert_eq!(scene.listed(&scene.alpha, &format!("?limit=2&before={}", id(4))).await, ids(&[2, 1]));
        scene.get(&scene.alpha, &format!("{PATH}?state=lost")).await.is_problem(400, "malformed");
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn a_member_with_ten_thousand_open_reports_waits_for_the_secretariat_and_no_other_does() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        scene.files(&scene.alpha, &violation(1)).await;
        open(&scene.registry, 9_999).await;
        let full = scene.post(&scene.alpha, PATH, &violation(2)).await;
        full.is_problem(409, "reports-full");
        assert!(full.text().contains("10000"), "{}", full.text());
        assert_eq!(scene.post(&scene.alpha, PATH, &violation(1)).await.status, 200, "it is kept already");
        scene.files(&scene.beta, &violation(3)).await;
        scene.is_done(1, &act("accept")).await;
        scene.files(&scene.alpha, &violation(2)).await;
        scene.registry.ends().await;
    }
}

/// Alpha has so many reports open.
async fn open(registry: &Registry, count: u32) {
    let (id, address) = match registry.database.engine {
        Engine::Sqlite => ("randomblob(16)", registry.database.address.clone()),
        Engine::Postgres => ("decode(md5(n::text), 'hex')", registry.database.as_owner()),
    };
    let sql = sqlx::AssertSqlSafe(format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) \
         INSERT INTO report (id, member, kind, code, sent, received_at, calendar_unknown, changed_at, state, version, sealed) \
         SELECT {id}, 'alpha', 'violation', '', {id}, 0, 0, 0, 'asked', 0, {id} FROM numbers"
    ));
    match registry.database.engine {
        Engine::Sqlite => {
            let mut connection = SqliteConnection::connect(&address).await.unwrap();
            sqlx::query(sql).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
        Engine::Postgres => {
            let mut connection = PgConnection::connect(&address).await.unwrap();
            sqlx::query(sql).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_member_that_is_bound_no_more_is_refused() {
    for engine in engines() {
        let mut scene = Scene::begun(engine).await;
        scene.files(&scene.beta, &violation(1)).await;
        let mut members = scene.registry.committee.document(2, 4);
        members["version"] = json!(3);
        scene.registry.log_members(&members).await;
        scene.post(&scene.beta, PATH, &violation(2)).await.is_problem(403, "key-unknown");
        assert_eq!(scene.shown(&scene.secretary, 1).await["member"], "beta", "what it filed stays");
        scene.registry.ends().await;
    }
}
