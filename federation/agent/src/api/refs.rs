//! Who of the platform's own people isn't allowed, told from what the tag book keeps: no number is sent again.

use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use callboard_client::csv_row;
use callboard_federation::{
    encoding::Time,
    standing::{Standing, ToCome},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::{
    ApiError, App,
    tag_book::{Whom, whom_at},
};
use crate::{
    book::Reference,
    check::current::CurrentAnswer,
    check::decision::{BlockReason, CheckAnswer, Decision, ReasonText, Todo},
    error::AgentError,
    replica::View,
    store::Lookup,
};

/// People of one page, unless a request asks for fewer, and at most.
const PAGE: (u32, u32) = (1_000, 10_000);
const DECISIONS: [&str; 5] = ["allow", "notify", "review", "refuse", "blocked"];
const COLUMNS: [&str; 9] = ["ref", "person", "decision", "blocked", "state", "records", "toCome", "owed", "at"];

/// A person of the platform, and what a check would answer now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RefAnswer, example = json!({
    "ref": "host-1", "decision": "refuse", "at": "2026-11-25T08:00:00.000Z", "owed": false,
    "todo": {"zh": "不得为其提供此类服务。…", "en": "Give this person no such service. …"},
    "standing": {"state": "suspended", "action": "refuse", "tags": [], "reasons": [], "size": 8, "at": "2026-11-25T08:00:00.000Z"},
}))]
pub(super) struct Listed {
    /// What the platform calls the account.
    #[serde(rename = "ref")]
    reference: Reference,
    /// Who of those at it, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<Reference>,
    /// `allow`, `notify`, `review`, `refuse`, or `blocked`.
    decision: Decision,
    /// Why nothing is decided, if nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<BlockReason>,
    /// What exactly is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// What to do.
    todo: Todo,
    /// When.
    at: Time,
    /// What holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<Standing>,
    /// What it rests on, in words; details open in a check, where the identity is at hand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<ReasonText>,
    /// What is logged and not yet in effect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    to_come: Vec<ToCome>,
    /// How far the log is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<View>,
    /// Whether the hook hasn't taken this yet.
    owed: bool,
}

enum ListedLines {}

impl PartialSchema for ListedLines {
    fn schema() -> RefOr<Schema> {
        callboard_federation::openapi::lines(&Listed::name())
    }
}

impl ToSchema for ListedLines {}

impl Listed {
    fn of(current: CurrentAnswer, owed: bool) -> Self {
        let CheckAnswer {
            reference,
            person,
            decision,
            blocked,
            detail,
            todo,
            at,
            standing,
            reasons,
            to_come,
            as_of,
            ..
        } = current.answer;
        Self { reference, person, decision, blocked, detail, todo, at, standing, reasons, to_come, as_of, owed }
    }
}

/// People of the platform.
#[derive(Serialize, ToSchema)]
#[schema(as = RefPage, example = json!({"people": [{
    "ref": "host-1", "decision": "refuse", "at": "2026-11-25T08:00:00.000Z", "owed": false,
    "todo": {"zh": "不得为其提供此类服务。…", "en": "Give this person no such service. …"},
    "standing": {"state": "suspended", "action": "refuse", "tags": [], "reasons": [], "size": 8, "at": "2026-11-25T08:00:00.000Z"},
}], "next": "5f0c2a9e7b1d4c3f8a6e5d4c3b2a1908"}))]
pub(super) struct Page {
    /// Each with what a check would answer now.
    people: Vec<Listed>,
    /// Where the next page begins, if there is one: `after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Which people, and how they are written.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Of whom a check would decide so: some of `allow`, `notify`, `review`, `refuse`, `blocked`, separated by commas. Without
    /// it everyone.
    #[param(pattern = "^(allow|notify|review|refuse|blocked)(, *(allow|notify|review|refuse|blocked))*$")]
    decision: Option<String>,
    /// How they are written; without it `json`.
    #[param(pattern = "^(json|ndjson|csv)$", default = "json")]
    format: Option<String>,
    /// How many people are looked at for a page: 1,000; at least one and at most 10,000, whatever is asked. A page may be shorter, and is the last only without
    /// `next`.
    #[param(default = 1_000)]
    limit: Option<u32>,
    /// Where the page begins: `next` of the one before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    after: Option<String>,
}

/// Tells what a check would answer about those at an account, without their numbers
///
/// It is no check: nothing is logged, nothing of it can be proven, and details stay sealed.
#[utoipa::path(
    get,
    path = "/refs/{ref}",
    operation_id = "get_ref",
    extensions(("x-problems" = json!("malformed not-found not-ready unavailable"))),
    tag = "tag book",
    params(("ref" = Reference, Path, description = "What the platform calls the account"), Whom),
    responses(
        (status = 200, description = "Those at the account", body = Page),
    )
)]
pub(super) async fn get(
    State(app): State<App>,
    Path(text): Path<String>,
    whom: Result<Query<Whom>, QueryRejection>,
) -> Result<axum::Json<Page>, ApiError> {
    let people = whom_at(&app, text, whom).await?;
    let accounts: Vec<Lookup> = people.iter().map(|person| app.book.account_lookup(person)).collect();
    let people = people_of(&app, &accounts, |_| true).await?;
    if people.is_empty() {
        return Err(ApiError::NotFound);
    }
    Ok(axum::Json(Page { people, next: None }))
}

/// Lists the platform's people by what a check would decide about each, without their numbers
#[utoipa::path(
    get,
    path = "/refs",
    operation_id = "list_refs",
    extensions(("x-problems" = json!("malformed not-ready unavailable"))),
    tag = "tag book",
    params(Asked),
    responses(
        (status = 200, description = "A page of people: an object; or lines of JSON (each a `RefAnswer`), or CSV (RFC 4180)",
            headers(("link" = String, description = "Where the next page is, if there is one: `<…>; rel=\"next\"`")),
            content((Page = "application/json"), (inline(ListedLines) = "application/x-ndjson", example = json!("{\"ref\":\"host-1\",…}\n")),
                (String = "text/csv", example = json!("ref,person,decision,blocked,state,records,toCome,owed,at\r\n")))),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(asked) = asked.map_err(|_| ApiError::Address("query"))?;
    let wanted: Vec<&str> = match &asked.decision {
        Some(text) => text.split(',').map(str::trim).collect(),
        None => DECISIONS.to_vec(),
    };
    if !wanted.iter().all(|word| DECISIONS.contains(word)) {
        return Err(ApiError::Address("decision"));
    }
    let format = asked.format.as_deref().unwrap_or("json");
    if !["json", "ndjson", "csv"].contains(&format) {
        return Err(ApiError::Address("format"));
    }
    let after = asked.after.as_deref().map(place).transpose()?.unwrap_or_default();
    let limit = asked.limit.unwrap_or(PAGE.0).clamp(1, PAGE.1);
    let accounts = app
        .notifications
        .store()
        .people(&after, wanted.contains(&"allow"), app.clock.now(), limit)
        .await
        .map_err(AgentError::from)?;
    let is_last = accounts.len() < limit as usize;
    let next = accounts.last().filter(|_| !is_last).map(|last| format!("{:032x}", u128::from_be_bytes(*last)));
    let people = people_of(&app, &accounts, |decision| wanted.contains(&decision.as_str())).await?;
    let link = next.as_ref().and_then(|next| {
        let decision = asked.decision.as_ref().map(|text| format!("&decision={text}")).unwrap_or_default();
        HeaderValue::from_str(&format!("</refs?after={next}&format={format}&limit={limit}{decision}>; rel=\"next\""))
            .ok()
    });
    let mut response = match format {
        "json" => axum::Json(Page { people, next }).into_response(),
        format => {
            let rows: Vec<Value> = people.iter().filter_map(|listed| serde_json::to_value(listed).ok()).collect();
            let (media, text) = if format == "csv" {
                ("text/csv; charset=utf-8", csv(&rows, true))
            } else {
                ("application/x-ndjson", lines(&rows))
            };
            ([(header::CONTENT_TYPE, media)], text).into_response()
        }
    };
    response.headers_mut().extend(link.map(|link| (header::LINK, link)));
    Ok(response)
}

async fn people_of(
    app: &App,
    accounts: &[Lookup],
    is_wanted: impl Fn(Decision) -> bool,
) -> Result<Vec<Listed>, ApiError> {
    let mut current = app.current.of(accounts, u64::MAX).await.map_err(AgentError::from)??;
    let mut people = Vec::new();
    for account in accounts {
        let Some(current) = current.remove(account).filter(|current| is_wanted(current.answer.decision)) else {
            continue;
        };
        let owed = app.notifications.store().is_owed(account).await.map_err(AgentError::from)?;
        people.push(Listed::of(current, owed));
    }
    Ok(people)
}

/// Where a page begins.
fn place(text: &str) -> Result<Lookup, ApiError> {
    let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u128::from_str_radix(text, 16).ok().filter(|_| is_hex);
    number.map(u128::to_be_bytes).ok_or(ApiError::Address("after"))
}

/// People as NDJSON.
pub(crate) fn lines(rows: &[Value]) -> String {
    rows.iter().map(Value::to_string).flat_map(|row| [row, "\n".to_owned()]).collect()
}

/// People as CSV (RFC 4180), with the names of the columns or without.
pub(crate) fn csv(rows: &[Value], named: bool) -> String {
    let mut text = if named { csv_row::row(COLUMNS) } else { String::new() };
    for row in rows {
        let word = |value: &Value| value.as_str().map_or_else(String::new, str::to_owned);
        let records = |list: &Value| {
            let records = list.as_array().into_iter().flatten().filter_map(|one| one["record"].as_str());
            records.collect::<Vec<_>>().join(" ")
        };
        let cells = [
            word(&row["ref"]),
            word(&row["person"]),
            word(&row["decision"]),
            word(&row["blocked"]),
            word(&row["standing"]["state"]),
            records(&row["standing"]["reasons"]),
            records(&row["toCome"]),
            row["owed"].to_string(),
            word(&row["at"]),
        ];
        text.push_str(&csv_row::row(cells));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_as_csv_is_text_whatever_a_ref_is_called() {
        let row = json!({"ref": "=1+1", "person": "a,\"b\"", "decision": "refuse", "owed": true, "at": "t",
            "standing": {"state": "barred", "reasons": [{"record": "r1"}, {"record": "r2"}]}});
        let text = csv(&[row], true);
        let columns = "ref,person,decision,blocked,state,records,toCome,owed,at\r\n";
        assert_eq!(text, format!("{columns}'=1+1,\"a,\"\"b\"\"\",refuse,,barred,r1 r2,,true,t\r\n"));
    }

    #[test]
    fn a_place_is_what_next_says_and_nothing_else() {
        let next = format!("{:032x}", u128::from_be_bytes([7; 16]));
        assert_eq!(place(&next).ok(), Some([7; 16]));
        for text in ["", "0", "+0000000000000000000000000000000", &"g".repeat(32)] {
            assert!(place(text).is_err(), "{text}");
        }
    }
}
