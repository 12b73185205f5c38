//! `/v1/report-keys` and `/v1/public-reports`: what whoever has no key may file, follow and add, what is refused, and that
//! nothing of it can be read by whoever has the registry.
//!
//! Long because what a browser seals is made here step by step.

use callboard_federation::{
    dsse::Envelope,
    encoding::{Base64, Hash, Octets, ReportId, Time, from_json, to_json},
    report::{
        ReportKind,
        follow::FollowCode,
        public::{FollowWords, MinorConcerned, PublicFile, PublicReport, Relation, Side, words_belong_to},
    },
    report_key::{
        ReportSecretKey,
        declared::{DeclaredReportKey, sign},
        sealed::{SealedForKeys, seal},
        under_key::{self, SealedUnderKey, SealingKey, open_file, seal_file},
    },
};
use rand::{SeedableRng as _, rngs::StdRng};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Registry, alpha},
    drafts::sealed,
    receipts,
    reports::{adopts_rules, id},
    support::{Engine, engines},
};

const PATH: &str = "/v1/public-reports";
const KEYS: &str = "/v1/report-keys";
/// The bytes of a part.
const PART: usize = 512 * 1_024;
/// What a report of these tests says, and nobody reads but the secretariat.
const SECRET: &str = "主播在直播间宣扬赌博";

/// The report key of the secretariat's first seat.
pub(crate) fn report_key() -> ReportSecretKey {
    ReportSecretKey::generate(&mut StdRng::seed_from_u64(17))
}

/// The seat's word that this key is its own.
pub(crate) fn declared(registry: &Registry, holder: &str, key: &ReportSecretKey, at: Time) -> Envelope {
    let issuer = registry.committee.issuer().to_owned();
    sign(&DeclaredReportKey { v: 1, issuer, public_key: key.public(), at }, &registry.committee.seat(holder))
}

pub(crate) fn code(number: u8) -> FollowCode {
    FollowCode::from_bytes([number; 16])
}

/// The report of a number as it is sealed, and its files as they come.
pub(crate) struct Filed {
    pub(crate) body: Value,
    files: Vec<Vec<u8>>,
}

fn file_key(number: usize) -> (SealingKey, [u8; 12]) {
    let byte = u8::try_from(number + 1).unwrap();
    (SealingKey::from_bytes([byte; 32]), [byte; 12])
}

pub(crate) fn report(number: u8, kind: ReportKind, files: &[Vec<u8>]) -> Filed {
    let id = id(number);
    let sealed_files: Vec<Vec<u8>> = files
        .iter()
        .enumerate()
        .map(|(at, bytes)| {
            let (key, nonce) = file_key(at);
            seal_file(bytes, &key, &nonce, &id.to_string(), at).unwrap()
        })
        .collect();
    let told = files.iter().enumerate().map(|(at, bytes)| {
        let (key, nonce) = file_key(at);
        PublicFile {
            name: format!("{at}.png"),
            media: "image/png".to_owned(),
            bytes: bytes.len() as u64,
            sha256: Hash::of(bytes),
            key,
            nonce: Octets(nonce),
        }
    });
    let content = PublicReport {
        v: 1,
        id,
        kind,
        follow_key: code(number).key(id),
        platform: "alpha".to_owned(),
        room: None,
        accounts: vec!["host-9".to_owned()],
        description: SECRET.to_owned(),
        when: None,
        day: None,
        minor: if kind == ReportKind::PublicMinor { MinorConcerned::Victim } else { MinorConcerned::No },
        relation: Relation::Viewer,
        reporter: None,
        reporter_apart: None,
        files: told.collect(),
        language: "zh-CN".to_owned(),
        at: Time::from_seconds(1_800_000_000),
    };
    content.check().unwrap();
    let mut rng = StdRng::seed_from_u64(number.into());
    let sealed = seal(&to_json(&content), &id.to_string(), &[report_key().public()], &mut rng).unwrap();
    let beside: Vec<Value> =
        sealed_files.iter().map(|bytes| json!({"bytes": bytes.len(), "sha256": Hash::of(bytes)})).collect();
    let mut body = json!({"id": id, "kind": kind, "follow": code(number).id(), "sealed": Base64(to_json(&sealed))});
    if !beside.is_empty() {
        body["files"] = json!(beside);
    }
    Filed { body, files: sealed_files }
}

/// A part of a file, as it is sent.
pub(crate) fn part(of: &Filed, number: usize, part: usize) -> Value {
    let bytes = of.files[number].chunks(PART).nth(part).unwrap().to_vec();
    json!({"follow": of.body["follow"], "number": number, "part": part, "bytes": Base64(bytes)})
}

pub(crate) fn words(number: u8, by: Side, text: &str) -> Base64 {
    let report = id(number);
    let said = FollowWords { v: 1, report, by, text: text.to_owned(), at: Time::from_seconds(0) };
    let (key, name) = (code(number).key(report), report.to_string());
    let sealed = under_key::seal(&to_json(&said), &key, &words_belong_to(&name, by), &mut StdRng::seed_from_u64(1));
    Base64(to_json(&sealed.unwrap()))
}

struct Scene {
    registry: Registry,
}

impl Scene {
    async fn begun(engine: Engine) -> Self {
        let (mut registry, ..) = receipts::asks(engine).await;
        adopts_rules(&mut registry).await;
        let envelope = declared(&registry, "secretary-1", &report_key(), registry.now());
        let secretary = registry.committee.seat("secretary-1");
        let answer = registry.signed(&secretary, Method::POST, KEYS, &to_json(&envelope)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        Self { registry }
    }

    async fn posts(&self, path: &str, body: &Value) -> Answer {
        self.registry.post(path, body.to_string()).await
    }

    async fn files(&self, of: &Filed) -> Value {
        let answer = self.posts(PATH, &of.body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    async fn sends(&self, of: &Filed, number: usize, at: usize) -> Answer {
        let path = format!("{PATH}/{}/files", of.body["id"].as_str().unwrap());
        self.posts(&path, &part(of, number, at)).await
    }

    async fn follows(&self, number: u8) -> Value {
        let answer = self.posts(&format!("{PATH}/follow"), &json!({"follow": code(number).id()})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    async fn secretary(&self, method: Method, path: &str, body: &str) -> Answer {
        let secretary = self.registry.committee.seat("secretary-1");
        self.registry.signed(&secretary, method, path, body.as_bytes()).await
    }

    async fn acts(&self, number: u8, body: &Value) -> Answer {
        self.secretary(Method::POST, &format!("/v1/reports/{}/acts", id(number)), &body.to_string()).await
    }

    async fn shown(&self, number: u8) -> Value {
        let answer = self.secretary(Method::GET, &format!("/v1/reports/{}", id(number)), "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }
}

#[tokio::test]
async fn a_report_of_the_public_is_ciphertext_that_the_secretariats_report_key_opens() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        let filed = report(1, ReportKind::Public, &[]);
        let kept = scene.files(&filed).await;
        assert_eq!(
            (&kept["state"], &kept["isOpen"], &kept["missingFiles"]),
            (&json!("received"), &json!(true), &json!(0))
        );
        assert_eq!(scene.posts(PATH, &filed.body).await.status, 200, "the same again");

        let shown = scene.shown(1).await;
        assert_eq!((&shown["kind"], shown.get("member"), shown.get("seat")), (&json!("public"), None, None));
        let sealed: Base64 = serde_json::from_value(shown["sealed"].clone()).unwrap();
        let sealed: SealedForKeys = from_json(&sealed.0).unwrap();
        let opened = sealed.open(&id(1).to_string(), &[report_key()]).unwrap();
        let content: PublicReport = from_json(&opened).unwrap();
        assert_eq!((content.description.as_str(), content.id), (SECRET, id(1)));

        let (alpha, panel) = (alpha(&scene.registry), scene.registry.committee.seat("panel-1"));
        let of = format!("/v1/reports/{}", id(1));
        scene.registry.signed(&alpha, Method::GET, &of, b"").await.is_problem(404, "not-found");
        scene.registry.signed(&panel, Method::GET, &of, b"").await.is_problem(403, "report-forbidden");
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn an_id_and_a_code_are_of_one_report_and_another_changes_nothing() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        scene.files(&report(1, ReportKind::Public, &[])).await;
        let mut same_id = report(2, ReportKind::Public, &[]).body;
        same_id["id"] = json!(id(1));
        let mut same_code = report(3, ReportKind::Public, &[vec![1; 10]]).body;
        same_code["follow"] = json!(code(1).id());
        let rows = scene.registry.rows().await;
        for other in [same_id, same_code] {
            scene.posts(PATH, &other).await.is_problem(409, "report-repeated");
        }
        assert_eq!(scene.registry.rows().await, rows);
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn what_is_not_sealed_as_it_must_be_is_refused_and_changes_nothing() {
    let scene = Scene::begun(Engine::Sqlite).await;
    let good = report(1, ReportKind::Public, &[]).body;
    let with = |member: &str, value: Value| {
        let mut changed = good.clone();
        changed[member] = value;
        changed
    };
    let mut rng = StdRng::seed_from_u64(3);
    let to_nobody = seal(b"{}", "x", &[ReportSecretKey::generate(&mut rng).public()], &mut rng).unwrap();
    let file = |bytes: u64| json!({"bytes": bytes, "sha256": Hash::of(b"x")});
    let rows = scene.registry.rows().await;
    for wrong in [
        with("kind", json!("violation")),
        with("kind", json!("court")),
        with("sealed", sealed("an age file")),
        with("sealed", json!(Base64(b"{}".to_vec()))),
        with("sealed", json!(Base64(to_json(&to_nobody)))),
        with("sealed", json!(Base64(vec![b' '; 400_000]))),
        with("files", json!([file(0)])),
        with("files", json!(vec![file(10); 11])),
        with("files", json!([file(1 << 26)])),
        with("files", json!([file((1 << 53) - 1), file((1 << 53) - 1)])),
    ] {
        scene.posts(PATH, &wrong).await.is_problem(422, "report-refused");
    }
    for malformed in [with("more", json!(1)), with("follow", json!("x")), with("id", json!("x")), json!([])] {
        assert_eq!(scene.posts(PATH, &malformed).await.status, 400, "{malformed}");
    }
    // Whoever has a key files nothing in the public's name either.
    let by_member = json!({"id": id(2), "kind": "public", "sealed": sealed("x")});
    let (alpha, body) = (alpha(&scene.registry), by_member.to_string());
    let answer = scene.registry.signed(&alpha, Method::POST, "/v1/reports", body.as_bytes()).await;
    answer.is_problem(403, "report-forbidden");
    scene.secretary(Method::POST, "/v1/reports", &body).await.is_problem(403, "report-forbidden");
    let mut after = scene.registry.rows().await;
    after.insert("nonce".to_owned(), rows["nonce"]);
    assert_eq!(after, rows);
    scene.registry.ends().await;
}

#[tokio::test]
async fn files_come_in_parts_in_any_order_and_one_that_is_another_begins_again() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        let files = [vec![7; 3], (0..1_200_000).map(|at: u32| at.to_le_bytes()[0]).collect::<Vec<u8>>()];
        let sent = report(1, ReportKind::Public, &files);
        assert_eq!(scene.files(&sent).await["missingFiles"], 2);
        let parts = sent.files[1].len().div_ceil(PART);
        assert!(parts > 2, "{parts}");

        // A part that was changed on the way: all of that file is asked for again.
        let path = format!("{PATH}/{}/files", id(1));
        let mut changed = part(&sent, 1, 0);
        changed["bytes"] = json!(Base64(vec![0; PART]));
        assert_eq!(scene.posts(&path, &changed).await.json()["isWhole"], false);
        for at in 1..parts {
            let answer = scene.sends(&sent, 1, at).await;
            if at + 1 < parts {
                assert_eq!(answer.json()["isWhole"], false);
            } else {
                answer.is_problem(422, "report-refused");
            }
        }
        for at in (0..parts).rev() {
            let twice = [scene.sends(&sent, 1, at).await, scene.sends(&sent, 1, at).await];
            assert!(twice.iter().all(|answer| answer.json()["isWhole"] == (at == 0)), "{at}");
        }
        assert_eq!(scene.follows(1).await["missingFiles"], 1);
        assert_eq!(scene.shown(1).await["files"][1]["isWhole"], true);

        // What isn't a part of any of its files.
        for (member, value) in [("number", json!(2)), ("part", json!(1)), ("bytes", json!(Base64(vec![1; 5])))] {
            let mut wrong = part(&sent, 0, 0);
            wrong[member] = value;
            scene.posts(&path, &wrong).await.is_problem(422, "report-refused");
        }
        let mut foreign = part(&sent, 0, 0);
        foreign["follow"] = json!(code(9).id());
        scene.posts(&path, &foreign).await.is_problem(404, "not-found");

        // The secretariat fetches and opens it; nobody else.
        let mut fetched = Vec::new();
        for at in 0..parts {
            let query = format!("/v1/reports/{}/files?number=1&part={at}", id(1));
            let answer = scene.secretary(Method::GET, &query, "").await.json();
            assert_eq!(answer["isLast"], at + 1 == parts);
            fetched.extend(serde_json::from_value::<Base64>(answer["bytes"].clone()).unwrap().0);
        }
        let (key, nonce) = file_key(1);
        assert_eq!(*open_file(&fetched, &key, &nonce, (&id(1).to_string(), 1), files[1].len()).unwrap(), files[1]);
        let missing = format!("/v1/reports/{}/files?number=0&part=0", id(1));
        scene.secretary(Method::GET, &missing, "").await.is_problem(404, "not-found");

        // A day later nothing comes any more, and the report says what is missing.
        scene.registry.world.clock.move_to(scene.registry.now().plus_days(2));
        scene.sends(&sent, 0, 0).await.is_problem(409, "report-closed");
        assert_eq!(scene.follows(1).await["missingFiles"], 1);
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn whoever_has_the_code_reads_the_answers_and_adds_until_the_report_is_closed() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        scene.files(&report(1, ReportKind::Public, &[])).await;
        let says = async |text: &str| {
            let body = json!({"follow": code(1).id(), "words": words(1, Side::Reporter, text)});
            scene.posts(&format!("{PATH}/words"), &body).await
        };
        assert_eq!(says("还有一场").await.status, 201);
        assert_eq!(says("还有一场").await.status, 200, "the same again");
        assert_eq!(scene.follows(1).await["entries"][0]["act"], "add");

        let told = words(1, Side::Secretariat, "请补充直播间号");
        let to_seats = sealed("to seats");
        scene.acts(1, &json!({"act": "ask", "toSeats": to_seats})).await.is_problem(422, "report-refused");
        let to_member = json!({"act": "ask", "toMember": sealed("x"), "toReporter": told, "toSeats": to_seats});
        scene.acts(1, &to_member).await.is_problem(422, "report-refused");
        let unsealed = json!({"act": "ask", "toReporter": sealed("x"), "toSeats": to_seats});
        scene.acts(1, &unsealed).await.is_problem(422, "report-refused");
        let asked = scene.acts(1, &json!({"act": "ask", "toReporter": told, "toSeats": to_seats})).await;
        assert_eq!(asked.status, 201, "{}", asked.text());
        assert_eq!(scene.acts(1, &json!({"act": "note", "toSeats": sealed("a reward")})).await.status, 201);

        let followed = scene.follows(1).await;
        assert_eq!((&followed["state"], followed["entries"].as_array().unwrap().len()), (&json!("asked"), 2));
        let entry = &followed["entries"][1];
        assert_eq!((&entry["bySecretariat"], &entry["act"]), (&json!(true), &json!("ask")));
        let sealed_words: Base64 = serde_json::from_value(entry["words"].clone()).unwrap();
        let sealed_words: SealedUnderKey = from_json(&sealed_words.0).unwrap();
        let (name, key) = (id(1).to_string(), code(1).key(id(1)));
        let opened = sealed_words.open(&key, &words_belong_to(&name, Side::Secretariat)).unwrap();
        assert_eq!(from_json::<FollowWords>(&opened).unwrap().text, "请补充直播间号");
        let other_key = code(2).key(id(1));
        assert!(sealed_words.open(&other_key, &words_belong_to(&name, Side::Secretariat)).is_err());

        assert_eq!(says("88号").await.status, 201);
        assert_eq!(scene.follows(1).await["state"], "received");
        let dismissed = json!({"act": "dismiss", "toReporter": told, "toSeats": to_seats});
        assert_eq!(scene.acts(1, &dismissed).await.status, 201);
        says("再补充").await.is_problem(409, "report-closed");
        assert_eq!(scene.follows(1).await["isOpen"], false);

        let stranger = json!({"follow": code(9).id()});
        scene.posts(&format!("{PATH}/follow"), &stranger).await.is_problem(404, "not-found");
        let unsealed = json!({"follow": code(1).id(), "words": Base64(b"{}".to_vec())});
        scene.posts(&format!("{PATH}/words"), &unsealed).await.is_problem(422, "report-refused");
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn what_is_about_a_minor_is_due_in_hours_and_kept_less_long_and_files_are_erased_with_the_rest() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        let (minors, other) =
            (report(1, ReportKind::PublicMinor, &[vec![1; 10]]), report(2, ReportKind::Public, &[vec![2; 10]]));
        // From then on a policy is in force that says so.
        let now = "2026-12-01T00:00:00.000Z".parse().unwrap();
        scene.registry.world.clock.move_to(now);
        assert_eq!(scene.files(&minors).await["dueAt"], json!(now.plus_hours(24)));
        assert_ne!(scene.files(&other).await["dueAt"], json!(now.plus_hours(24)));
        for (number, filed) in [(1, &minors), (2, &other)] {
            assert_eq!(scene.sends(filed, 0, 0).await.json()["isWhole"], true);
            let told = words(number, Side::Secretariat, "不予受理");
            let dismissed = json!({"act": "dismiss", "toReporter": told, "toSeats": sealed("to seats")});
            assert_eq!(scene.acts(number, &dismissed).await.status, 201);
        }
        let (ledger, clock) = (&scene.registry.world.ledger, &scene.registry.world.clock);
        for (days, erased) in [(300, 0), (400, 1), (1_200, 1)] {
            clock.move_to(now.plus_days(days));
            assert_eq!(ledger.erase_reports().await.unwrap(), erased, "after {days} days");
        }
        assert_eq!(scene.registry.rows().await.get("report_file_part"), None, "no row is left");
        for number in [1, 2] {
            let followed = scene.follows(number).await;
            assert!(followed["erasedAt"].is_string() && followed["entries"][0].get("words").is_none(), "{followed}");
            assert_eq!(scene.shown(number).await.get("sealed"), None);
        }
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn an_hour_takes_so_many_reports_and_then_says_when_to_come_again() {
    let scene = Scene::begun(Engine::Sqlite).await;
    let one = report(1, ReportKind::Public, &[]);
    for number in 0..500_u32 {
        let mut body = one.body.clone();
        body["id"] = json!(ReportId::new(
            Time::from_seconds(1),
            [&number.to_be_bytes()[..], &[0; 6]].concat().try_into().unwrap()
        ));
        body["follow"] = json!(Hash::of(&number.to_be_bytes()));
        assert_eq!(scene.posts(PATH, &body).await.status, 201, "{number}");
    }
    let refused = scene.posts(PATH, &one.body).await;
    refused.is_problem(429, "rate-limited");
    assert_eq!(refused.header("retry-after"), "3600");
    scene.registry.world.clock.move_to(scene.registry.now().plus_hours(1));
    assert_eq!(scene.posts(PATH, &one.body).await.status, 201);
    scene.registry.ends().await;
}

#[tokio::test]
async fn a_report_key_is_a_seats_own_word_and_the_latest_holds() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        let registry = &scene.registry;
        let other = ReportSecretKey::generate(&mut StdRng::seed_from_u64(4));
        let says = async |holder: &str, envelope: &Envelope| {
            registry.signed(&registry.committee.seat(holder), Method::POST, KEYS, &to_json(envelope)).await
        };
        let first = declared(registry, "secretary-1", &report_key(), registry.now());
        assert_eq!(says("secretary-1", &first).await.status, 200, "the same again");
        let early = declared(registry, "secretary-1", &other, registry.now().plus_hours(-1));
        says("secretary-1", &early).await.is_problem(422, "report-key-refused");
        let ahead = declared(registry, "secretary-1", &other, registry.now().plus_hours(1));
        says("secretary-1", &ahead).await.is_problem(422, "report-key-refused");
        let of_a_panel = declared(registry, "panel-1", &other, registry.now());
        says("panel-1", &of_a_panel).await.is_problem(422, "report-key-refused");
        says("panel-1", &first).await.is_problem(422, "report-key-refused");

        let keys = registry.get(KEYS).await.json();
        assert_eq!((&keys["namesApart"], keys["keys"].as_array().unwrap().len()), (&json!(false), 1));
        assert_eq!(keys["keys"][0]["publicKey"], json!(report_key().public()));
        registry.world.clock.move_to(registry.now().plus_hours(1));
        let next = declared(registry, "secretary-1", &other, registry.now());
        assert_eq!(says("secretary-1", &next).await.status, 201);
        assert_eq!(registry.get(KEYS).await.json()["keys"][0]["publicKey"], json!(other.public()));
        let to_the_old = report(1, ReportKind::Public, &[]).body;
        scene.posts(PATH, &to_the_old).await.is_problem(422, "report-refused");
        scene.registry.ends().await;
    }
}
