//! `POST /v1/anchors`, `GET /v1/anchors/{index}`, and the entry of each day between them.

use callboard_client::export::Export;
use callboard_federation::{
    anchor::Anchor,
    dsse::{Envelope, PayloadType},
    encoding::{Hash, Time, to_json},
    entry::{Entry, EntryContent, anchors_root},
    tlog::{merkle::leaf_hash, proof::Proof},
};
use callboard_registry::ledger::{
    anchors::envelopes,
    audit::{Audit, of_store},
    export,
    load::disclosure,
};
use ed25519_dalek::SigningKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Registry, WITNESSES, alpha, key},
    support::{Engine, committee::tag, engines},
};

const PATH: &str = "/v1/anchors";

/// A registry at eight in the morning.
async fn morning(engine: Engine) -> Registry {
    let registry = Registry::watched(engine).await;
    let next = Time::from_millis((registry.now().day() + 1) * 86_400_000);
    registry.world.clock.move_to(next.plus_millis(8 * 3_600_000));
    registry
}

pub(crate) fn anchor(member: &str, size: u64, at: Time) -> Anchor {
    let root = Hash::of(&size.to_be_bytes());
    Anchor { v: 1, member: member.to_owned().try_into().unwrap(), size, root, at }
}

async fn submit(registry: &Registry, key: &SigningKey, anchor: &Anchor) -> Answer {
    post(registry, key, &anchor.sign(key)).await
}

async fn post(registry: &Registry, key: &SigningKey, envelope: &Envelope) -> Answer {
    registry.signed(key, Method::POST, PATH, &to_json(envelope)).await
}

fn days_on(registry: &Registry, days: i64) {
    registry.world.clock.move_to(registry.now().plus_days(days));
}

#[tokio::test]
async fn the_anchors_of_a_day_are_an_entry_and_each_member_finds_its_place_and_proof() {
    for engine in engines() {
        let registry = morning(engine).await;
        let (alpha, beta, at) = (alpha(&registry), key("beta"), registry.now());
        let anchors = [anchor("alpha", 10, at), anchor("beta", 3, at.plus_days(-1))];
        let first = submit(&registry, &alpha, &anchors[0]).await;
        assert_eq!((first.status, first.json()), (201, json!({"anchor": Hash::of(&to_json(&anchors[0]))})));
        assert_eq!(submit(&registry, &beta, &anchors[1]).await.status, 201);
        assert_eq!(registry.world.ledger.log_anchors().await.unwrap(), 0, "the day isn't over");
        days_on(&registry, 1);
        assert_eq!(registry.world.ledger.log_anchors().await.unwrap(), 1);
        assert_eq!(registry.world.ledger.log_anchors().await.unwrap(), 0, "once");

        // The same again: the same answer, with the place.
        let again = submit(&registry, &alpha, &anchors[0]).await;
        let index = again.json()["index"].as_u64().unwrap();
        assert_eq!((again.status, index + 1), (200, registry.world.ledger.size()));
        let filed = registry.signed(&alpha, Method::GET, "/v1/anchors/filed?limit=1", b"").await.json();
        let day = u64::try_from(at.day()).unwrap();
        assert_eq!((filed["anchors"][0]["index"].as_u64(), filed["next"].as_u64()), (Some(index), Some(day)));
        let rest = registry.signed(&alpha, Method::GET, &format!("/v1/anchors/filed?after={day}"), b"").await.json();
        assert_eq!(rest, json!({"anchors": []}), "beta's is none of alpha's");
        let path = format!("{PATH}/{index}");
        assert!(registry.signed(&beta, Method::GET, &path, b"").await.json().get("proof").is_none());
        registry.is_witnessed().await;
        let shown = registry.signed(&beta, Method::GET, &path, b"").await.json();
        let leaf: callboard_federation::encoding::Base64 = shown["entry"].as_str().unwrap().parse().unwrap();
        let shown_anchors: Vec<Envelope> = serde_json::from_value(shown["anchors"].clone()).unwrap();
        let mut hashes = anchors.each_ref().map(|anchor| Hash::of(&to_json(anchor)));
        hashes.sort_unstable();
        assert_eq!(shown_anchors.iter().map(Envelope::payload_hash).collect::<Vec<_>>(), hashes);
        assert_eq!(Entry::parse(&leaf.0).unwrap().logged, EntryContent::Anchors(anchors_root(hashes)));
        let proof: Proof = shown["proof"].as_str().unwrap().parse().unwrap();
        proof.inclusion.verify(&leaf_hash(&leaf.0), proof.checkpoint.checkpoint()).unwrap();
        let lines = proof.checkpoint.note().signatures().iter();
        assert_eq!(lines.filter(|line| line.name.as_str().contains("/witness/")).count(), WITNESSES.len() - 1);

        // It isn't a docket, and a docket isn't one; the log goes on after it and comes back as it was.
        assert!(registry.get("/v1/dockets?after=19&limit=9").await.json()["dockets"].as_array().unwrap().len() == 1);
        for other in ["0", "999"] {
            let path = format!("{PATH}/{other}");
            registry.signed(&beta, Method::GET, &path, b"").await.is_problem(404, "not-found");
        }
        registry.signed(&beta, Method::GET, "/v1/anchors/x", b"").await.is_problem(400, "malformed");
        registry.get(&path).await.is_problem(401, "unsigned");
        let mut registry = registry.starts_again().await;
        assert_eq!(registry.world.ledger.size(), index + 1);
        let drafted = registry.committee.suspend(registry.now(), &tag(1));
        let docket = registry.committee.docket(registry.now(), &[&drafted], None);
        assert_eq!(registry.logs(&docket).await, index + 1);
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_missed_night_and_a_clock_that_jumps_move_no_anchor() {
    for engine in engines() {
        let registry = morning(engine).await;
        let beta = key("beta");
        let began = registry.world.ledger.size();
        for size in 1..4 {
            assert_eq!(submit(&registry, &beta, &anchor("beta", size, registry.now())).await.status, 201);
            days_on(&registry, 1);
        }
        // Three nights were missed: three entries, in order.
        assert_eq!(registry.world.ledger.log_anchors().await.unwrap(), 3);
        let store = registry.world.ledger.store();
        let logged = envelopes(store.anchors(0, 99).await.unwrap()).unwrap();
        let places: Vec<(u64, u64)> = logged
            .iter()
            .map(|(index, envelope)| (*index, Anchor::from_json(&envelope.payload.0).unwrap().size))
            .collect();
        assert_eq!(places, [(began, 1), (began + 1, 2), (began + 2, 3)]);

        // A node whose clock is two days behind takes an anchor: into the day that the log is in, which isn't over.
        let registry = registry.starts_behind(2).await;
        assert_eq!(submit(&registry, &beta, &anchor("beta", 9, registry.now().plus_days(-5))).await.status, 201);
        for logged in [0, 0] {
            assert_eq!(registry.world.ledger.log_anchors().await.unwrap(), logged);
        }
        days_on(&registry, 2);
        assert_eq!(registry.world.ledger.log_anchors().await.unwrap(), 0, "the day that the log is in");
        days_on(&registry, 1);
        // Two bells at once.
        let ledger = &registry.world.ledger;
        let (one, other) = tokio::join!(ledger.log_anchors(), ledger.log_anchors());
        assert!(one.is_ok() && other.is_ok());
        assert_eq!(ledger.size(), began + 4);
        registry.ends().await;
    }
}

#[tokio::test]
async fn an_anchor_that_is_not_the_askers_own_of_a_day_at_hand_is_refused() {
    for engine in engines() {
        let registry = morning(engine).await;
        let (beta, now) = (key("beta"), registry.now());
        let own = anchor("beta", 3, now);
        registry.post(PATH, to_json(&own.sign(&beta))).await.is_problem(401, "unsigned");
        submit(&registry, &key("nobody"), &own).await.is_problem(403, "key-unknown");
        submit(&registry, &registry.committee.seat("panel-1"), &own).await.is_problem(403, "members-only");
        // Another member's, whoever signed it.
        submit(&registry, &beta, &anchor("alpha", 3, now)).await.is_problem(403, "anchor-foreign");
        post(&registry, &beta, &anchor("alpha", 3, now).sign(&alpha(&registry)))
            .await
            .is_problem(403, "anchor-foreign");
        post(&registry, &beta, &own.sign(&alpha(&registry))).await.is_problem(403, "anchor-foreign");
        post(&registry, &beta, &own.sign(&key("nobody"))).await.is_problem(422, "anchor-signature");
        let mut twice = own.sign(&beta);
        twice.sign(&key("beta, another"));
        post(&registry, &beta, &twice).await.is_problem(422, "anchor-signature");
        let mut forged = own.sign(&beta);
        forged.signatures[0].sig.0[3] ^= 1;
        post(&registry, &beta, &forged).await.is_problem(422, "anchor-signature");
        let mut unsigned = own.sign(&beta);
        unsigned.signatures.clear();
        post(&registry, &beta, &unsigned).await.is_problem(422, "anchor-signature");

        for at in [now.plus_days(1), now.plus_millis(300_001), now.plus_days(-15)] {
            submit(&registry, &beta, &anchor("beta", 3, at)).await.is_problem(422, "anchor-time");
        }
        for (member, value) in [("v", json!(2)), ("size", json!(-1)), ("root", json!("x")), ("tag", json!(1))] {
            let mut payload: Value = serde_json::to_value(&own).unwrap();
            payload[member] = value;
            let mut envelope = Envelope::new(PayloadType::Anchor, payload.to_string().into_bytes());
            envelope.sign(&beta);
            post(&registry, &beta, &envelope).await.is_problem(422, "anchor-malformed");
        }
        let mut receipt = Envelope::new(PayloadType::Receipt, to_json(&own));
        receipt.sign(&beta);
        post(&registry, &beta, &receipt).await.is_problem(422, "anchor-signature");
        for body in [&b""[..], b"{}", b"[]"] {
            registry.signed(&beta, Method::POST, PATH, body).await.is_problem(400, "malformed");
        }
        assert_eq!(registry.rows().await["anchor"], 0);

        // One a day: the first stays, with whichever of the member's keys.
        assert_eq!(submit(&registry, &key("beta, another"), &own).await.status, 201);
        submit(&registry, &beta, &anchor("beta", 4, now)).await.is_problem(409, "anchor-repeated");
        submit(&registry, &beta, &anchor("beta", 3, now.plus_millis(1))).await.is_problem(409, "anchor-repeated");
        assert_eq!(submit(&registry, &beta, &anchor("beta", 4, now.plus_days(-14))).await.status, 201);
        assert_eq!(registry.rows().await["anchor"], 2);
        registry.ends().await;
    }
}

#[tokio::test]
async fn an_anchor_that_was_taken_is_known_after_its_key_was_replaced_and_an_audit_accepts_it() {
    for engine in engines() {
        let mut registry = morning(engine).await;
        let (beta, own) = (key("beta"), anchor("beta", 3, registry.now()));
        assert_eq!(submit(&registry, &beta, &own).await.status, 201);
        let mut members = registry.committee.document(2, 4);
        members["version"] = json!(3);
        let new = callboard_federation::encoding::PublicKey::of(&key("new")).to_string();
        let beta_only = json!({"member": "beta", "name": "Beta", "keys": [new], "quota": {"perDay": 1}});
        members["members"].as_array_mut().unwrap().push(beta_only);
        registry.log_members(&members).await;
        days_on(&registry, 1);
        assert_eq!(registry.world.ledger.log_anchors().await.unwrap(), 1);
        let answer = post(&registry, &key("new"), &own.sign(&beta)).await;
        assert_eq!((answer.status, answer.json()["index"].as_u64()), (200, Some(registry.world.ledger.size() - 1)));
        post(&registry, &key("new"), &anchor("beta", 4, registry.now()).sign(&beta))
            .await
            .is_problem(422, "anchor-signature");
        let store = registry.world.ledger.store();
        let report = of_store(store, None, None).await.unwrap();
        assert!(report.is_clean(), "{report}");

        // Others in its place are found: of another root, of nobody's, none, or where none are logged.
        let index = registry.world.ledger.size() - 1;
        let mut audit = Audit::new(Some(registry.committee.genesis()));
        for line in store.entries(0, index + 1).await.unwrap() {
            audit.take(&disclosure(line).unwrap()).unwrap();
        }
        let mut unknown = own.sign(&beta);
        unknown.signatures = own.sign(&key("nobody")).signatures;
        let cases = [
            (vec![(index, own.sign(&beta))], 0),
            (vec![(index, anchor("beta", 4, own.at).sign(&beta))], 1),
            (vec![(index, unknown)], 1),
            (vec![], 1),
            (vec![(index, own.sign(&beta)), (0, own.sign(&beta))], 1),
            (vec![(index, own.sign(&beta)), (index, own.sign(&beta))], 1),
        ];
        for (shown, differing) in cases {
            assert_eq!(audit.differing_anchors(&shown).len(), differing, "{shown:?}");
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn an_export_holds_the_anchors_and_two_auditors_find_what_is_changed_in_them() {
    let registry = morning(Engine::Sqlite).await;
    let (beta, at) = (key("beta"), registry.now());
    for anchor in [(alpha(&registry), anchor("alpha", 10, at)), (beta.clone(), anchor("beta", 3, at))] {
        assert_eq!(submit(&registry, &anchor.0, &anchor.1).await.status, 201);
    }
    days_on(&registry, 1);
    assert_eq!(submit(&registry, &beta, &anchor("beta", 5, registry.now())).await.status, 201);
    days_on(&registry, 1);
    assert_eq!(registry.world.ledger.log_anchors().await.unwrap(), 2);
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("export");
    let ledger = &registry.world.ledger;
    export::write(ledger.store(), &ledger.published().newest.note, &place, |_, _| {}).await.unwrap();
    let genesis = registry.committee.genesis();
    let differs = |expected: usize| {
        let report = export::audit(&Export::find(&place).unwrap(), Some(genesis), None, registry.now()).unwrap();
        assert_eq!(report.differences.len(), expected, "{report}");
        let Ok(python) = std::env::var("CALLBOARD_CONFORMANCE_PYTHON") else { return };
        let auditor = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/conformance/auditor");
        let theirs = std::process::Command::new(python).args([auditor, &genesis.to_string()]).arg(&place).output();
        let theirs = String::from_utf8(theirs.unwrap().stdout).unwrap();
        let ours = report.to_string();
        let facts = |text: &str| text.split("DIFFERS").next().unwrap().to_owned();
        assert_eq!((facts(&theirs), theirs.matches("DIFFERS").count() > 0), (facts(&ours), expected > 0));
    };
    differs(0);
    let file = place.join("anchors.ndjson");
    let lines = std::fs::read_to_string(&file).unwrap();
    let rest = lines.split_inclusive('\n').skip(1).collect::<String>();
    std::fs::write(&file, &rest).unwrap();
    differs(1);
    std::fs::remove_file(&file).unwrap();
    differs(2);
    std::fs::write(&file, lines.replacen("\"index\":21", "\"index\":3", 1)).unwrap();
    differs(2);
    registry.ends().await;
}
