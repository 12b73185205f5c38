//! `/v1/cases`, `/v1/sealed-parts`: which event is taken when, what is shown of it to whom, and what the log says by itself.
//! What each role may is a row each of `roles/table.rs`; what follows from a case is [`issuing`]'s, and how long
//! reports are kept [`retention`]'s.

mod appeal;
mod issuing;
pub(crate) mod play;
mod retention;

use callboard_federation::{
    dsse::{Envelope, PayloadType},
    encoding::{CaseId, Hash, to_json},
};
use callboard_rules::case::act::Act;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    caller::{alpha, key},
    support::engines,
};
use play::{HOUR, Played, age, annulment, body, is_refused_for, key_id};

#[tokio::test]
async fn a_case_is_kept_from_its_opening_to_its_end_and_each_event_is_acknowledged() {
    for engine in engines() {
        let mut played = Played::prepared(engine, &[1, 2]).await;
        assert_eq!(played.state().await, "hearing", "nobody is to be heard");
        let drafts = [played.annuls(1), played.annuls(2)];
        let items = [(1, &drafts[0]), (2, &drafts[1])];
        let procedure = played.decided(&items).await;
        assert_eq!(played.state().await, "confirmed");
        let docket = played.docket(&[&drafts[0], &drafts[1]], procedure);
        played.registry.logs(&docket).await;
        assert_eq!(played.follow().await["state"], "decided");
        played.does("secretary-1", Act::Closed {}).await;
        let acts = [
            "opened",
            "item-added",
            "item-added",
            "panel-named",
            "session-opened",
            "present",
            "present",
            "present",
            "vote-sealed",
            "vote-sealed",
            "vote-sealed",
            "vote-opened",
            "vote-opened",
            "vote-opened",
            // By the log, as soon as all votes were open; and as soon as the docket was logged.
            "session-closed",
            "resolved",
            "confirmed",
            "issued",
            "closed",
        ];
        assert_eq!(played.acts().await, acts);
        let entry = played.entry().await;
        assert_eq!((&entry["state"], &entry["events"], &entry["items"]), (&json!("closed"), &json!(19), &json!(2)));
        assert_eq!((entry.get("dueAt"), &entry["policy"]), (None, &json!(played.policy())));
        played.is_refused("secretary-1", Act::Closed {}, "case-closed").await;

        // What memory had, the store gives back.
        let chain = played.chain().await;
        played.registry = played.registry.starts_again().await;
        assert_eq!((played.chain().await, played.entry().await), (chain, entry));
        played.is_refused("secretary-1", Act::Closed {}, "case-closed").await;
        played.registry.ends().await;
    }
}

#[tokio::test]
async fn the_same_event_is_answered_as_before_and_another_in_its_place_is_not_taken() {
    for engine in engines() {
        let mut played = Played::begun(engine).await;
        let (secretary, opened) = (played.seat("secretary-1"), played.opened());
        let event = body(&played.event(&secretary, &opened), None);
        let taken = played.send(&secretary, &event).await;
        let again = played.send(&secretary, &event).await;
        assert_eq!((taken.status, again.status, taken.json()), (201, 200, again.json()));
        let later = played.event_at(&secretary, &opened, played.registry.now().plus_millis(1), None);
        played.send(&secretary, &body(&later, None)).await.is_problem(409, "case-moved");
        played.follow().await;

        // Two at once.
        let [one, other] = [1, 2].map(|item| body(&played.event(&secretary, &annulment(item, &[], false)), None));
        let (one, other) = tokio::join!(played.send(&secretary, &one), played.send(&secretary, &other));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
        assert_eq!(played.follow().await["items"], 1);
        // After a start, from the store.
        played.registry = played.registry.starts_again().await;
        assert_eq!((played.send(&secretary, &event).await.status), 200);
        played.does("secretary-1", annulment(3, &[], false)).await;
        assert_eq!(played.chain().await.len(), 3);
        played.registry.ends().await;
    }
}

#[tokio::test]
async fn what_the_rules_refuse_is_told_with_from_act_and_why_and_changes_nothing() {
    for engine in engines() {
        let mut played = Played::begun(engine).await;
        let opened = played.opened();
        played.is_refused("panel-1", opened.clone(), "event-signer").await;
        let other_policy = callboard_federation::statement::PolicyRef { version: "1".to_owned(), ..played.policy() };
        played
            .is_refused(
                "secretary-1",
                Act::Opened { policy: other_policy, earlier: vec![], appeal: None, application: None },
                "case-policy",
            )
            .await;
        let earlier = vec![CaseId::new(played.registry.now(), [1; 10])];
        let after_another = Act::Opened { policy: played.policy(), earlier, appeal: None, application: None };
        played.is_refused("secretary-1", after_another, "case-earlier").await;
        played.is_refused("secretary-1", Act::Closed {}, "case-not-opened").await;
        let nothing = played.get(&played.seat("panel-1"), &played.path("")).await;
        nothing.is_problem(404, "not-found");
        played.does("secretary-1", opened.clone()).await;
        let before = played.entry().await;
        played.is_refused("secretary-1", opened, "case-opened").await;
        let refused = played.tries("chair-1", annulment(1, &[], false)).await;
        is_refused_for(&refused, "event-signer");
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with("from preparing: event 1 (item-added): "), "{detail}");
        played.is_refused("panel-1", Act::Present { session: 0 }, "session-unknown").await;
        let seats = vec![key_id(&played.seat("secretary-1"))];
        played.is_refused("chair-1", Act::PanelNamed { seats }, "seat-role").await;
        let repeated = Act::Answered { items: vec![1, 1] };
        played.is_refused("secretary-1", repeated, "event-list").await;
        assert_eq!(played.entry().await, before);
        played.registry.ends().await;
    }
}

#[tokio::test]
async fn an_event_is_its_senders_own_of_this_case_of_now_and_follows_the_last() {
    for engine in engines() {
        let mut played = Played::begun(engine).await;
        let opened = played.opened();
        played.does("secretary-1", opened).await;
        let (secretary, panel, act) = (played.seat("secretary-1"), played.seat("panel-1"), annulment(1, &[], false));
        let event = played.event(&secretary, &act);
        is_refused_for(&played.send(&panel, &body(&event, None)).await, "event-signer");
        let mut twice = event.clone();
        twice.sign(&panel);
        is_refused_for(&played.send(&secretary, &body(&twice, None)).await, "event-signer");
        let mut forged = event.clone();
        forged.signatures[0].sig.0[3] ^= 1;
        is_refused_for(&played.send(&secretary, &body(&forged, None)).await, "event-chain");
        let elsewhere = format!("/v1/cases/{}/events", CaseId::new(played.registry.now(), [1; 10]));
        let answer = played.registry.signed(&secretary, Method::POST, &elsewhere, &body(&event, None)).await;
        is_refused_for(&answer, "event-case");
        for (millis, is_taken) in [(-300_001, false), (5_001, false), (1_000, true)] {
            let at = played.registry.now().plus_millis(millis);
            let answer = played.send(&secretary, &body(&played.event_at(&secretary, &act, at, None), None)).await;
            if is_taken {
                assert_eq!(answer.status, 201, "{}", answer.text());
            } else {
                is_refused_for(&answer, "event-time");
            }
        }
        played.follow().await;
        // Backwards in the case's own time.
        played.is_refused("secretary-1", annulment(2, &[], false), "event-clock").await;
        played.registry.world.clock.move_to(played.registry.now().plus_millis(HOUR));

        // A hole, and another history.
        let (word, members) = annulment(2, &[], false).write(None);
        let hole = callboard_federation::event::Head::after(played.id, 4, Hash::of(b"what isn't there"));
        let hole = hole.next(played.registry.now(), &word, members.clone(), &secretary).unwrap();
        is_refused_for(&played.send(&secretary, &body(&hole, None)).await, "event-chain");
        let parted = callboard_federation::event::Head::after(played.id, 1, Hash::of(b"another"));
        let parted = parted.next(played.registry.now(), &word, members, &secretary).unwrap();
        is_refused_for(&played.send(&secretary, &body(&parted, None)).await, "event-chain");

        // What is no event, and what an event doesn't have; nothing of it is repeated.
        let payload: Value = serde_json::from_slice(&played.event(&secretary, &act).payload.0).unwrap();
        for (member, value, word) in [
            ("v", json!(2), "event-chain"),
            ("name", json!("11010519491231002X"), "event-malformed"),
            ("act", json!("11010519491231002X"), "event-malformed"),
            ("at", json!("now"), "event-malformed"),
            ("item", json!(-1), "event-malformed"),
        ] {
            let mut changed = payload.clone();
            changed[member] = value;
            let mut envelope = Envelope::new(PayloadType::Event, to_json(&changed));
            envelope.sign(&secretary);
            let answer = played.send(&secretary, &body(&envelope, None)).await;
            is_refused_for(&answer, word);
            assert!(!answer.text().contains("11010519491231002X"), "{}", answer.text());
        }
        for sent in [&b""[..], b"{}", b"[]"] {
            played.send(&secretary, sent).await.is_problem(400, "malformed");
        }
        assert_eq!(played.chain().await.len(), 2);

        // Nothing but a case's first event opens it.
        played.id = CaseId::new(played.registry.now(), [2; 10]);
        played.tries("secretary-1", annulment(1, &[], false)).await;
        let of_none = callboard_federation::event::Head::after(played.id, 0, Hash::of(b"a first"));
        played.head = of_none;
        let answer = played.tries("secretary-1", annulment(1, &[], false)).await;
        answer.is_problem(404, "not-found");
        played.registry.ends().await;
    }
}

#[tokio::test]
async fn what_is_sealed_comes_with_its_event_as_that_says_and_is_an_age_file() {
    for engine in engines() {
        let mut played = Played::begun(engine).await;
        let opened = played.opened();
        let (secretary, file) = (played.seat("secretary-1"), age("the matter"));
        played.does_sealed("secretary-1", opened, &file).await;
        let act = annulment(1, &[], false);
        let named = |sealed: &[u8]| played.event_at(&secretary, &act, played.registry.now(), Some(sealed));
        for (event, sealed) in [
            (named(&file), None),
            (played.event(&secretary, &act), Some(file.as_slice())),
            (named(&file), Some(&age("another")[..])),
            (named(b"plain text"), Some(&b"plain text"[..])),
        ] {
            is_refused_for(&played.send(&secretary, &body(&event, sealed)).await, "event-sealed");
        }
        let shown = played.get(&played.seat("panel-1"), &format!("/v1/sealed-parts/{}", Hash::of(&file))).await;
        assert_eq!(
            (shown.status, shown.json()["sealed"].clone()),
            (200, json!(callboard_federation::encoding::Base64(file)))
        );
        let nothing = played.get(&secretary, &format!("/v1/sealed-parts/{}", Hash::of(b"nothing"))).await;
        nothing.is_problem(404, "not-found");
        // As long as it may be.
        let long = age(&"x".repeat((1 << 20) - 22));
        assert_eq!(long.len(), 1 << 20);
        played.does_sealed("secretary-1", annulment(1, &[], false), &long).await;
        played.registry.ends().await;
    }
}

#[tokio::test]
async fn what_is_sealed_about_a_minor_is_shown_to_whom_two_others_let_and_to_who_sealed_it() {
    for engine in engines() {
        let mut played = Played::begun(engine).await;
        let opened = played.opened();
        played.does("secretary-1", opened).await;
        let (adult, minor) = (age("an adult"), age("a child"));
        played.does_sealed("secretary-1", annulment(1, &[], false), &adult).await;
        played.does_sealed("secretary-1", annulment(2, &[], true), &minor).await;
        let of = |file: &[u8]| format!("/v1/sealed-parts/{}", Hash::of(file));
        let (adult, minor) = (of(&adult), of(&minor));
        let reader = key_id(&played.seat("panel-1"));
        for approved in ["nobody", "chair-1", "panel-2"] {
            if approved != "nobody" {
                played.get(&played.seat("panel-1"), &minor).await.is_problem(403, "case-access");
                played.does(approved, Act::AccessApproved { items: vec![2], reader }).await;
            }
            for (holder, path, status) in [
                ("panel-1", &adult, 200),
                ("panel-1", &minor, if approved == "panel-2" { 200 } else { 403 }),
                ("secretary-1", &minor, 200),
                ("panel-2", &minor, 403),
            ] {
                assert_eq!(played.get(&played.seat(holder), path).await.status, status, "{approved}: {holder}");
            }
        }
        played.is_refused("panel-1", Act::AccessApproved { items: vec![2], reader }, "access-own").await;
        played.registry.ends().await;
    }
}

#[tokio::test]
async fn where_a_case_ends_is_shown_to_the_members_that_host_a_subject_and_to_no_other() {
    for engine in engines() {
        let mut played = Played::begun(engine).await;
        let opened = played.opened();
        played.does("secretary-1", opened).await;
        played.get(&key("beta"), &played.path("/head")).await.is_problem(404, "not-found");
        played.does("secretary-1", annulment(1, &["beta"], false)).await;
        let shown = played.get(&key("beta"), &played.path("/head")).await;
        assert_eq!((shown.status, shown.json()), (200, played.entry().await));
        played.get(&alpha(&played.registry), &played.path("/head")).await.is_problem(404, "not-found");
        // A member that acts needs no more.
        let beta = key("beta");
        let evidence = callboard_rules::case::act::Evidence {
            sha256: Hash::of(b"a recording"),
            kind: callboard_rules::case::act::EvidenceKind::Recording,
        };
        let act = Act::EvidenceAdded { items: vec![1], evidence: vec![evidence] };
        let answer = played.send(&beta, &body(&played.event(&beta, &act), None)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        played.registry.ends().await;
    }
}

#[tokio::test]
async fn cases_are_listed_by_page_and_state_and_a_chain_is_shown_by_part() {
    for engine in engines() {
        let mut played = Played::begun(engine).await;
        let mut ids = Vec::new();
        for number in 1..4_u8 {
            played.id = CaseId::new(played.registry.now(), [number; 10]);
            played.head = callboard_federation::event::Head::of_new(played.id);
            played.registry.world.clock.move_to(played.registry.now().plus_millis(HOUR));
            let opened = played.opened();
            played.does("secretary-1", opened).await;
            ids.insert(0, json!(played.id));
        }
        let panel = played.seat("panel-1");
        let listed = async |query: &str| {
            let answer = played.get(&panel, &format!("/v1/cases{query}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let listed = answer.json();
            let cases = listed["cases"].as_array().unwrap().iter().map(|case| case["case"].clone()).collect::<Vec<_>>();
            (cases, listed["next"].as_str().map(str::to_owned))
        };
        // Behind them those that came with what was decided before.
        let all = [&ids[..], &listed("?state=decided").await.0].concat();
        assert_eq!((all.len(), listed("").await), (6, (all.clone(), None)));
        let (first, next) = listed("?limit=4").await;
        assert_eq!(first, all[..4]);
        assert_eq!(listed(&format!("?limit=4&before={}", next.unwrap())).await, (all[4..].to_vec(), None));
        assert_eq!(listed("?state=preparing").await.0, ids);
        assert_eq!(listed("?state=closed").await.0, Vec::<Value>::new());
        played.get(&panel, "/v1/cases?state=open").await.is_problem(400, "malformed");
        assert_eq!(played.tries("secretary-1", Act::Closed {}).await.status, 201);
        assert_eq!(
            (listed("?state=closed").await.0, listed("?state=preparing").await.0),
            (ids[..1].to_vec(), ids[1..].to_vec())
        );

        let part = played.get(&panel, &played.path("?limit=1")).await.json();
        assert_eq!((part["events"].as_array().unwrap().len(), &part["next"]), (1, &json!(1)));
        let rest = played.get(&panel, &played.path("?from=1")).await.json();
        assert_eq!((rest["events"].as_array().unwrap().len(), rest.get("next")), (1, None));
        let beyond = played.get(&panel, &played.path("?from=9")).await.json();
        assert_eq!((&beyond["events"], beyond.get("next"), &beyond["case"]), (&json!([]), None, &rest["case"]));
        played.registry.ends().await;
    }
}

#[tokio::test]
async fn the_log_closes_a_session_whose_time_is_over_once_also_after_a_start() {
    for engine in engines() {
        let mut played = Played::prepared(engine, &[1]).await;
        let draft = played.annuls(1);
        let session = played.session(&[(1, &draft)]).await;
        assert_eq!(played.entry().await["dueAt"], json!(played.registry.now().plus_millis(HOUR)));
        for holder in &play::PANEL[..2] {
            played.does(holder, Act::Present { session }).await;
        }
        assert_eq!(played.registry.world.ledger.run_clockwork().await.unwrap(), 0);
        // The votes could be opened for two hours; nobody voted.
        played.registry.world.clock.move_to(played.registry.now().plus_millis(2 * HOUR + 1));
        played.registry = played.registry.starts_again().await;
        for said in [1, 0] {
            assert_eq!(played.registry.world.ledger.run_clockwork().await.unwrap(), said);
        }
        assert_eq!(played.acts().await.last().unwrap(), "session-closed");
        assert_eq!(played.state().await, "decided", "voted down");
        played.registry.ends().await;
    }
}
