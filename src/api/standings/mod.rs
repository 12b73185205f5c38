//! `POST /v1/standings`: the exact lookup, for those who accept that the registry sees a tag.

use axum::{Json, extract::State};
use callboard_federation::{
    encoding::{RecordId, Time, from_json},
    standing::{Standing, links_of},
    statement::EpochTag,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    App,
    authority::Signed,
    problem::{ApiError, Malformed},
};

/// The most tags of one question.
const MAX_TAGS: usize = 1_000;

/// Whose standings, and when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StandingsQuestion)]
struct Question {
    /// Each person by its tags, one at least; up to 1,000 tags in all.
    #[schema(min_items = 1, max_items = 1000)]
    persons: Vec<Vec<EpochTag>>,
    /// The instant that is asked about; without it now.
    at: Option<Time>,
}

/// The standings, by the log as it is published.
#[derive(Serialize, ToSchema)]
#[schema(as = Standings, example = json!({
    "standings": [{"state": "suspended", "action": "refuse", "tags": [{"epoch": 1, "tag": "242a1f620796338f432fead2fb63a38c6477d91f2bba1f803101306ad0083df6"}],
        "reasons": [{"record": "019c167f-cc00-7568-8a65-6cc0703e460a", "measure": "suspension", "scopes": ["live"],
            "phase": "in-force", "until": "2027-02-01T00:00:00.000Z", "disputed": false, "soft": false}],
        "size": 8, "at": "2026-06-01T00:00:00.000Z"}],
    "links": [[]],
    "checkpoint": "callboard.example\n8\n…",
}))]
pub struct Answer {
    /// One a person, in the order of the question.
    standings: Vec<Standing>,
    /// The links that joined each one's tags, in the same order: whoever asks can have them proven.
    links: Vec<Vec<RecordId>>,
    /// The newest checkpoint: the size that the standings speak for.
    checkpoint: String,
}

/// Tells what holds for persons, each by one or more tags
///
/// For those who accept that the registry sees a tag; an agent answers the same from its own replica, and nobody sees it.
/// Tags go in the body, never in an address. At most 1,000 tags.
#[utoipa::path(
    post,
    path = "/v1/standings",
    operation_id = "ask_standings",
    extensions(("x-problems" = json!("standing-unknown"))),
    tag = "records",
    security(("signatureInput" = [], "signature" = [])),
    request_body(content = Question, description = "Whose standings, and when",
        example = json!({"persons": [[{"epoch": 1, "tag": "242a1f620796338f432fead2fb63a38c6477d91f2bba1f803101306ad0083df6"}]]})),
    responses(
        (status = 200, description = "The standings", body = Answer),
    )
)]
pub async fn ask(
    State(app): State<App>,
    signed: Signed,
) -> Result<([(&'static str, &'static str); 1], Json<Answer>), ApiError> {
    let Question { persons, at } = from_json(&signed.body)?;
    let tags: usize = persons.iter().map(Vec::len).sum();
    if persons.iter().any(Vec::is_empty) || !(1..=MAX_TAGS).contains(&tags) {
        return Err(ApiError::Malformed(Malformed::Tags));
    }
    let at = at.unwrap_or_else(|| app.clock.now());
    let board = app.ledger.board();
    let replay = app.ledger.replay();
    let standings: Result<Vec<Standing>, _> =
        persons.iter().map(|tags| replay.standing(tags, board.newest.size, at)).collect();
    let links = persons
        .iter()
        .map(|tags| links_of(replay.records(), tags, board.newest.size, at).into_iter().map(|link| link.id).collect());
    let answer = Answer { standings: standings?, links: links.collect(), checkpoint: board.newest.note.to_string() };
    Ok(([("cache-control", "no-store")], Json(answer)))
}
