//! The board: the reports that wait, the most urgent first; those that have ended, on a page of their own.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use callboard_api::registry::reports::KeptReport;
use callboard_client::runtime::os_rng;
use callboard_desk::{
    Error,
    letter::term::time_text,
    report_keys::{ReportKeyFault, ReportKeys},
    reports::{
        Reports,
        shown::{due_text, filer, is_overdue},
    },
};
use callboard_federation::report::ReportState;

use super::reports;
use crate::{
    App,
    page::{Frame, failed, page},
    people::secretary,
    session::Seat,
};

/// How many reports a page lists.
const LISTED: usize = 200;

#[derive(Template)]
#[template(path = "reports/board.html")]
struct BoardPage {
    f: Frame,
    has_ended: bool,
    /// A list each, with what it is of.
    lists: Vec<(String, Vec<Row>)>,
    is_cut: bool,
    /// What is wrong with the report keys that the registry shows.
    faults: Vec<(String, bool)>,
    /// Whether this seat has yet to publish one, or publishes another in the place of one that isn't its own.
    needs_key: bool,
}

/// A report in a list.
pub(crate) struct Row {
    pub(crate) url: String,
    pub(crate) code: String,
    pub(crate) kind: String,
    pub(crate) from: String,
    pub(crate) at: String,
    pub(crate) state: String,
    /// By when it is due, as long as it is open.
    pub(crate) due: Option<String>,
    pub(crate) is_overdue: bool,
}

impl Row {
    fn of(report: &KeptReport, reports: &Reports<'_>, seat: &Seat) -> Self {
        Self {
            url: format!("/reports/{}", report.id),
            code: report.code.to_string(),
            kind: report.kind.phrase().to_string(),
            from: filer(report, reports.roster(), reports.members()),
            at: time_text(report.received_at),
            state: report.state.phrase().to_string(),
            due: report.state.is_open().then(|| due_text(report)),
            is_overdue: is_overdue(report, seat.now()),
        }
    }
}

pub(super) async fn show(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    match board(&app, &seat, query.as_deref() == Some("ended")).await {
        Ok(board) => page(StatusCode::OK, &board),
        Err(error) => failed(&app, &error, "/".to_owned()),
    }
}

async fn board(app: &App, seat: &Seat, has_ended: bool) -> Result<BoardPage, Error> {
    reports!(seat, reports);
    let states: &[ReportState] = if has_ended {
        &[ReportState::Accepted, ReportState::Dismissed, ReportState::Merged]
    } else {
        &[ReportState::Received, ReportState::Asked]
    };
    let (mut lists, mut is_cut) = (Vec::new(), false);
    for state in states {
        let mut listed = reports.list(Some(*state), &mut os_rng()).await?;
        if has_ended {
            listed.sort_by_key(|report| std::cmp::Reverse(report.changed_at));
        }
        is_cut |= listed.len() > LISTED;
        let rows: Vec<Row> = listed.iter().take(LISTED).map(|report| Row::of(report, &reports, seat)).collect();
        lists.push((state.phrase().to_string(), rows));
    }
    let caller = seat.caller()?;
    let registry = seat.registry(&caller);
    let keys = ReportKeys::in_home(&seat.home, &seat.key);
    let found = keys.check(&registry, reports.roster(), &mut os_rng()).await?;
    let needs_key = found.iter().any(|fault| matches!(fault, ReportKeyFault::Missing | ReportKeyFault::NotOwn));
    let faults = found.iter().map(|fault| (fault.text(), fault.is_grave())).collect();
    Ok(BoardPage { f: Frame::of(app), has_ended, lists, is_cut, faults, needs_key })
}

/// Those that wait for somebody, the most urgent first, for the first page; and how many there are.
pub(crate) async fn waiting(seat: &Seat, most: usize) -> Result<(Vec<Row>, usize), Error> {
    reports!(seat, reports);
    let open = reports.open_ones(&mut os_rng()).await?;
    Ok((open.iter().take(most).map(|report| Row::of(report, &reports, seat)).collect(), open.len()))
}
