//! `/propagation`: how members stand with the last dockets, and the dockets themselves.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_api::registry::propagation::{Fulfilment, MemberCompliance};
use callboard_federation::encoding::Hash;

use super::{PagesState, frame::Frame, language::Language, page, unavailable_page};
use crate::{ledger::LedgerError, store::DocketItems};

/// How many dockets are listed, the newest first.
const LISTED: u64 = 50;

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    f: Frame,
    t: Language,
    members: Vec<MemberCompliance>,
    dockets: Vec<std::sync::Arc<DocketItems>>,
}

impl BoardPage {
    const COLUMNS: [Fulfilment; 5] =
        [Fulfilment::InEffect, Fulfilment::Partly, Fulfilment::Declined, Fulfilment::Awaited, Fulfilment::Overdue];

    fn progress(&self, docket: &Hash) -> String {
        self.f.link(&format!("/propagation/{docket}"))
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template hands on references")]
    fn count(member: &MemberCompliance, acted: &Fulfilment) -> u64 {
        member.counts.get(acted).copied().unwrap_or(0)
    }
}

pub(super) async fn show(State(PagesState { delivery, .. }): State<PagesState>, f: Frame) -> Response {
    let shown = async {
        let mut dockets = delivery.last_dockets(LISTED).await?;
        dockets.reverse();
        Ok::<_, LedgerError>((delivery.compliance().await?, dockets))
    };
    match shown.await {
        Ok((members, dockets)) => page(StatusCode::OK, &BoardPage { t: f.t, f, members, dockets }),
        Err(error) => unavailable_page(&error, f),
    }
}
