//! `GET /v1/feed`: the truth, entry by entry, for members and seats.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{Query, Request, State, rejection::QueryRejection},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use callboard_api::registry::records::{FeedFrom, READ_FEED};
use callboard_federation::{disclosure::CheckpointLine, encoding::to_json};
use callboard_service::{
    media::{LINES, accepts},
    operation::BadRequest,
};
use futures_util::stream::try_unfold;

use super::{
    App,
    authority::{Principal, authenticate},
    problem::ApiError,
};
use crate::ledger::LedgerError;

/// The longest wait: shorter than what stands between client and server usually lets a silent answer live.
const MAX_WAIT_SECONDS: u64 = 55;
/// What a member is told besides: `endpoint-disabled`, `receipts-due=2`, `receipts-overdue=1`, `restored=TIME`.
const NOTICES: HeaderName = HeaderName::from_static("callboard-notices");
const MAX_ENTRIES: u64 = 10_000;

/// By hand: the answer is a stream of lines.
pub(super) async fn follow(
    State(app): State<App>,
    query: Result<Query<FeedFrom>, QueryRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    let Query(FeedFrom { from, wait }) = query.map_err(|_| BadRequest::Address(READ_FEED.description.query_names()))?;
    let (signed, _) = authenticate(&app, &READ_FEED.description, request).await?;
    wait_for_more(&app, from, Duration::from_secs(wait.unwrap_or(0).min(MAX_WAIT_SECONDS))).await;
    // A node that waited, or slept, may have been taken over from meanwhile.
    app.ledger.check_writership().await?;
    let notice = match signed.who {
        Principal::Member(member) => app.delivery.notice(member.as_str()),
        Principal::Seat(_) => None,
    };
    let size = app.ledger.size();
    let lines = try_unfold(Some((from, size.min(from.saturating_add(MAX_ENTRIES)))), move |next| {
        let app = app.clone();
        async move {
            let Some((from, mut to)) = next else { return Ok(None) };
            if from >= to {
                return Ok(Some((last_line(&app, to).await?, None)));
            }
            // An answer that breaks off has no checkpoint line: nobody takes it for the whole.
            let page = app.ledger.feed_lines(from, to).await?;
            for line in &page {
                // What was erased since the answer began is a `null` that only the erasure explains: it goes along.
                if let Some(by) = line.erased_by.filter(|by| *by >= size) {
                    to = to.max(by + 1);
                }
            }
            let next = from + page.len() as u64;
            let lines = match page.as_slice() {
                [line] => line.bytes.clone(),
                lines => Bytes::from(lines.iter().map(|line| &*line.bytes).collect::<Vec<_>>().concat()),
            };
            Ok::<_, LedgerError>(Some((lines, Some((next, to)))))
        }
    });
    let media = if accepts(&headers, LINES) { LINES } else { "text/plain; charset=utf-8" };
    let headers = [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, "private, no-store")];
    let mut response = (headers, Body::from_stream(lines)).into_response();
    if let Some(notice) = notice.and_then(|notice| HeaderValue::from_str(&notice).ok()) {
        response.headers_mut().insert(NOTICES, notice);
    }
    Ok(response)
}

/// The line that ends an answer of the entries before `to`: the newest checkpoint, once it speaks for all of them.
async fn last_line(app: &App, to: u64) -> Result<Bytes, LedgerError> {
    let mut state = app.ledger.subscribe();
    // It fails only when the ledger is gone, and then the newest checkpoint is the last.
    drop(state.wait_for(|state| state.newest.size >= to).await);
    app.ledger.check_writership().await?;
    let checkpoint = app.ledger.published().newest.note.to_string();
    let mut line = to_json(&CheckpointLine { checkpoint });
    line.push(b'\n');
    Ok(Bytes::from(line))
}

/// Waits for an entry at `from`, or for the newest checkpoint to reach its quorum if it hasn't yet.
async fn wait_for_more(app: &App, from: u64, wait: Duration) {
    let mut state = app.ledger.subscribe();
    let is_witnessed = |state: &crate::ledger::checkpoint::PublishedState| {
        state.witnessed.as_ref().is_some_and(|witnessed| witnessed.size == state.newest.size)
    };
    let witnessed_before = is_witnessed(&state.borrow());
    let news = state.wait_for(|state| state.newest.size > from || (!witnessed_before && is_witnessed(state)));
    let mut stopping = app.stopping.clone();
    // Nothing new within the time is an answer too: the checkpoint, with its newest cosignatures.
    tokio::select! {
        _ = news => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
        () = tokio::time::sleep(wait) => {}
    }
}
