//! What is sent of a docket: its parts, serialised once for all endpoints.

use axum::body::Bytes;
use callboard_federation::{
    encoding::to_json,
    webhook::{MAX_PART, Message, MessageKind, Part, PushedItem, message_id},
};

use crate::ledger::{Ledger, recent::RecentDocket};

/// Id and body of each part of a docket, made by whoever needs them first.
pub(super) fn messages<'r>(recent: &'r RecentDocket, ledger: &Ledger) -> &'r [(String, Bytes)] {
    recent.messages.get_or_init(|| {
        let docket = &recent.docket;
        let checkpoint = ledger.published().newest.note.to_string();
        let replay = ledger.replay();
        let parts = docket.items.chunks(MAX_PART);
        let count = parts.len() as u64;
        let part = |(part, items): (u64, &[_])| {
            let items = items.iter().map(|(id, kind)| PushedItem::of(*id, *kind, replay.records())).collect();
            let (index, docket_hash) = (docket.index, docket.payload_hash);
            let data = Part { index, docket: docket_hash, part, parts: count, items, checkpoint: checkpoint.clone() };
            let message = Message { kind: MessageKind::DocketLogged, timestamp: docket.logged_at, data };
            (message_id(&docket_hash, part), Bytes::from(to_json(&message)))
        };
        (0..).zip(parts).map(part).collect()
    })
}
