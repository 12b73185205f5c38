//! Which docket follows from a case, over HTTP; and what of cases the log's daily anchors hold.

use callboard_client::clock::Clock as _;
use callboard_federation::{
    anchor::CasesAnchor,
    document::Document,
    dsse::Envelope,
    encoding::{Hash, to_json},
    hand_in::HandIn,
    policy::{ImportRule, Policy},
    statement::UNDECIDED,
};
use callboard_registry::ledger::audit::of_store;
use callboard_rules::case::act::Act;
use serde_json::json;

use super::play::{HOUR, PANEL, Played, annulment, key_id, under};
use crate::support::{World, committee::tag, engines};

#[tokio::test]
async fn a_docket_that_is_not_exactly_what_was_resolved_is_refused_and_nothing_is_logged() {
    for engine in engines() {
        let mut played = Played::prepared(engine, &[1, 2]).await;
        let drafts = [played.annuls(1), played.annuls(2), played.annuls(3)];
        let procedure = played.decided(&[(1, &drafts[0]), (2, &drafts[1])]).await;
        let size = played.registry.world.ledger.size();

        let one_more = played.docket(&[&drafts[0], &drafts[1], &drafts[2]], procedure);
        played.hand_in(&one_more).await.is_problem(422, "docket-not-resolved");
        let one_less = played.docket(&[&drafts[0]], procedure);
        played.hand_in(&one_less).await.is_problem(422, "docket-incomplete");
        // One character: the salt's first.
        let mut changed = drafts[0].clone();
        let text = String::from_utf8(changed.bytes.clone()).unwrap();
        let (before, after) = text.split_once("\"salt\":\"").unwrap();
        let other = if after.starts_with('A') { "B" } else { "A" };
        changed.bytes = format!("{before}\"salt\":\"{other}{}", &after[1..]).into_bytes();
        let changed = under(&changed, procedure);
        let docket = played.docket(&[&changed, &drafts[1]], procedure);
        played.hand_in(&docket).await.is_problem(422, "docket-not-resolved");
        // An event of the case that ends no resolution.
        let opened = played.chain().await[0].payload_hash();
        let docket = played.docket(&[&drafts[0], &drafts[1]], opened);
        played.hand_in(&docket).await.is_problem(422, "procedure-unknown");
        // Under another policy than the case's.
        let policy = played.registry.committee.policy.clone();
        let own = played.registry.committee.vectors.clone();
        played.registry.committee.policy = crate::support::committee::Committee::new().policy;
        let other_policy = played.annuls(1);
        (played.registry.committee.policy, played.registry.committee.vectors) = (policy, own);
        let docket = played.docket(&[&other_policy, &drafts[1]], procedure);
        played.hand_in(&docket).await.is_problem(422, "docket-not-resolved");

        assert_eq!(played.registry.world.ledger.size(), size);
        assert_eq!(played.state().await, "confirmed");
        let exact = played.docket(&[&drafts[1], &drafts[0]], procedure);
        assert_eq!(played.hand_in(&exact).await.status, 201);
        assert_eq!(played.hand_in(&exact).await.status, 200);
        let again = played.docket(&[&drafts[1], &drafts[0]], procedure);
        played.hand_in(&again).await.is_problem(422, "docket-issued");
        assert_eq!(played.acts().await.last().unwrap(), "issued");
        played.registry.ends().await;
    }
}

#[tokio::test]
async fn what_names_no_case_is_not_logged_and_what_is_taken_over_without_one_is_signed_as_a_roster_is() {
    for engine in engines() {
        let (world, mut committee, database) = World::begun(engine, None).await;
        let now = world.clock.now();
        committee.decide = None;
        let submit = async |docket: &HandIn| {
            let (status, answer) = world.submit(&serde_json::to_value(docket).unwrap()).await;
            (status, answer["type"].as_str().unwrap_or_default().replace("urn:callboard:problem:", ""))
        };
        let ruling = committee.suspend(now, &tag(1));
        let docket = committee.docket(now, &[&ruling], None);
        assert_eq!(submit(&docket).await, (422, "procedure-unknown".to_owned()));

        // Without a case: its policy takes nothing over, and another does.
        let without = under(&ruling, UNDECIDED);
        let docket = committee.docket(now, &[&without], None);
        assert_eq!(submit(&docket).await, (422, "procedure-import".to_owned()));
        let policy = committee.adopted.values().next().unwrap().clone();
        let import = Some(ImportRule { until: now.plus_days(30) });
        let policy = Policy { version: "2022-import".to_owned(), import, ..policy };
        let text = String::from_utf8(to_json(&policy)).unwrap();
        let adopted = committee.adopt(now, Document::read(text).unwrap());
        assert_eq!(submit(&adopted).await.0, 201);
        let without = under(&committee.suspend(now, &tag(1)), UNDECIDED);
        let docket = committee.docket(now, &[&without], None);
        // A suspension asks three of the panel, a roster a chair besides.
        let mut few = docket.clone();
        let panel = PANEL.map(|seat| key_id(&committee.seat(seat)));
        few.docket.signatures.retain(|line| panel.contains(&line.keyid));
        assert_eq!(submit(&few).await, (422, "import-signers".to_owned()));
        assert_eq!(submit(&docket).await.0, 201);
        world.stop().await;
        database.drop().await;
    }
}

#[tokio::test]
async fn what_was_overtaken_is_not_logged_before_the_panel_resolves_again() {
    for engine in engines() {
        let mut played = Played::prepared(engine, &[1]).await;
        let draft = played.annuls(1);
        let resolution = played.resolved(&[(1, &draft)]).await;
        let early = played.chain().await.last().unwrap().payload_hash();
        let docket = played.docket(&[&draft], early);
        played.hand_in(&docket).await.is_problem(422, "procedure-unknown");
        played.does("chair-1", Act::Confirmed { resolution }).await;
        let procedure = played.chain().await.last().unwrap().payload_hash();
        played.does("panel-3", Act::Recused { items: vec![] }).await;
        let docket = played.docket(&[&draft], procedure);
        played.hand_in(&docket).await.is_problem(422, "procedure-overtaken");
        played.registry.ends().await;
    }
}

#[tokio::test]
async fn a_case_that_the_registry_does_not_have_may_come_with_its_docket() {
    for engine in engines() {
        let mut played = Played::prepared(engine, &[1]).await;
        let draft = played.annuls(1);
        let procedure = played.decided(&[(1, &draft)]).await;
        let (chain, docket) = (played.chain().await, played.docket(&[&draft], procedure));
        let with = |events: Vec<Vec<Envelope>>| HandIn { events, ..docket.clone() };

        // A registry at which the case never was: the same beginning, and only this chain.
        let elsewhere = Played::begun(engine).await;
        assert_eq!(elsewhere.records, played.records);
        elsewhere.registry.world.clock.move_to(played.registry.now());
        let cut = chain.len() - 1;
        for (events, word) in [
            (vec![chain[1..].to_vec()], "case-chain"),
            (vec![Vec::new()], "case-chain"),
            (vec![chain[..3].iter().chain(&chain[4..]).cloned().collect()], "case-chain"),
            (vec![chain.clone(), chain.clone()], "case-parted"),
        ] {
            elsewhere.hand_in(&with(events)).await.is_problem(422, word);
        }
        let mut forged = chain.clone();
        forged[2].signatures[0].sig.0[1] ^= 1;
        elsewhere.hand_in(&with(vec![forged])).await.is_problem(422, "case-chain");
        // Too few signed, or under a roster that isn't in force, as it might be by the time that it is logged.
        let mut few = with(vec![chain.clone()]);
        few.docket.signatures.truncate(1);
        elsewhere.hand_in(&few).await.is_problem(422, "threshold");
        let mut committee = played.registry.committee.clone();
        committee.roster += 1;
        let drafted = under(&draft, procedure);
        let later = committee.docket(played.registry.now(), &[&drafted], None);
        elsewhere.hand_in(&HandIn { events: vec![chain.clone()], ..later }).await.is_problem(422, "docket-roster");
        elsewhere.get(&elsewhere.seat("panel-1"), &played.path("")).await.is_problem(404, "not-found");
        assert_eq!(elsewhere.hand_in(&with(vec![chain.clone()])).await.status, 201);
        let shown = elsewhere.get(&elsewhere.seat("panel-1"), &played.path("")).await.json();
        let shown = shown["events"].as_array().unwrap();
        assert_eq!(shown.len(), chain.len() + 1, "it is kept, and says of what it issued");
        assert!(shown.iter().all(|kept| kept["acknowledgement"].is_object()));
        elsewhere.registry.ends().await;

        // Where it is kept, the longer of two counts, and two that part are told.
        let (word, members) = Act::Recused { items: vec![1] }.write(None);
        let recused = played.head.next(played.registry.now(), &word, members, &played.seat("panel-2")).unwrap();
        let longer: Vec<Envelope> = chain.iter().cloned().chain([recused]).collect();
        played.hand_in(&with(vec![longer])).await.is_problem(422, "procedure-overtaken");
        let at = callboard_federation::event::Head::after(played.id, cut as u64 - 1, chain[cut - 1].payload_hash());
        let (word, members) = annulment(9, &[], false).write(None);
        let other = at.next(played.registry.now(), &word, members, &played.seat("secretary-1")).unwrap();
        let parted: Vec<Envelope> = chain[..cut].iter().cloned().chain([other]).collect();
        played.hand_in(&with(vec![parted])).await.is_problem(422, "case-parted");
        assert_eq!(
            played.hand_in(&with(vec![chain[..cut].to_vec()])).await.status,
            201,
            "a part of it takes nothing away"
        );
        assert_eq!(played.acts().await.last().unwrap(), "issued");
        played.registry.ends().await;
    }
}

#[tokio::test]
async fn an_event_that_came_with_a_docket_is_kept_and_the_docket_said() {
    for engine in engines() {
        let mut played = Played::prepared(engine, &[1]).await;
        let draft = played.annuls(1);
        let resolution = played.resolved(&[(1, &draft)]).await;
        // The docket comes where its case isn't known to be confirmed: the registry has one event less.
        let (word, members) = Act::Confirmed { resolution }.write(None);
        let chair = played.seat("chair-1");
        let confirmed = played.head.next(played.registry.now(), &word, members, &chair).unwrap();
        let whole: Vec<Envelope> = played.chain().await.into_iter().chain([confirmed.clone()]).collect();
        let docket = played.docket(&[&draft], confirmed.payload_hash());
        assert_eq!(played.hand_in(&HandIn { events: vec![whole], ..docket.clone() }).await.status, 201);
        let answer = played.send(&chair, &super::body(&confirmed, None)).await;
        assert_eq!(answer.status, 200, "it is kept: {}", answer.text());
        assert_eq!(played.acts().await[usize::try_from(played.head.seq()).unwrap()..], ["confirmed", "issued"]);
        let issued: serde_json::Value =
            serde_json::from_slice(&played.chain().await.last().unwrap().payload.0).unwrap();
        assert_eq!(issued["docket"], json!(docket.docket.payload_hash()));
        played.registry.ends().await;
    }
}

/// The cases that came with what was decided before are closed.
async fn closes_the_others(played: &mut Played) {
    let own = played.id;
    let listed = played.get(&played.seat("panel-1"), "/v1/cases?state=decided").await.json();
    let cases = listed["cases"].as_array().unwrap();
    assert!(!cases.is_empty(), "{listed}");
    for case in cases {
        played.id = case["case"].as_str().unwrap().parse().unwrap();
        played.follow().await;
        played.does("secretary-1", Act::Closed {}).await;
    }
    played.id = own;
    played.follow().await;
}

#[tokio::test]
async fn while_cases_are_open_the_anchors_of_each_day_say_how_many_and_where_they_end() {
    for engine in engines() {
        let mut played = Played::prepared(engine, &[1]).await;
        closes_the_others(&mut played).await;
        let days_on =
            |played: &Played, days| played.registry.world.clock.move_to(played.registry.now().plus_days(days));
        assert_eq!(played.registry.world.ledger.log_anchors().await.unwrap(), 0, "the day isn't over");
        played.registry.world.clock.move_to(played.registry.now().plus_millis(HOUR));
        played.does("secretary-1", annulment(2, &[], false)).await;
        let head: Hash = played.entry().await["head"].as_str().unwrap().parse().unwrap();
        assert_eq!(played.registry.world.ledger.log_anchors().await.unwrap(), 0);
        let at = played.registry.now();
        days_on(&played, 1);
        assert_eq!(played.registry.world.ledger.log_anchors().await.unwrap(), 1);
        let index = played.registry.world.ledger.size() - 1;
        let shown = played.get(&played.seat("panel-1"), &format!("/v1/anchors/{index}")).await.json();
        let envelopes: Vec<Envelope> = serde_json::from_value(shown["anchors"].clone()).unwrap();
        let [anchor] = envelopes.as_slice() else { panic!("{shown}") };
        let expected = CasesAnchor::of(&[head], at).unwrap();
        assert_eq!(anchor.payload.0, to_json(&expected), "what it said last that day");
        let report = of_store(played.registry.world.ledger.store(), None, None).await.unwrap();
        assert!(report.is_clean(), "{report}");

        // Of no open case nothing is said.
        for item in [1, 2] {
            played.does("secretary-1", Act::ItemDropped { item }).await;
        }
        played.does("secretary-1", Act::Closed {}).await;
        days_on(&played, 1);
        assert_eq!(played.registry.world.ledger.log_anchors().await.unwrap(), 1, "of the day on which it was open");
        days_on(&played, 1);
        assert_eq!(played.registry.world.ledger.log_anchors().await.unwrap(), 0);
        played.registry.ends().await;
    }
}
