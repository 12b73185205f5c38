//! `/`: what this registry is and whose, what it does and doesn't, how its log is watched, where to go.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_federation::{
    encoding::{Hash, Time},
    statement::Kind,
};
use callboard_rules::suppression::Published;

use super::{PagesState, frame::Frame, language::Language, page, unavailable_page};
use crate::ledger::{Ledger, LedgerError};

/// Of how long ago a witness's line counts as of now: it cosigns each minute.
const LATELY_SECONDS: u64 = 5 * 60;

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    f: Frame,
    t: Language,
    state: Watched,
    notices: u64,
}

/// The log as it stands, and who watches it.
struct Watched {
    genesis: Option<Hash>,
    size: u64,
    last_at: Option<Time>,
    members: usize,
    decisions: Published,
    reinstatements: Published,
    annulments: Published,
    quorum: u64,
    witnesses: usize,
    /// How many of them cosigned in the last minutes.
    awake: usize,
    witnessed: Option<u64>,
}

pub(super) async fn show(State(PagesState { ledger, clock, .. }): State<PagesState>, f: Frame) -> Response {
    let shown = async {
        let state = watched(&ledger, clock.now());
        let notices = ledger.store().notice_count(state.size).await?;
        Ok::<_, LedgerError>((state, notices))
    };
    match shown.await {
        Ok((state, notices)) => page(StatusCode::OK, &HomePage { t: f.t, f, state, notices }),
        Err(error) => unavailable_page(&error, f),
    }
}

fn watched(ledger: &Ledger, now: Time) -> Watched {
    let (replay, published) = (ledger.replay(), ledger.published());
    let size = published.newest.size;
    let count = |kind| replay.records().kinds().find(|(of, _)| *of == kind).map_or(0, |(_, count)| count);
    let last = size.checked_sub(1).and_then(|last| usize::try_from(last).ok());
    let witnesses = replay.roster().map(|roster| &roster.witnesses);
    let since = u64::try_from(now.as_seconds()).unwrap_or_default().saturating_sub(LATELY_SECONDS);
    let is_awake = |key: &&_| published.cosigned_at(key).is_some_and(|at| at >= since);
    Watched {
        genesis: replay.genesis(),
        size,
        last_at: last.and_then(|last| replay.history().logged_at.get(last)).copied(),
        members: replay.members().map_or(0, |members| members.document.value.members.len()),
        decisions: Published::alone(count(Kind::Ruling)),
        reinstatements: Published::alone(count(Kind::Reinstatement)),
        annulments: Published::alone(count(Kind::Annulment)),
        quorum: witnesses.map_or(0, |witnesses| witnesses.quorum),
        witnesses: witnesses.map_or(0, |witnesses| witnesses.keys.len()),
        awake: witnesses.map_or(0, |witnesses| witnesses.keys.iter().filter(is_awake).count()),
        witnessed: published.witnessed.as_ref().map(|witnessed| witnessed.size),
    }
}

impl HomePage {
    fn count(count: &Published) -> String {
        match count {
            Published::Shown(count) => count.to_string(),
            Published::UnderFive | Published::Withheld => "<5".to_owned(),
        }
    }
}
