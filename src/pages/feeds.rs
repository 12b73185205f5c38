//! `/notices.atom` and `/notices.rss`: the newest notices, for whoever follows them by a reader. In the language that the
//! address or the reader asks for, as the pages are.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use callboard_federation::encoding::Time;
use callboard_service::operation::respond_with_etag;

use super::{PagesState, frame::Frame, language::Language, unavailable_page};
use crate::ledger::{LedgerError, notices::ListedNotice};

/// How many notices a feed has: those of some months.
const ROWS: u64 = 50;
const ATOM: &str = "application/atom+xml; charset=utf-8";
const RSS: &str = "application/rss+xml; charset=utf-8";
/// Readers ask often: an hour is soon enough for most, and the tag costs them nothing.
const CACHE: &str = "public, max-age=300";

#[derive(Template)]
#[template(path = "notices.atom.xml")]
struct Atom {
    t: Language,
    of: Feed,
}

#[derive(Template)]
#[template(path = "notices.rss.xml")]
struct Rss {
    t: Language,
    of: Feed,
}

struct Feed {
    name: &'static str,
    author: String,
    /// The registry's address.
    url: String,
    updated: Time,
    entries: Vec<Entry>,
}

struct Entry {
    url: String,
    title: String,
    at: Time,
    text: String,
}

pub(super) async fn atom(State(state): State<PagesState>, headers: HeaderMap, f: Frame) -> Response {
    match feed(&state, &f).await {
        Ok(of) => answer(&headers, ATOM, &Atom { t: f.t, of }),
        Err(error) => unavailable_page(&error, f),
    }
}

pub(super) async fn rss(State(state): State<PagesState>, headers: HeaderMap, f: Frame) -> Response {
    match feed(&state, &f).await {
        Ok(of) => answer(&headers, RSS, &Rss { t: f.t, of }),
        Err(error) => unavailable_page(&error, f),
    }
}

fn answer(headers: &HeaderMap, media: &'static str, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => {
            let known = headers.get(header::IF_NONE_MATCH);
            let mut response = respond_with_etag(known, media, CACHE, text.into_bytes());
            response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-language"));
            response
        }
        Err(error) => {
            tracing::error!(%error, "a feed can't be written");
            axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn feed(PagesState { ledger, config, .. }: &PagesState, f: &Frame) -> Result<Feed, LedgerError> {
    let notices = ledger.notices(0, u64::MAX, ROWS).await?;
    let began = ledger.replay().history().logged_at.first().copied();
    let updated = notices.first().map(|newest| newest.logged_at).or(began).unwrap_or(Time::from_millis(0));
    let url = |path: &str| config.registry.public_url.at(path);
    let entry = |notice: ListedNotice| {
        let text = f.t.of_both(&notice.publication.zh, &notice.publication.en);
        Entry {
            url: url(&format!("/notices/{}", notice.docket)),
            title: title(f.t, &notice),
            at: notice.logged_at,
            text: readable(text),
        }
    };
    let author = f.association.as_ref().map_or_else(|| f.issuer.clone(), |name| f.words(name).to_owned());
    Ok(Feed {
        name: f.name(),
        author: readable(&author),
        url: url(""),
        updated,
        entries: notices.into_iter().map(entry).collect(),
    })
}

fn title(t: Language, notice: &ListedNotice) -> String {
    let (day, records) = (t.day(&notice.logged_at), notice.records);
    match t {
        Language::Chinese => format!("公告（{day}，共{records}项）"),
        Language::English => format!("Notice of {day} ({records} in all)"),
    }
}

/// A text without the characters that XML 1.0 can't carry.
fn readable(text: &str) -> String {
    let fits = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(fits).collect()
}

impl Rss {
    /// A time as RSS writes it (RFC 822, with four digits of the year).
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template hands on references")]
    fn date(at: &Time) -> String {
        at.timestamp().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_carry_is_left_out_and_a_time_is_as_rss_writes_it() {
        assert_eq!(readable("公告\u{0}\u{1b}[1m\n第1项\u{fffe}"), "公告[1m\n第1项");
        assert_eq!(Rss::date(&"2026-12-01T00:00:01.500Z".parse().unwrap()), "Tue, 01 Dec 2026 00:00:01 +0000");
    }
}
