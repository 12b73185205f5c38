//! `GET /v1/feed`: the truth, entry by entry, and the wait for more of it.

use std::time::Duration;

use callboard_federation::{
    disclosure::{CheckpointLine, Disclosure},
    statement::Kind,
    tlog::checkpoint::SignedCheckpoint,
};
use callboard_registry::ledger::audit::{Audit, AuditStep};
use reqwest::Method;

use crate::{
    caller::{Answer, Registry, key},
    support::{committee::tag, engines},
};

/// Longer than any of these waits should take, shorter than the test's patience.
const PATIENCE: Duration = Duration::from_secs(20);

fn lines(answer: &Answer) -> (Vec<Disclosure>, SignedCheckpoint) {
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"), "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "private, no-store");
    let mut lines: Vec<&str> = answer.text().lines().collect();
    let last: CheckpointLine = serde_json::from_str(lines.pop().unwrap()).unwrap();
    let read = |line: &&str| {
        let read = Disclosure::from_json(line.as_bytes()).unwrap();
        assert_eq!(read.to_json(), line.as_bytes(), "a line is read back as it was written");
        read
    };
    (lines.iter().map(read).collect(), last.checkpoint.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_for_the_same_entries_shares_one_read_of_their_lines() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        let ledger = &registry.world.ledger;
        let asking = (0..100).map(|_| {
            let ledger = ledger.clone();
            tokio::spawn(async move { ledger.feed_lines(19, 21).await.unwrap() })
        });
        let mut read = Vec::new();
        for asked in asking.collect::<Vec<_>>() {
            read.push(asked.await.unwrap().iter().map(|line| line.bytes.as_ptr()).collect::<Vec<_>>());
        }
        assert!(read[0].len() == 2 && read.iter().all(|lines| *lines == read[0]));
        registry.ends().await;
    }
}

#[tokio::test]
async fn who_follows_the_feed_audits_what_the_store_holds() {
    for engine in engines() {
        let mut registry = Registry::watched(engine).await;
        let at = registry.now();
        let (before, _) = lines(&registry.signed(&key("beta"), Method::GET, "/v1/feed?from=0", b"").await);
        assert!(before.len() == 21 && before[10].docket.as_ref().unwrap().items != [None]);
        // One chain is erased: a null in the feed, explained by the erasure.
        let annulled = registry.get("/v1/dockets?after=9&limit=2").await.json();
        let mut chain = Vec::new();
        for row in annulled["dockets"].as_array().unwrap() {
            let docket = registry.get(&format!("/v1/dockets/{}", row["docket"].as_str().unwrap())).await.json();
            chain.push(docket["items"][0]["record"].as_str().unwrap().parse().unwrap());
        }
        let erasure = registry.committee.act(at, Kind::Erasure, Kind::Ruling, &chain);
        let docket = registry.committee.docket(at, &[&erasure], None);
        registry.logs(&docket).await;
        registry.is_witnessed().await;

        let answer = registry.signed(&key("beta"), Method::GET, "/v1/feed?from=0", b"").await;
        let (disclosed, note) = lines(&answer);
        assert_eq!(disclosed.len(), 22);
        assert_eq!(disclosed[10].docket.as_ref().unwrap().items, [None]);
        let mut audit = Audit::new(Some(registry.committee.genesis()));
        for line in &disclosed {
            assert_eq!(audit.take(line).unwrap(), AuditStep::Continue);
        }
        let followed = audit.finish(Some((&note, registry.now())), None);
        let stored = registry.world.audit().await;
        assert!(followed.is_clean() && followed.witnessed_since.is_some(), "{followed}");
        assert_eq!(followed.to_string(), stored.to_string());

        // From the middle: what follows, and nothing before; from the end: the checkpoint alone.
        for (from, count) in [(20, 2), (22, 0), (1_000, 0)] {
            let path = format!("/v1/feed?from={from}");
            let (rest, same) = lines(&registry.signed(&key("beta"), Method::GET, &path, b"").await);
            assert_eq!(rest, disclosed[disclosed.len() - count..]);
            assert_eq!(same, note);
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_question_that_is_none_is_refused() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        for query in ["", "?from=", "?from=-1", "?from=x", "?wait=1", "?from=0&stray=1", "?from=0&from=1"] {
            let path = format!("/v1/feed{query}");
            registry.signed(&key("beta"), Method::GET, &path, b"").await.is_problem(400, "malformed");
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_wait_ends_with_the_next_docket() {
    for engine in engines() {
        let mut registry = Registry::watched(engine).await;
        registry.is_witnessed().await;
        let at = registry.now();
        let drafted = registry.committee.suspend(at, &tag(1));
        let docket = registry.committee.docket(at, &[&drafted], None);
        let beta = key("beta");
        let waits = registry.signed(&beta, Method::GET, "/v1/feed?from=21&wait=55", b"");
        let waited = tokio::time::timeout(PATIENCE, async { tokio::join!(waits, is_waited_for(&registry, &docket)) });
        let (answer, index) = waited.await.unwrap();
        let (disclosed, note) = lines(&answer);
        assert_eq!((disclosed.len(), disclosed[0].index, note.checkpoint().size), (1, index, 22));
        registry.ends().await;
    }
}

/// Hands in once the feed's nonce is stored: from then on the wait has begun, or will find the docket there.
async fn is_waited_for(registry: &Registry, docket: &callboard_federation::hand_in::HandIn) -> u64 {
    while registry.rows().await["nonce"] == 0 {
        tokio::task::yield_now().await;
    }
    registry.logs(docket).await
}

#[tokio::test]
async fn a_wait_ends_when_the_newest_checkpoint_reaches_its_quorum() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        let beta = key("beta");
        let waits = registry.signed(&beta, Method::GET, "/v1/feed?from=21&wait=55", b"");
        let witnessed = async {
            while registry.rows().await["nonce"] == 0 {
                tokio::task::yield_now().await;
            }
            registry.is_witnessed().await;
        };
        let waited = tokio::time::timeout(PATIENCE, async { tokio::join!(waits, witnessed) }).await;
        let (disclosed, note) = lines(&waited.unwrap().0);
        assert!(disclosed.is_empty());
        let lines = note.note().signatures().iter().filter(|line| line.name.as_str().contains("/witness/"));
        assert_eq!(lines.count(), 2);
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_wait_that_brings_nothing_ends_in_time() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        let waits = registry.signed(&key("beta"), Method::GET, "/v1/feed?from=21&wait=1", b"").await;
        assert!(lines(&waits).0.is_empty());
        registry.ends().await;
    }
}
