//! Who of the platform's own people isn't allowed, told from what the tag book keeps: no number is sent again.

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use callboard_api::agent::{
    Reference,
    answer::{CheckAnswer, Decision},
    tag_book::{RefAnswer, RefPage, RefsAsked, Whom},
};
use callboard_client::csv_row;
use callboard_federation::encoding::{RecordId, to_json};
use callboard_service::media::LINES;

use super::{ApiError, App, Call, tag_book::whom_at};
use crate::{check::current::CurrentAnswer, store::Lookup};

/// People of one page, unless a request asks for fewer, and at most.
const PAGE: (u32, u32) = (1_000, 10_000);
const COLUMNS: [&str; 9] = ["ref", "person", "decision", "blocked", "state", "records", "toCome", "owed", "at"];

pub(super) async fn show(app: App, call: Call<Reference, Whom>) -> Result<RefPage, ApiError> {
    let people = whom_at(&app, call.part, call.query).await?;
    let accounts: Vec<Lookup> = people.iter().map(|person| app.book.account_lookup(person)).collect();
    let people = people_of(&app, &accounts, |_| true).await?;
    if people.is_empty() { Err(ApiError::NotFound) } else { Ok(RefPage { people, next: None }) }
}

pub(super) async fn list(
    State(app): State<App>,
    asked: Result<Query<RefsAsked>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(asked) = asked.map_err(|_| ApiError::Address("query".to_owned()))?;
    let of_word = |word: &str| Decision::ALL.into_iter().find(|decision| decision.as_str() == word.trim());
    let wanted: Option<Vec<Decision>> = match &asked.decision {
        Some(text) => text.split(',').map(of_word).collect(),
        None => Some(Decision::ALL.to_vec()),
    };
    let wanted = wanted.ok_or_else(|| ApiError::Address("decision".to_owned()))?;
    let format = asked.format.as_deref().unwrap_or("json");
    if !["json", "ndjson", "csv"].contains(&format) {
        return Err(ApiError::Address("format".to_owned()));
    }
    let after = asked.after.as_deref().map(place).transpose()?.unwrap_or_default();
    let limit = asked.limit.unwrap_or(PAGE.0).clamp(1, PAGE.1);
    let accounts =
        app.notifications.store().people(&after, wanted.contains(&Decision::Allow), app.clock.now(), limit).await?;
    let is_last = accounts.len() < limit as usize;
    let next = accounts.last().filter(|_| !is_last).map(|last| format!("{:032x}", u128::from_be_bytes(*last)));
    let people = people_of(&app, &accounts, |decision| wanted.contains(&decision)).await?;
    let link = next.as_ref().and_then(|next| {
        let decision = asked.decision.as_ref().map(|text| format!("&decision={text}")).unwrap_or_default();
        HeaderValue::from_str(&format!("</refs?after={next}&format={format}&limit={limit}{decision}>; rel=\"next\""))
            .ok()
    });
    let mut response = match format {
        "csv" => ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv(&people, true)).into_response(),
        "ndjson" => ([(header::CONTENT_TYPE, LINES)], lines(&people)).into_response(),
        _ => axum::Json(RefPage { people, next }).into_response(),
    };
    response.headers_mut().extend(link.map(|link| (header::LINK, link)));
    Ok(response)
}

async fn people_of(
    app: &App,
    accounts: &[Lookup],
    is_wanted: impl Fn(Decision) -> bool,
) -> Result<Vec<RefAnswer>, ApiError> {
    let mut current = app.current.of(accounts, u64::MAX).await??;
    let mut people = Vec::new();
    for account in accounts {
        let Some(current) = current.remove(account).filter(|current| is_wanted(current.answer.decision)) else {
            continue;
        };
        let owed = app.notifications.store().is_owed(account).await?;
        people.push(answer(current, owed));
    }
    Ok(people)
}

fn answer(current: CurrentAnswer, owed: bool) -> RefAnswer {
    let CheckAnswer {
        reference, person, decision, blocked, detail, todo, at, standing, reasons, to_come, as_of, ..
    } = current.answer;
    RefAnswer { reference, person, decision, blocked, detail, todo, at, standing, reasons, to_come, as_of, owed }
}

/// Where a page begins.
fn place(text: &str) -> Result<Lookup, ApiError> {
    let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u128::from_str_radix(text, 16).ok().filter(|_| is_hex);
    number.map(u128::to_be_bytes).ok_or_else(|| ApiError::Address("after".to_owned()))
}

/// People as NDJSON.
pub(crate) fn lines(people: &[RefAnswer]) -> Vec<u8> {
    people.iter().flat_map(|person| [to_json(person), b"\n".to_vec()].concat()).collect()
}

/// People as CSV (RFC 4180), with the names of the columns or without.
pub(crate) fn csv(people: &[RefAnswer], named: bool) -> String {
    fn records<'a>(records: impl Iterator<Item = &'a RecordId>) -> String {
        records.map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
    let mut text = if named { csv_row::row(COLUMNS) } else { String::new() };
    for person in people {
        let standing = person.standing.as_ref();
        let reasons = standing.into_iter().flat_map(|standing| &standing.reasons);
        text.push_str(&csv_row::row([
            person.reference.as_str(),
            person.person.as_ref().map_or("", Reference::as_str),
            person.decision.as_str(),
            person.blocked.map_or("", |blocked| blocked.as_str()),
            standing.map_or("", |standing| standing.state.as_str()),
            &records(reasons.map(|reason| &reason.record)),
            &records(person.to_come.iter().map(|to_come| &to_come.record)),
            if person.owed { "true" } else { "false" },
            &person.at.to_string(),
        ]));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_as_csv_is_text_whatever_a_ref_is_called() {
        let (at, [one, two]) =
            ("2026-11-25T08:00:00.000Z", ["ee", "ef"].map(|id| format!("019c167f-cc00-73bb-b093-53149ac499{id}")));
        let reason = |record: &str| json!({"record": record, "measure": "bar", "scopes": [], "phase": "in-force", "disputed": false, "soft": false});
        let row = json!({"ref": "=1+1", "person": "a,\"b\"", "decision": "refuse", "owed": true, "at": at,
            "todo": {"zh": "", "en": ""}, "standing": {"state": "barred", "action": "refuse", "tags": [], "size": 8, "at": at,
                "reasons": [reason(&one), reason(&two)]}});
        let text = csv(&[serde_json::from_value(row).unwrap()], true);
        let columns = "ref,person,decision,blocked,state,records,toCome,owed,at\r\n";
        assert_eq!(text, format!("{columns}'=1+1,\"a,\"\"b\"\"\",refuse,,barred,{one} {two},,true,{at}\r\n"));
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
