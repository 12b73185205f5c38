//! `POST /v1/cosignatures`: who witnesses, and what.

use callboard_federation::{
    encoding::Hash,
    tlog::{
        checkpoint::{Checkpoint, SignedCheckpoint},
        cosignature::cosign,
    },
};
use ed25519_dalek::SigningKey;

use crate::{
    caller::{Registry, WITNESSES, cosigned, witness},
    support::{committee::tag, engines},
};

const PATH: &str = "/v1/cosignatures";

#[tokio::test]
async fn a_quorum_is_two_witnesses_and_not_one_of_them_twice() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        let [alpha, beta] = ["alpha", "beta"].map(|name| registry.cosigned(name).to_string());
        let first = registry.post(PATH, alpha.clone()).await.json();
        assert_eq!((&first["taken"], &first["witnessed"]), (&1.into(), &serde_json::Value::Null));
        let again = registry.post(PATH, alpha).await.json();
        assert_eq!((&again["taken"], &again["witnessed"]), (&0.into(), &serde_json::Value::Null));
        // A minute later the same witness again: newer, but still one witness.
        registry.world.clock.move_to(registry.now().plus_millis(60_000));
        let newer = registry.post(PATH, registry.cosigned("alpha").to_string()).await.json();
        assert_eq!((&newer["taken"], &newer["witnessed"]), (&1.into(), &serde_json::Value::Null));
        let second = registry.post(PATH, beta).await.json();
        assert_eq!((&second["taken"], &second["witnessed"]), (&1.into(), &21.into()));
        registry.ends().await;
    }
}

#[tokio::test]
async fn lines_survive_a_restart_and_a_refresh() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        registry.is_witnessed().await;
        let before = registry.get("/log/checkpoint").await;
        registry.world.clock.move_to(registry.now().plus_millis(60_000));
        registry.world.ledger.refresh().await.unwrap();
        let registry = registry.starts_again().await;
        let after = registry.get("/log/checkpoint").await;
        assert_ne!(before.header("etag"), after.header("etag"), "the log cosigns anew");
        for name in &WITNESSES[..2] {
            let line = |text: &str| text.lines().find(|line| line.contains(&format!("/{name} "))).unwrap().to_owned();
            assert_eq!(line(before.text()), line(after.text()));
        }
        assert_eq!(after.text().lines().filter(|line| line.contains("/witness/")).count(), 2);
        registry.ends().await;
    }
}

#[tokio::test]
async fn what_this_log_never_published_is_refused() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        let rows = registry.rows().await;
        let state = registry.world.ledger.published();
        let published = state.newest.note.checkpoint().clone();
        // What the log's own key did sign is another matter: `writers` has it.
        let key = SigningKey::from_bytes(&[8; 32]);
        let now = registry.now();
        let forged = |checkpoint: Checkpoint| cosigned(&checkpoint.sign(&key), "alpha", now);
        let other_root = forged(Checkpoint { root: Hash::of(b"another"), ..published.clone() });
        let beyond = forged(Checkpoint { size: published.size + 1, ..published.clone() });
        let elsewhere = forged(Checkpoint { origin: "elsewhere.example".parse().unwrap(), ..published });
        for note in [other_root, beyond, elsewhere] {
            registry.post(PATH, note.to_string()).await.is_problem(422, "cosignature-refused");
        }
        registry.post(PATH, state.newest.note.to_string()).await.is_problem(422, "cosignature-refused");
        assert_eq!(registry.rows().await, rows);
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_cosignature_of_the_future_is_not_taken() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        let rows = registry.rows().await;
        let (newest, now) = (registry.world.ledger.published().newest.note.clone(), registry.now());
        let (key, verifier) = witness("alpha");
        let at = |timestamp: u64| {
            let mut note = newest.clone();
            note.add(cosign(note.note().text(), verifier.name().clone(), &key, timestamp));
            note.to_string()
        };
        let latest = u64::try_from(now.as_seconds()).unwrap() + 5 * 60;
        for future in [latest + 1, 1 << 40, (1 << 63) - 1] {
            registry.post(PATH, at(future)).await.is_problem(422, "cosignature-refused");
        }
        assert_eq!(registry.rows().await, rows);
        // Beside a line of now it takes nothing away.
        let mut both: SignedCheckpoint = at((1 << 63) - 1).parse().unwrap();
        both = cosigned(&both, "alpha", now);
        assert_eq!(registry.post(PATH, both.to_string()).await.json()["taken"], 1);
        assert_eq!(registry.post(PATH, at(latest)).await.json()["taken"], 1, "five minutes ahead");
        assert_eq!(registry.post(PATH, registry.cosigned("beta").to_string()).await.json()["witnessed"], 21);
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_stranger_and_a_line_that_does_not_verify_are_refused() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        registry.post(PATH, registry.cosigned("stranger").to_string()).await.is_problem(422, "cosignature-refused");
        let of_another_text = {
            let mut note: SignedCheckpoint = registry.world.ledger.published().newest.note.clone();
            let (key, verifier) = witness("alpha");
            note.add(cosign("callboard.example\n1\n", verifier.name().clone(), &key, 1_772_400_000));
            note
        };
        registry.post(PATH, of_another_text.to_string()).await.is_problem(422, "cosignature-refused");
        for body in [b"".to_vec(), b"\xff".to_vec(), b"callboard.example\n20\n".to_vec(), b"{}".to_vec()] {
            registry.post(PATH, body).await.is_problem(400, "malformed");
        }
        registry.post(PATH, vec![b'x'; 1_000_001]).await.is_problem(413, "body-too-large");
        assert_eq!(registry.rows().await["cosignature"], 0);
        registry.ends().await;
    }
}

#[tokio::test]
async fn an_older_checkpoint_may_still_gather_its_quorum() {
    for engine in engines() {
        let mut registry = Registry::watched(engine).await;
        let older = registry.cosigned("alpha");
        let other = registry.cosigned("beta");
        let at = registry.now();
        let drafted = registry.committee.suspend(at, &tag(1));
        let docket = registry.committee.docket(at, &[&drafted], None);
        registry.logs(&docket).await;
        registry.post(PATH, older.to_string()).await;
        assert_eq!(registry.post(PATH, other.to_string()).await.json()["witnessed"], 21);
        registry.ends().await;
    }
}

#[tokio::test]
async fn the_witnesses_of_a_roster_do_not_witness_what_came_before_it() {
    for engine in engines() {
        let mut registry = Registry::begun(engine).await;
        let [alpha, beta] = ["alpha", "beta"].map(|name| registry.cosigned(name).to_string());
        let vkeys: Vec<String> = WITNESSES.map(|name| witness(name).1.to_string()).into();
        let roster = registry.committee.next_roster(registry.now(), 2, &vkeys);
        registry.logs(&roster).await;
        for note in [alpha, beta] {
            assert_eq!(registry.post(PATH, note).await.json(), serde_json::json!({"taken": 0, "witnessed": null}));
        }
        assert_eq!(registry.rows().await["cosignature"], 0);
        assert!(registry.world.ledger.published().witnessed.is_none());
        registry.ends().await;
    }
}
