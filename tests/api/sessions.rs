//! `/v1/sessions`, `/v1/filings`: links by which people read what is held about them, opened once by whoever has the code;
//! what is filed, its receipt, and the answer. What each role may is a row each of `roles/table.rs`.

use callboard_federation::{
    dsse::Envelope,
    encoding::{Base64, FilingId, Hash, RecordId, Time, from_json},
    request::{SigningRequestKey, sign},
    subject_session::{
        BrowserKey, FilingKind, SealedContent, SessionCode, SessionFor, SessionKey, content::Content,
        receipt::FilingReceipt,
    },
};
use callboard_rules::policies;
use ed25519_dalek::SigningKey;
use p256::ecdsa::SigningKey as Browser;
use rand::{SeedableRng as _, rngs::StdRng};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Registry, alpha, key, with},
    receipts,
    support::{Engine, engines},
};

const PATH: &str = "/v1/sessions";
pub(crate) const CODE: &str = "042917";
const DAY: i64 = 24;

/// The key of a test's own link.
pub(crate) fn link(number: u8) -> SessionKey {
    SessionKey::from_bytes([number; 32])
}

pub(crate) fn browser(number: u8) -> Browser {
    Browser::from_slice(&[number; 32]).unwrap()
}

pub(crate) fn filing_id(number: u8) -> FilingId {
    FilingId::new(Time::from_seconds(1_800_000_000), [number; 10])
}

/// A code of a link as the registry is told it.
pub(crate) fn hash_of(code: &str, link: &SessionKey) -> Hash {
    code.parse::<SessionCode>().unwrap().hash(link.id())
}

/// What is sealed to a link.
pub(crate) fn content(link: &SessionKey, at: Time) -> SealedContent {
    let (issuer, names) = ("callboard.example".to_owned(), vec!["张三".to_owned()]);
    let content = Content { v: 1, issuer, whose: SessionFor::Subject, names, made_at: at, records: Vec::new() };
    content.seal(link, &mut StdRng::seed_from_u64(1)).unwrap()
}

/// A session of a record, for whoever makes it.
pub(crate) fn session(number: u8, record: RecordId, at: Time) -> Value {
    let link = link(number);
    json!({"id": link.id(), "codeHash": hash_of(CODE, &link), "for": "subject", "records": [record],
        "sealed": content(&link, at), "expiresAt": at.plus_days(7)})
}

/// What a browser sends to open one.
pub(crate) fn opening(code: &str, browser: &Browser) -> Value {
    json!({"code": code, "publicKey": BrowserKey::of(browser), "sealTo": BrowserKey::of(browser)})
}

pub(crate) fn filing(number: u8, kind: &str, about: RecordId) -> Value {
    json!({"id": filing_id(number), "kind": kind, "about": about, "sealed": Base64(format!("sealed {number}").into_bytes())})
}

/// Asks as a browser with its key.
pub(crate) async fn asks(registry: &Registry, by: &Browser, method: Method, path: &str, body: &[u8]) -> Answer {
    asks_at(registry, by, (method, path), body, registry.now(), registry.nonce()).await
}

async fn asks_at(
    registry: &Registry,
    by: &impl SigningRequestKey,
    (method, path): (Method, &str),
    body: &[u8],
    created: Time,
    nonce: [u8; 16],
) -> Answer {
    let headers = sign(by, method.as_str(), &format!("{}{path}", registry.world.url), body, created, nonce);
    registry.send(with(registry.request(method, path), &headers).body(body.to_vec())).await
}

/// The browser of the link's number opens it.
pub(crate) async fn is_opened(registry: &Registry, number: u8) {
    let body = opening(CODE, &browser(number)).to_string();
    let answer = registry.post(&format!("{PATH}/{}/open", link(number).id()), body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// The browser of the link's number files something.
pub(crate) async fn is_filed(registry: &Registry, number: u8, body: &Value) {
    let path = format!("{PATH}/{}/filings", link(number).id());
    let answer = asks(registry, &browser(number), Method::POST, &path, body.to_string().as_bytes()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

/// A registry, a record, and who makes links.
struct Scene {
    registry: Registry,
    record: RecordId,
    alpha: SigningKey,
    beta: SigningKey,
    secretary: SigningKey,
    panel: SigningKey,
}

impl Scene {
    /// Under a policy that says by when filings are answered.
    async fn begun(engine: Engine) -> Self {
        let (mut registry, _, record) = receipts::asks(engine).await;
        let source = policies::find("streamer-warning-rules", "2022").unwrap().text;
        let source = source.replacen("version = \"2022\"", "version = \"2026\"", 1);
        let document = policies::read(&source.replacen("2022-02-28T16", "2026-02-27T16", 1)).unwrap();
        let policy = registry.committee.adopt(registry.now(), document);
        registry.logs(&policy).await;
        let (secretary, panel) = (registry.committee.seat("secretary-1"), registry.committee.seat("panel-1"));
        Self { alpha: alpha(&registry), beta: key("beta"), registry, record, secretary, panel }
    }

    async fn post(&self, by: &SigningKey, path: &str, body: &Value) -> Answer {
        self.registry.signed(by, Method::POST, path, body.to_string().as_bytes()).await
    }

    async fn get(&self, by: &SigningKey, path: &str) -> Answer {
        self.registry.signed(by, Method::GET, path, b"").await
    }

    async fn makes(&self, by: &SigningKey, number: u8) -> Value {
        let answer = self.post(by, PATH, &session(number, self.record, self.registry.now())).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    async fn opens(&self, number: u8, code: &str, browser: &Browser) -> Answer {
        self.registry.post(&format!("{PATH}/{}/open", link(number).id()), opening(code, browser).to_string()).await
    }

    /// A session that a browser opened.
    async fn is_open(&self, by: &SigningKey, number: u8) -> Browser {
        self.makes(by, number).await;
        let browser = browser(number);
        let answer = self.opens(number, CODE, &browser).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        browser
    }

    async fn state(&self, number: u8) -> String {
        let answer = self.registry.get(&format!("{PATH}/{}", link(number).id())).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["state"].as_str().unwrap().to_owned()
    }

    async fn reads(&self, number: u8, browser: &Browser) -> Answer {
        asks(&self.registry, browser, Method::GET, &format!("{PATH}/{}/content", link(number).id()), b"").await
    }

    async fn files(&self, number: u8, browser: &Browser, body: &Value) -> Answer {
        let path = format!("{PATH}/{}/filings", link(number).id());
        asks(&self.registry, browser, Method::POST, &path, body.to_string().as_bytes()).await
    }

    async fn confirms(&self, number: u8, browser: &Browser, code: &str) -> Answer {
        let (path, body) = (format!("{PATH}/{}/confirmation", link(number).id()), json!({"code": code}).to_string());
        asks(&self.registry, browser, Method::POST, &path, body.as_bytes()).await
    }

    fn passes(&self, hours: i64) {
        self.registry.world.clock.move_to(self.registry.now().plus_hours(hours));
    }
}

#[tokio::test]
async fn a_person_reads_what_is_held_and_what_became_of_it() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        let share = scene.post(&scene.beta, &format!("/v1/records/{}/share", scene.record), &json!({})).await;
        assert_eq!(share.status, 200, "{}", share.text());
        let browser = scene.is_open(&scene.alpha, 1).await;
        let read = scene.reads(1, &browser).await;
        assert_eq!((read.status, read.header("cache-control")), (200, "no-store"), "{}", read.text());
        let read = read.json();
        let sealed: SealedContent = from_json(read["sealed"].to_string().as_bytes()).unwrap();
        assert_eq!(sealed.open(&link(1)).unwrap().names, ["张三"]);
        let (of, record) = (&read["session"], &read["records"][0]);
        assert_eq!((&of["member"], &of["state"], &of["wrongCodes"]), (&json!("alpha"), &json!("opened"), &json!(0)));
        assert!(of["openedAt"].is_string() && of.get("confirmedAt").is_none());
        assert_eq!(
            (&record["phase"], &record["void"], &record["disputed"]),
            (&json!("in-force"), &json!(false), &json!(false))
        );
        assert_eq!((&record["asked"][0]["who"], &record["asked"][0]["times"]), (&json!("beta"), &json!(1)));
        let members: Vec<&Value> = record["members"].as_array().unwrap().iter().map(|of| &of["member"]).collect();
        assert_eq!(members, ["alpha", "beta"]);
        // Taken home: the proof file, once the log is witnessed.
        let proofs = format!("{PATH}/{}/proofs", link(1).id());
        let missing = asks(&scene.registry, &browser, Method::GET, &proofs, b"").await.json();
        assert_eq!(missing["missing"], json!([scene.record]));
        scene.registry.is_witnessed().await;
        let proofs = asks(&scene.registry, &browser, Method::GET, &proofs, b"").await.json();
        assert_eq!((proofs["proofs"].as_array().unwrap().len(), &proofs["missing"]), (1, &json!([])));
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn a_preview_uses_nothing_up_and_the_first_browser_alone_has_the_session() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        scene.makes(&scene.alpha, 1).await;
        for _ in 0..10 {
            assert_eq!(scene.state(1).await, "waiting");
        }
        scene.reads(1, &browser(1)).await.is_problem(409, "session-unopened");
        let (own, other) = (browser(1), browser(2));
        let opened = scene.opens(1, CODE, &own).await;
        assert_eq!(opened.status, 200, "{}", opened.text());
        // Whoever didn't hear the answer asks again; whoever was forwarded the link, with the code, comes too late.
        let again = scene.opens(1, CODE, &own).await;
        assert_eq!((again.status, again.json()), (200, opened.json()));
        scene.opens(1, CODE, &other).await.is_problem(409, "session-used");
        scene.reads(1, &other).await.is_problem(409, "session-used");
        assert_eq!(scene.reads(1, &own).await.status, 200);
        // A link of another registry, or with a part of it cut off, leads nowhere.
        scene.opens(9, CODE, &own).await.is_problem(404, "session-unknown");
        scene.registry.get(&format!("{PATH}/{}", link(9).id())).await.is_problem(404, "session-unknown");
        // The key of one session opens no other.
        scene.makes(&scene.alpha, 3).await;
        scene.reads(3, &own).await.is_problem(409, "session-unopened");
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn five_wrong_codes_end_a_session_however_many_come_at_once() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        scene.makes(&scene.alpha, 1).await;
        let browsers: Vec<Browser> = (10..30).map(browser).collect();
        let tries = browsers.iter().map(|browser| scene.opens(1, "000000", browser));
        let answers = futures_util::future::join_all(tries).await;
        let words: Vec<String> = answers.iter().map(|answer| answer.problem().1).collect();
        assert_eq!(words.iter().filter(|word| *word == "session-code").count(), 5, "{words:?}");
        assert_eq!(words.iter().filter(|word| *word == "session-locked").count(), 15, "{words:?}");
        assert_eq!(scene.state(1).await, "locked");
        scene.opens(1, CODE, &browser(1)).await.is_problem(410, "session-locked");
        let scene = Scene { registry: scene.registry.starts_again().await, ..scene };
        scene.opens(1, CODE, &browser(1)).await.is_problem(410, "session-locked");
        // Four wrong ones leave one.
        scene.makes(&scene.alpha, 2).await;
        for left in (1..5).rev() {
            let answer = scene.opens(2, "000000", &browser(2)).await;
            answer.is_problem(403, "session-code");
            assert!(answer.json()["detail"].as_str().unwrap().contains(&format!("{left} more")), "{}", answer.text());
        }
        scene.opens(2, "12345", &browser(2)).await.is_problem(400, "malformed");
        let opened = scene.opens(2, CODE, &browser(2)).await;
        assert_eq!((opened.status, &opened.json()["wrongCodes"]), (200, &json!(4)));
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn a_link_expires_and_an_opened_session_ends_by_itself_or_by_its_maker() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        scene.makes(&scene.alpha, 1).await;
        let own = scene.is_open(&scene.alpha, 2).await;
        scene.passes(7 * DAY);
        assert_eq!((scene.state(1).await, scene.state(2).await), ("expired".to_owned(), "opened".to_owned()));
        scene.opens(1, CODE, &browser(1)).await.is_problem(410, "session-expired");
        assert_eq!(scene.reads(2, &own).await.status, 200);
        scene.passes(174 * DAY);
        scene.reads(2, &own).await.is_problem(410, "session-expired");
        // A guardian's ends on the birthday, and there is none without that day, nor one that a member makes.
        let mut guardian = session(3, scene.record, scene.registry.now());
        guardian["for"] = json!("guardian");
        scene.post(&scene.alpha, PATH, &guardian).await.is_problem(403, "session-forbidden");
        scene.post(&scene.secretary, PATH, &guardian).await.is_problem(422, "session-refused");
        guardian["endsAt"] = json!(scene.registry.now().plus_days(3));
        assert_eq!(scene.post(&scene.secretary, PATH, &guardian).await.status, 201);
        assert_eq!(scene.opens(3, CODE, &browser(3)).await.status, 200);
        scene.passes(3 * DAY);
        scene.reads(3, &browser(3)).await.is_problem(410, "session-expired");
        // Its maker ends it, or the secretariat; nobody else knows of it.
        let own = scene.is_open(&scene.alpha, 4).await;
        let end = format!("{PATH}/{}/end", link(4).id());
        scene.post(&scene.beta, &end, &json!({})).await.is_problem(404, "session-unknown");
        scene.post(&scene.panel, &end, &json!({})).await.is_problem(403, "session-forbidden");
        let ended = scene.registry.signed(&scene.alpha, Method::POST, &end, b"").await;
        assert_eq!((ended.status, &ended.json()["state"]), (200, &json!("ended")), "{}", ended.text());
        scene.reads(4, &own).await.is_problem(410, "session-ended");
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn a_session_is_made_once_of_logged_measures_and_anything_else_is_refused() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        let now = scene.registry.now();
        let of = |change: &dyn Fn(&mut Value)| {
            let mut body = session(1, scene.record, now);
            change(&mut body);
            body
        };
        let unknown = RecordId::new(now, [1; 10]);
        for body in [
            of(&|body| body["records"] = json!([unknown])),
            of(&|body| body["records"] = json!([])),
            of(&|body| body["records"] = json!([scene.record, scene.record])),
            of(&|body| body["expiresAt"] = json!(now)),
            of(&|body| body["expiresAt"] = json!(now.plus_days(31))),
            of(&|body| body["endsAt"] = json!(now)),
            of(&|body| body["sealed"]["ciphertext"] = json!(Base64(vec![0; 512 * 1_024 + 1]))),
        ] {
            scene.post(&scene.alpha, PATH, &body).await.is_problem(422, "session-refused");
        }
        scene.post(&scene.panel, PATH, &of(&|_| ())).await.is_problem(403, "session-forbidden");
        assert_eq!(scene.registry.rows().await.get("subject_session"), None);
        let made = scene.post(&scene.alpha, PATH, &of(&|_| ())).await;
        scene.passes(1);
        let again = scene.post(&scene.alpha, PATH, &of(&|_| ())).await;
        assert_eq!((made.status, again.status, again.json()), (201, 200, made.json()));
        for (by, body) in
            [(&scene.beta, of(&|_| ())), (&scene.alpha, of(&|body| body["codeHash"] = json!(Hash::of(b"x"))))]
        {
            scene.post(by, PATH, &body).await.is_problem(409, "session-repeated");
        }
        // Each maker sees its own, the secretariat all, page by page.
        scene.passes(1);
        scene.makes(&scene.secretary, 2).await;
        let listed = async |by: &SigningKey, query: &str| scene.get(by, &format!("{PATH}{query}")).await.json();
        let ids = |listed: &Value| -> Vec<Value> {
            listed["sessions"].as_array().unwrap().iter().map(|of| of["id"].clone()).collect()
        };
        let all = listed(&scene.secretary, "?limit=1").await;
        assert_eq!((ids(&all), &all["next"]), (vec![json!(link(2).id())], &json!(link(2).id())));
        let rest = listed(&scene.secretary, &format!("?before={}", link(2).id())).await;
        assert_eq!((ids(&rest), rest.get("next")), (vec![json!(link(1).id())], None));
        assert_eq!(ids(&listed(&scene.alpha, "").await), [json!(link(1).id())]);
        assert!(ids(&listed(&scene.beta, "").await).is_empty());
        scene.get(&scene.panel, PATH).await.is_problem(403, "session-forbidden");
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn a_filing_is_taken_once_with_the_logs_receipt_and_answered_in_writing() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        let own = scene.is_open(&scene.secretary, 1).await;
        let body = filing(1, "appeal", scene.record);
        let filed = scene.files(1, &own, &body).await;
        assert_eq!(filed.status, 201, "{}", filed.text());
        let filed = filed.json();
        assert!(filed["dueAt"].is_string() && filed.get("provisional").is_none(), "{filed}");
        let envelope: Envelope = from_json(filed["receipt"].to_string().as_bytes()).unwrap();
        let keys = scene.registry.world.ledger.replay().roster().unwrap().log.clone();
        let receipt = FilingReceipt::check(&envelope, &keys).unwrap();
        assert_eq!((receipt.filing, receipt.kind, receipt.about), (filing_id(1), FilingKind::Appeal, scene.record));
        assert_eq!((receipt.sealed, receipt.provisional), (Hash::of(b"sealed 1"), false));
        scene.passes(1);
        let again = scene.files(1, &own, &body).await;
        assert_eq!((again.status, again.json()), (200, filed.clone()));
        scene.files(1, &own, &filing(1, "return", scene.record)).await.is_problem(409, "filing-repeated");
        // The secretariat reads and answers; nobody else does.
        for by in [&scene.panel, &scene.alpha] {
            let word = scene.get(by, "/v1/filings").await.problem().1;
            assert!(matches!(word.as_str(), "session-forbidden" | "seats-only"), "{word}");
        }
        let open = scene.get(&scene.secretary, "/v1/filings?open=true").await.json();
        assert_eq!(
            (open["filings"][0]["filing"]["id"].clone(), open["filings"][0].get("sealed")),
            (json!(filing_id(1)), None)
        );
        let one = format!("/v1/filings/{}", filing_id(1));
        let shown = scene.get(&scene.secretary, &one).await.json();
        assert_eq!((&shown["sealed"], &shown["sealTo"]), (&body["sealed"], &json!(BrowserKey::of(&own))));
        let answer = json!({"outcome": "granted", "sealed": Base64(b"sealed answer".to_vec())});
        let answers = format!("{one}/answers");
        let statuses = [
            scene.post(&scene.secretary, &answers, &answer).await.status,
            scene.post(&scene.secretary, &answers, &answer).await.status,
        ];
        assert_eq!(statuses, [201, 200]);
        let read = scene.reads(1, &own).await.json();
        assert_eq!(read["filings"][0]["answers"][0]["sealed"], answer["sealed"]);
        assert_eq!(read["filings"][0]["answers"].as_array().unwrap().len(), 1);
        let open = scene.get(&scene.secretary, "/v1/filings?open=true").await.json();
        assert_eq!(open["filings"], json!([]));
        scene.get(&scene.secretary, &format!("/v1/filings/{}", filing_id(9))).await.is_problem(404, "not-found");
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn what_is_filed_in_a_members_session_is_provisional_until_the_person_is_confirmed() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        let own = scene.is_open(&scene.alpha, 1).await;
        let filed = scene.files(1, &own, &filing(1, "appeal", scene.record)).await.json();
        assert_eq!(filed["provisional"], true);
        let receipt: Value = {
            let envelope: Envelope = from_json(filed["receipt"].to_string().as_bytes()).unwrap();
            serde_json::from_slice(&envelope.payload.0).unwrap()
        };
        assert_eq!(receipt["provisional"], true);
        scene.confirms(1, &own, CODE).await.is_problem(409, "session-unconfirmed");
        // A code of the secretariat's; five wrong ones use it up, and it sends another.
        let identity = format!("{PATH}/{}/identity", link(1).id());
        let sends = |code: &str| json!({"how": "code-sent", "codeHash": hash_of(code, &link(1))});
        scene.post(&scene.panel, &identity, &sends("111111")).await.is_problem(403, "session-forbidden");
        scene.post(&scene.secretary, &identity, &json!({"how": "code-sent"})).await.is_problem(422, "session-refused");
        assert_eq!(scene.post(&scene.secretary, &identity, &sends("111111")).await.status, 200);
        for _ in 0..5 {
            scene.confirms(1, &own, "000000").await.is_problem(403, "session-code");
        }
        scene.confirms(1, &own, "111111").await.is_problem(409, "session-unconfirmed");
        assert_eq!(scene.post(&scene.secretary, &identity, &sends("222222")).await.status, 200);
        let confirmed = scene.confirms(1, &own, "222222").await;
        assert_eq!(
            (confirmed.status, &confirmed.json()["identity"]),
            (200, &json!("code-sent")),
            "{}",
            confirmed.text()
        );
        assert_eq!(scene.confirms(1, &own, "222222").await.status, 200);
        let read = scene.reads(1, &own).await.json();
        assert!(read["session"]["confirmedAt"].is_string());
        assert_eq!(read["filings"][0].get("provisional"), None);
        // Or a document is seen at the desk.
        let own = scene.is_open(&scene.alpha, 2).await;
        let identity = format!("{PATH}/{}/identity", link(2).id());
        let seen = scene.post(&scene.secretary, &identity, &json!({"how": "document-seen"})).await;
        assert!(seen.json()["confirmedAt"].is_string(), "{}", seen.text());
        let filed = scene.files(2, &own, &filing(2, "statement", scene.record)).await.json();
        assert_eq!(filed.get("provisional"), None);
        scene.registry.ends().await;
    }
}

#[tokio::test]
async fn a_request_of_a_browser_is_taken_once_and_what_isnt_as_it_must_be_is_refused() {
    for engine in engines() {
        let scene = Scene::begun(engine).await;
        let own = scene.is_open(&scene.alpha, 1).await;
        let path = format!("{PATH}/{}/filings", link(1).id());
        let body = filing(1, "dispute", scene.record).to_string();
        let now = scene.registry.now();
        let asked = (Method::POST, path.as_str());
        let first = asks_at(&scene.registry, &own, asked.clone(), body.as_bytes(), now, [7; 16]).await;
        assert_eq!(first.status, 201, "{}", first.text());
        asks_at(&scene.registry, &own, asked.clone(), body.as_bytes(), now, [7; 16])
            .await
            .is_problem(401, "request-replayed");
        let late = now.plus_millis(-61_000);
        asks_at(&scene.registry, &own, asked.clone(), body.as_bytes(), late, [8; 16])
            .await
            .is_problem(401, "request-signature");
        // A member's signature is none of a browser's.
        let foreign = asks_at(&scene.registry, &scene.alpha, asked, body.as_bytes(), now, [9; 16]).await;
        foreign.is_problem(401, "request-signature");
        scene.registry.post(&path, body).await.is_problem(401, "unsigned");
        let unknown = RecordId::new(now, [1; 10]);
        for body in [
            filing(2, "appeal", unknown),
            json!({"id": filing_id(2), "kind": "appeal", "about": scene.record, "sealed": ""}),
            json!({"id": filing_id(2), "kind": "appeal", "about": scene.record, "sealed": Base64(vec![0; 48 * 1_024 + 1])}),
        ] {
            scene.files(1, &own, &body).await.is_problem(422, "filing-refused");
        }
        scene.files(1, &own, &filing(2, "rumour", scene.record)).await.is_problem(400, "malformed");
        for number in 2..21 {
            assert_eq!(scene.files(1, &own, &filing(number, "correction", scene.record)).await.status, 201, "{number}");
        }
        scene.files(1, &own, &filing(21, "correction", scene.record)).await.is_problem(409, "filings-full");
        scene.passes(DAY);
        assert_eq!(scene.files(1, &own, &filing(21, "correction", scene.record)).await.status, 201);
        scene.registry.ends().await;
    }
}
