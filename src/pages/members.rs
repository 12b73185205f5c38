//! `/members`: who is bound by the rules, since when, and how each keeps up with what was decided.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_api::registry::propagation::{Fulfilment, MemberCompliance};
use callboard_federation::{encoding::Time, replay::Replay};

use super::{PagesState, frame::Frame, language::Language, page, unavailable_page};

#[derive(Template)]
#[template(path = "members.html")]
struct MembersPage {
    f: Frame,
    t: Language,
    rows: Vec<Row>,
}

struct Row {
    member: MemberCompliance,
    /// Since when it is bound without a break, as far as the log tells.
    since: Option<Time>,
}

pub(super) async fn show(State(PagesState { delivery, ledger, .. }): State<PagesState>, f: Frame) -> Response {
    match delivery.compliance().await {
        Ok(members) => {
            let replay = ledger.replay();
            let row = |member: MemberCompliance| Row { since: bound_since(&replay, &member.member), member };
            let rows = members.into_iter().map(row).collect();
            drop(replay);
            page(StatusCode::OK, &MembersPage { t: f.t, f, rows })
        }
        Err(error) => unavailable_page(&error, f),
    }
}

/// The first of the lists that name it without a break up to the one in force.
fn bound_since(replay: &Replay, member: &str) -> Option<Time> {
    let lists = replay.history().members.iter().rev();
    let naming = lists.take_while(|(_, list)| list.members.iter().any(|one| one.member.as_str() == member));
    naming.last().map(|(at, _)| *at)
}

impl MembersPage {
    const COLUMNS: [Fulfilment; 5] =
        [Fulfilment::InEffect, Fulfilment::Partly, Fulfilment::Declined, Fulfilment::Awaited, Fulfilment::Overdue];

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template hands on references")]
    fn count(row: &Row, acted: &Fulfilment) -> u64 {
        row.member.counts.get(acted).copied().unwrap_or(0)
    }
}
