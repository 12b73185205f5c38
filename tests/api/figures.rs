//! `GET /v1/figures`, the page `/figures`, and `/v1/declarations`: what is counted of a quarter once it is over, what members
//! declare beside it, and what nobody finds there. What each role may is a row each of `roles/table.rs`.

use callboard_federation::{
    bans::BansDeclared,
    declaration,
    dsse::Envelope,
    encoding::{CaseId, ReportId, Time, to_json},
    members::MemberId,
    quarter::Quarter,
};
use callboard_registry::store::figures::{CaseFact, CaseFactRow, FactKind};
use callboard_rules::case::act::Act;
use ed25519_dalek::SigningKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Registry, alpha, key},
    cases::play::{HOUR, Played, key_id},
    drafts::sealed,
    reports::act,
    support::{Engine, engines},
};

/// What a member says of its bans, in its envelope.
pub(crate) fn declared(
    registry: &Registry,
    member: &str,
    period: &str,
    bans: u64,
    codes: &[(&str, u64)],
) -> BansDeclared {
    BansDeclared {
        v: 1,
        member: MemberId::try_from(member.to_owned()).unwrap(),
        issuer: registry.committee.issuer().to_owned(),
        period: period.parse().unwrap(),
        bans,
        codes: codes.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect(),
        at: registry.now(),
    }
}

async fn post(registry: &Registry, by: &SigningKey, path: &str, body: &Value) -> Answer {
    registry.signed(by, Method::POST, path, body.to_string().as_bytes()).await
}

async fn declares(registry: &Registry, by: &SigningKey, said: &Envelope) -> Answer {
    registry.signed(by, Method::POST, "/v1/declarations", &to_json(said)).await
}

/// Reports of a member, each decided as is said, an hour later the next.
async fn reports(registry: &Registry, by: &SigningKey, first: u8, acts: &[Option<&str>]) {
    let secretary = registry.committee.seat("secretary-1");
    for (number, decided) in (first..).zip(acts) {
        let id = ReportId::new(registry.now(), [number; 10]);
        let report = json!({"id": id, "kind": "violation", "sealed": sealed(&format!("figure {number}"))});
        assert_eq!(post(registry, by, "/v1/reports", &report).await.status, 201);
        registry.world.clock.move_to(registry.now().plus_millis(HOUR));
        if let Some(word) = decided {
            let answer = post(registry, &secretary, &format!("/v1/reports/{id}/acts"), &act(word)).await;
            assert_eq!(answer.status, 201, "{}", answer.text());
        }
    }
}

fn is_over(registry: &Registry, quarter: Quarter) {
    registry.world.clock.move_to(quarter.ends().plus_days(1));
}

async fn figures(registry: &Registry, query: &str) -> Value {
    let answer = registry.get(&format!("/v1/figures{query}")).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "public, max-age=60"));
    answer.json()["periods"].take()
}

async fn page(registry: &Registry, language: &str) -> String {
    let answer = registry.send(registry.request(Method::GET, "/figures").header("accept-language", language)).await;
    assert!(answer.status == 200 && answer.header("content-type").starts_with("text/html"));
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    answer.text().to_owned()
}

/// The cells of a row of the page, as they are read.
fn row(page: &str, begins: &str) -> Vec<String> {
    let row = page.lines().find(|line| line.contains(begins)).unwrap_or_else(|| panic!("{begins}: {page}"));
    let cells =
        row.split("<td").skip(1).filter_map(|cell| Some(cell.split_once('>')?.1.split("</td>").next()?.to_owned()));
    cells.collect()
}

#[tokio::test]
async fn the_figures_of_a_quarter_are_what_came_and_was_decided_in_it_and_never_change() {
    for engine in engines() {
        let mut played = Played::prepared(engine, &[1, 2]).await;
        let quarter = Quarter::of(played.registry.now());
        played.does("panel-4", Act::Recused { items: vec![] }).await;
        let drafts = [played.annuls(1), played.annuls(2)];
        let procedure = played.decided(&[(1, &drafts[0]), (2, &drafts[1])]).await;
        let docket = played.docket(&[&drafts[0], &drafts[1]], procedure);
        played.registry.logs(&docket).await;
        let (registry, beta) = (played.registry, key("beta"));
        let acts = [Some("dismiss"); 6].into_iter().chain([Some("ask"); 5]).chain([None; 2]);
        reports(&registry, &alpha(&registry), 1, &acts.collect::<Vec<_>>()).await;
        reports(&registry, &beta, 50, &[Some("dismiss"); 5]).await;
        assert_eq!(figures(&registry, "").await, json!([]), "the quarter isn't over");
        let facts = registry.world.ledger.store().case_facts(quarter.begins(), quarter.ends()).await.unwrap();
        let counted: Vec<_> =
            of_case(&facts, played.id).map(|fact| (fact.what, fact.detail.as_str(), fact.number)).collect();
        let expected = [
            (FactKind::Opened, "", 1),
            (FactKind::Recused, "", 1),
            (FactKind::Decided, "", 1),
            (FactKind::Logged, "", 1),
            (FactKind::Statements, "annulment", 2),
        ];
        let mut sorted = counted.clone();
        sorted.sort();
        assert_eq!((sorted, counted[0].0), (sorted_of(expected), FactKind::Opened));

        is_over(&registry, quarter);
        let told = figures(&registry, "").await;
        let of = &told[0];
        assert_eq!((&of["period"], told.as_array().unwrap().len()), (&json!(quarter.to_string()), 1));
        let lane = &of["reports"]["lanes"][0];
        let hidden = |why: &str| json!({"hidden": why});
        assert_eq!((&lane["lane"], &lane["dismissed"]), (&json!("violation"), &json!({"count": 11})));
        assert_eq!((&lane["asked"], &lane["accepted"]), (&json!({"count": 5}), &json!({"count": 0})));
        assert_eq!((&lane["open"], &lane["received"]), (&hidden("under-five"), &hidden("withheld")), "18 - 16");
        assert_eq!(of["reports"]["received"], hidden("withheld"));
        assert_eq!(lane["triage"], json!({"medianHours": 1, "p90Hours": 1}));
        let instrument = &of["cases"]["instruments"][0];
        assert_eq!(
            (&instrument["instrument"], &instrument["opened"]),
            (&json!("streamer-warning-rules"), &hidden("under-five"))
        );
        // What was decided in the quarter before is among them.
        let [annulled, suspended] =
            ["annulment", "suspension"].map(|of| json!({"of": of, "figure": {"hidden": "under-five"}}));
        assert_eq!((&instrument["statementsBy"], &instrument["toDocket"]), (&json!([annulled, suspended]), &json!({})));
        assert_eq!(
            (&of["cases"]["recused"], &of["cases"]["votesNotOpened"]),
            (&hidden("under-five"), &json!({"count": 0}))
        );
        let text = told.to_string();
        for secret in [played.id.to_string(), "figure 1".to_owned(), "secretary".to_owned(), "panel".to_owned()] {
            assert!(!text.contains(&secret), "{secret}");
        }

        // What is done afterwards is of the next quarter; and a start counts the same.
        let asked = ReportId::new(Time::from_millis(registry.now().as_millis()), [99; 10]);
        let behind = json!({"id": asked, "kind": "violation", "sealed": sealed("late")});
        assert_eq!(post(&registry, &beta, "/v1/reports", &behind).await.status, 201);
        assert_eq!(figures(&registry, "").await, told);
        let registry = registry.starts_again().await;
        assert_eq!(figures(&registry, "").await, told);

        let days = |from: &str, to: &str| format!("?from={from}&to={to}");
        let (first, last) = (quarter.first_day().to_string(), quarter.last_day().to_string());
        assert_eq!(figures(&registry, &days(&first, &last)).await, json!([of]));
        let within = quarter.first_day().tomorrow().unwrap().to_string();
        assert_eq!(figures(&registry, &days(&within, &last)).await, json!([]), "whole quarters alone");
        for wrong in ["?from=2026-13-01", "?from=yesterday", "?until=2026-01-01"] {
            registry.get(&format!("/v1/figures{wrong}")).await.is_problem(400, "malformed");
        }
        registry.ends().await;
    }
}

/// What is counted of one case.
fn of_case(facts: &[CaseFactRow], case: CaseId) -> impl Iterator<Item = &CaseFact> {
    facts.iter().filter(move |row| row.case == case).map(|row| &row.fact)
}

fn sorted_of<T: Ord, const N: usize>(mut of: [T; N]) -> Vec<T> {
    of.sort();
    of.into()
}

#[tokio::test]
async fn a_vote_that_is_not_opened_and_challenges_that_are_decided_are_counted() {
    for engine in engines() {
        let mut played = Played::prepared(engine, &[1]).await;
        let quarter = Quarter::of(played.registry.now());
        let challenged = key_id(&played.seat("panel-3"));
        let challenge = played.does("secretary-1", Act::Challenged { seat: challenged, items: vec![1] }).await;
        played.does("chair-1", Act::ChallengeDecided { challenge, upheld: false }).await;
        let draft = played.annuls(1);
        let session = played.session(&[(1, &draft)]).await;
        played.does("panel-1", Act::Present { session }).await;
        let commitment = callboard_federation::encoding::Hash::of(b"what is never opened");
        played.does("panel-1", Act::VoteSealed { session, commitment }).await;
        played.registry.world.clock.move_to(played.registry.now().plus_millis(3 * HOUR));
        assert_eq!(played.registry.world.ledger.run_clockwork().await.unwrap(), 1);
        let facts = played.registry.world.ledger.store().case_facts(quarter.begins(), quarter.ends()).await.unwrap();
        let counted: Vec<_> = of_case(&facts, played.id).map(|fact| (fact.what, fact.number)).collect();
        let expected = [(FactKind::Opened, 1), (FactKind::ChallengeRejected, 1), (FactKind::VotesNotOpened, 1)];
        assert_eq!(counted, expected);
        played.registry.ends().await;
    }
}

#[tokio::test]
async fn what_a_member_declares_is_kept_once_corrected_by_a_later_one_and_shown_against_its_reports() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        let quarter = Quarter::of(registry.now());
        let period = quarter.to_string();
        let (alpha, beta, secretary) = (alpha(&registry), key("beta"), registry.committee.seat("secretary-1"));
        reports(&registry, &alpha, 1, &[Some("dismiss"); 6]).await;
        let mut early = declared(&registry, "alpha", &period, 7, &[]);
        early.at = quarter.ends();
        declares(&registry, &alpha, &declaration::sign(&early, &alpha)).await.is_problem(422, "bans-refused");
        is_over(&registry, quarter);
        let filed =
            async |by: &SigningKey| registry.signed(by, Method::GET, "/v1/declarations/filed", b"").await.json();
        assert_eq!(filed(&alpha).await, json!({"declarations": [], "missing": [period]}));

        let first = declaration::sign(&declared(&registry, "alpha", &period, 7, &[("NB-11", 7)]), &alpha);
        let (taken, again) = (declares(&registry, &alpha, &first).await, declares(&registry, &alpha, &first).await);
        assert_eq!((taken.status, again.status, taken.json()), (201, 200, again.json()));
        assert_eq!(taken.json()["declaration"], json!(first.payload_hash()));
        let other = declaration::sign(&declared(&registry, "alpha", &period, 9, &[]), &alpha);
        declares(&registry, &alpha, &other).await.is_problem(422, "bans-refused");
        registry.world.clock.move_to(registry.now().plus_millis(1));
        let later =
            declaration::sign(&declared(&registry, "alpha", &period, 57, &[("NB-11", 41), ("NB-18", 16)]), &alpha);
        assert_eq!(declares(&registry, &alpha, &later).await.status, 201);
        assert_eq!(declares(&registry, &alpha, &first).await.status, 200, "it is kept");
        let own = filed(&alpha).await;
        let told = |one: &Value| (one["bans"].clone(), one["holds"].clone());
        let own: Vec<_> = own["declarations"].as_array().unwrap().iter().map(told).collect();
        assert_eq!(own, [(json!(57), json!(true)), (json!(7), json!(false))]);
        assert_eq!(filed(&beta).await, json!({"declarations": [], "missing": [period]}));

        // Members and seats are shown every word, the public what holds.
        let listed =
            registry.signed(&secretary, Method::GET, &format!("/v1/declarations?period={period}"), b"").await.json();
        let listed: Vec<Envelope> = listed["declarations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| serde_json::from_value(one["envelope"].clone()).unwrap())
            .collect();
        assert_eq!(listed, [first, later]);
        let of = &figures(&registry, "").await[0]["declared"];
        let [first, second] = of["members"].as_array().unwrap().as_slice() else { panic!("{of}") };
        assert_eq!(
            (&first["member"], &first["bans"], &first["declarations"]),
            (&json!("alpha"), &json!(57), &json!(2))
        );
        assert_eq!((&first["reports"], first["declaredAt"].is_string()), (&json!({"count": 6}), true));
        assert_eq!((second.get("bans"), &second["reports"]), (None, &json!({"count": 0})));
        let codes = json!([{"of": "NB-11", "figure": {"count": 41}}, {"of": "NB-18", "figure": {"count": 16}}]);
        assert_eq!(of["codes"], codes);

        // Few of a member's own are its own word; by code they would be somebody.
        let few = declaration::sign(&declared(&registry, "beta", &period, 2, &[("NB-20", 2)]), &beta);
        assert_eq!(declares(&registry, &beta, &few).await.status, 201);
        let of = &figures(&registry, "").await[0]["declared"];
        assert_eq!((&of["members"][1]["bans"], &of["codes"]), (&json!(2), &json!([])), "59 - 57");

        let page = page(&registry, "en").await;
        assert_eq!(row(&page, "class=\"member-alpha\"")[..2], ["57", "6"]);
        assert!(row(&page, "class=\"member-alpha\"")[2].contains("(corrected)"));
        assert_eq!(row(&page, "class=\"violation\"")[..6], ["6", "0", "6", "0", "0", "0"]);
        assert!(!page.contains("NB-20"));
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_declaration_that_is_not_the_members_own_of_a_quarter_that_is_over_is_refused() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        let (alpha, beta) = (alpha(&registry), key("beta"));
        let whole = declared(&registry, "alpha", "2025-Q1", 12, &[("NB-11", 3)]);
        let signed = |said: &BansDeclared, by: &SigningKey| declaration::sign(said, by);
        let refused = async |by: &SigningKey, said: Envelope| {
            declares(&registry, by, &said).await.is_problem(422, "bans-refused");
        };
        refused(&beta, signed(&whole, &alpha)).await;
        refused(&alpha, signed(&whole, &beta)).await;
        refused(&beta, signed(&whole, &beta)).await;
        let but = |change: fn(&mut BansDeclared)| {
            let mut said = whole.clone();
            change(&mut said);
            signed(&said, &alpha)
        };
        refused(&alpha, but(|said| said.issuer = "callboard.other".to_owned())).await;
        refused(&alpha, but(|said| said.v = 2)).await;
        refused(&alpha, but(|said| said.bans = 2)).await;
        refused(&alpha, but(|said| said.period = "2099-Q1".parse().unwrap())).await;
        refused(&alpha, but(|said| said.at = said.at.plus_days(1))).await;
        refused(&alpha, but(|said| said.codes = [(String::new(), 1)].into())).await;
        let another_type = {
            let mut envelope = Envelope::new(callboard_federation::dsse::PayloadType::Recipient, to_json(&whole));
            envelope.sign(&alpha);
            envelope
        };
        refused(&alpha, another_type).await;
        let strange = registry.signed(&alpha, Method::POST, "/v1/declarations", br#"{"bans": 3}"#).await;
        strange.is_problem(400, "malformed");
        let rows = registry.rows().await;
        assert_eq!(rows.get("bans_declared").copied().unwrap_or(0), 0);
        registry.ends().await;
    }
}

#[tokio::test]
async fn the_page_of_figures_says_in_both_languages_what_the_api_says() {
    let registry = Registry::watched(Engine::Sqlite).await;
    let quarter = Quarter::of(registry.now());
    let english = page(&registry, "en").await;
    assert!(english.contains("No quarter is over yet") && english.contains("href=\"/propagation\""));
    reports(&registry, &alpha(&registry), 1, &[Some("dismiss"), Some("dismiss"), None]).await;
    is_over(&registry, quarter);
    let (english, chinese) = (page(&registry, "en").await, page(&registry, "zh-CN").await);
    for (page, withheld) in [(&english, "withheld"), (&chinese, "不公布")] {
        assert_eq!(row(page, "class=\"violation\"")[..6], [withheld, "0", "&#60;5", "0", "0", "&#60;5"]);
        assert_eq!(row(page, "class=\"member-alpha\"")[1], withheld);
        for table in ["reports", "cases", "declared"] {
            assert!(page.contains(&format!("<table class=\"{table}\">\n<caption>")), "{table}");
        }
    }
    assert!(english.contains("not declared") && chinese.contains("未申报") && chinese.contains("待补充"));
    let board = registry.send(registry.request(Method::GET, "/propagation")).await;
    assert!(board.text().contains("href=\"/figures\""));
    registry.ends().await;
}
