//! The audit of a registry that runs, from what it discloses over HTTP to whoever asks.

use callboard_api::registry::{
    log::GET_ANCHORS,
    records::{FeedFrom, READ_FEED},
};
use callboard_client::{
    http::{Caller, HttpError},
    pin::Address,
};
use callboard_federation::{
    disclosure::{CheckpointLine, Disclosure},
    dsse::Envelope,
    encoding::{Hash, JsonError, Time, from_json},
    root_report::RootReport,
    tlog::{TlogError, checkpoint::SignedCheckpoint},
    zh_en,
};
use rand_core::CryptoRng;

use super::{Audit, AuditReport, AuditStep, Difference};

/// The most leaves that a report of a root keeps: its first.
const MOST_ENTRIES: usize = 10_000;

/// Why there is nothing to audit.
#[derive(Debug, thiserror::Error)]
pub enum RegistryAuditError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("{}", zh_en!("此处不是登记系统", "this is no registry"))]
    NoRegistry,
    #[error("{}", zh_en!("登记内容没有传完", "the feed broke off"))]
    BrokenOff(#[from] JsonError),
    #[error("{}", zh_en!("登记内容的检查点", "the feed's checkpoint"))]
    Checkpoint(#[from] TlogError),
    #[error("{}", zh_en!("登记系统自第{from}条起没有披露任何内容", "the registry discloses nothing from entry {from} on"))]
    Silent { from: u64 },
}

/// Audits the registry at `registry`, as `caller` sees it. Besides the report, a root that the log signed and that what
/// it showed doesn't give, to be kept: the next answer may be another.
pub async fn of_running(
    registry: &Address,
    caller: &Caller<'_>,
    genesis: Option<Hash>,
    at: Option<Time>,
    rng: &mut impl CryptoRng,
) -> Result<(AuditReport, Option<RootReport>), RegistryAuditError> {
    let mut audit = Audit::new(genesis);
    let mut entries: Vec<Vec<u8>> = Vec::new();
    loop {
        let from = audit.replay().tree().size();
        let question = READ_FEED.with(&(), &FeedFrom { from, wait: None }, &());
        let page = caller.find_bytes(registry, &question, rng).await?.ok_or(RegistryAuditError::NoRegistry)?;
        let mut lines: Vec<&[u8]> = page.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        let last = lines.pop().unwrap_or_default();
        let mut begins_again = false;
        for line in lines {
            let index = audit.replay().tree().size();
            let read = Disclosure::from_json(line).map_err(|source| Difference::Line { index, source });
            let taken = read.and_then(|line| {
                entries.truncate(usize::try_from(index).unwrap_or(usize::MAX));
                if entries.len() < MOST_ENTRIES {
                    entries.push(line.entry.clone());
                }
                audit.take(&line)
            });
            match taken {
                Ok(AuditStep::Continue) => {}
                Ok(AuditStep::BeginAgain) => {
                    begins_again = true;
                    break;
                }
                // It ends the audit: what follows can't be followed.
                Err(difference) => {
                    let mut report = audit.finish(None, at);
                    report.differences.push(difference);
                    return Ok((report, None));
                }
            }
        }
        let size = audit.replay().tree().size();
        if !begins_again {
            let note: SignedCheckpoint = from_json::<CheckpointLine>(last)?.checkpoint.parse()?;
            // Else there is another page.
            if size >= note.checkpoint().size {
                let differing = audit.differing_anchors(&anchors(registry, &audit, caller, rng).await?);
                let mut report = audit.finish(Some((&note, caller.now())), at);
                report.differences.extend(differing);
                let kept = another_root(&report, note, entries);
                return Ok((report, kept));
            }
        }
        if !begins_again && size == from {
            return Err(RegistryAuditError::Silent { from });
        }
    }
}

/// The members' anchors of each entry that has some; none, where the registry shows none.
async fn anchors(
    registry: &Address,
    audit: &Audit,
    caller: &Caller<'_>,
    rng: &mut impl CryptoRng,
) -> Result<Vec<(u64, Envelope)>, HttpError> {
    let mut anchors = Vec::new();
    for index in audit.anchor_indexes() {
        if let Some(shown) = caller.find(registry, &GET_ANCHORS.with(&index, &(), &()), rng).await? {
            anchors.extend(shown.anchors.into_iter().map(|envelope| (index, envelope)));
        }
    }
    Ok(anchors)
}

/// The root that the log signed, where the leaves give another.
fn another_root(report: &AuditReport, note: SignedCheckpoint, entries: Vec<Vec<u8>>) -> Option<RootReport> {
    let is_signed = !report.differences.iter().any(|difference| matches!(difference, Difference::Checkpoint(_)));
    let has_another = report.differences.iter().any(|difference| matches!(difference, Difference::Root { .. }));
    (is_signed && has_another).then(|| RootReport::new(note, Some(report.root), None, 0, entries))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::{Router, extract::Query, routing::get};
    use callboard_client::{clock::MachineClock, http::client};
    use callboard_federation::{
        encoding::Base64,
        tlog::{
            checkpoint::Checkpoint,
            merkle::{Tree, leaf_hash},
        },
    };
    use ed25519_dalek::SigningKey;
    use serde_json::{Value, json};

    use super::*;

    /// The lines of a log of the vectors, with the checkpoint over them; a statement that was erased later is `null`.
    fn disclosed(vectors: &Value, case: &Value) -> Vec<String> {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let mut tree = Tree::new();
        let mut lines = Vec::new();
        for line in list(&vectors["beginning"]).iter().chain(&list(&case["disclosures"])) {
            let shown = line.get("shown").unwrap_or(&line["handIn"]);
            let mut items: Vec<Value> = list(&shown["items"]);
            for item in &mut items {
                *item = item.get("statement").unwrap_or(item).clone();
            }
            for place in list(&case["erased"]).iter().filter(|place| place[0] == line["index"]) {
                items[usize::try_from(place[1].as_u64().unwrap()).unwrap()] = Value::Null;
            }
            let mut fed =
                json!({"index": line["index"], "entry": line["entry"], "docket": shown["docket"], "items": items});
            if let Some(publication) = shown.get("publication") {
                fed["publication"] = publication.clone();
            }
            let entry: Base64 = line["entry"].as_str().unwrap().parse().unwrap();
            tree.push(leaf_hash(&entry.0));
            lines.push(fed.to_string());
        }
        let origin = vectors["issuer"].as_str().unwrap().parse().unwrap();
        let seed = hex::decode(vectors["logKeySeed"].as_str().unwrap()).unwrap();
        let checkpoint = Checkpoint { origin, size: tree.size(), root: tree.current_root() };
        let note = checkpoint.sign(&SigningKey::from_bytes(&seed.try_into().unwrap()));
        lines.push(json!({"checkpoint": note.to_string()}).to_string());
        lines
    }

    #[tokio::test]
    async fn a_running_registry_is_audited_as_its_lines_are_also_where_an_erasure_begins_the_audit_again() {
        let vectors: Value = serde_json::from_str(include_str!("../../../federation/vectors/replays.json")).unwrap();
        let genesis: Hash = vectors["genesis"].as_str().unwrap().parse().unwrap();
        let mut began_again = 0;
        for case in vectors["cases"].as_array().unwrap().iter().filter(|case| case.get("stops").is_none()) {
            let lines = Arc::new(disclosed(&vectors, case));
            let mut audit = Audit::new(Some(genesis));
            'again: loop {
                for line in &lines[..lines.len() - 1] {
                    if audit.take(&Disclosure::from_json(line.as_bytes()).unwrap()).unwrap() == AuditStep::BeginAgain {
                        began_again += 1;
                        continue 'again;
                    }
                }
                break;
            }
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let registry: Address = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
            let feed = async move |Query(FeedFrom { from, .. })| lines[usize::try_from(from).unwrap()..].join("\n");
            let server = tokio::spawn(axum::serve(listener, Router::new().route("/v1/feed", get(feed))).into_future());
            let key = SigningKey::from_bytes(&[7; 32]);
            let caller = Caller::new(client().unwrap(), &key, &MachineClock);
            let mut rng = callboard_client::runtime::os_rng();
            let (report, kept) = of_running(&registry, &caller, Some(genesis), None, &mut rng).await.unwrap();
            assert!(kept.is_none());
            assert_eq!(report.to_string(), audit.finish(None, None).to_string(), "{}", case["name"]);
            server.abort();
        }
        assert!(began_again > 0);
    }
}
