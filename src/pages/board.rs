//! `/propagation`: how members stand with the last dockets, and the dockets themselves.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use callboard_api::registry::propagation::{Fulfilment, MemberCompliance};

use super::{
    PagesState,
    language::{Language, LanguageQuery},
    page, unavailable_page,
};
use crate::{ledger::LedgerError, store::DocketItems};

/// How many dockets are listed, the newest first.
const LISTED: u64 = 50;

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    t: Language,
    is_sandbox: bool,
    members: Vec<MemberCompliance>,
    dockets: Vec<std::sync::Arc<DocketItems>>,
}

impl BoardPage {
    const COLUMNS: [Fulfilment; 5] =
        [Fulfilment::InEffect, Fulfilment::Partly, Fulfilment::Declined, Fulfilment::Awaited, Fulfilment::Overdue];

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template hands on references")]
    fn count(member: &MemberCompliance, acted: &Fulfilment) -> u64 {
        member.counts.get(acted).copied().unwrap_or(0)
    }
}

pub(super) async fn show(
    State(PagesState { delivery, .. }): State<PagesState>,
    Query(asked): Query<LanguageQuery>,
    headers: HeaderMap,
) -> Response {
    let (t, is_sandbox) = (Language::of(&asked, &headers), delivery.is_sandbox());
    let shown = async {
        let mut dockets = delivery.last_dockets(LISTED).await?;
        dockets.reverse();
        Ok::<_, LedgerError>(BoardPage { t, is_sandbox, members: delivery.compliance().await?, dockets })
    };
    match shown.await {
        Ok(board) => page(StatusCode::OK, &board),
        Err(error) => unavailable_page(&error, t, is_sandbox),
    }
}
