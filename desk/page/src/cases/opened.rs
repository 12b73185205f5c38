//! A case that was opened for a page: read anew, with all that its forms are made of.

use std::sync::Arc;

use callboard_client::visible::Visible;
use callboard_desk::{
    Error,
    cases::{Cases, overview::Overview, timeline::Told, waiting::Waits},
};
use callboard_federation::{
    encoding::{CaseId, Time},
    roster::Roster,
};
use callboard_rules::case::law::Seat as CaseSeat;

use super::{
    cases,
    form::Forms,
    kept::{Proposed, ReadCase},
    known::{self, Parts},
};
use crate::{App, form::Form, session::Seat};

/// A case that was opened for a page.
pub(super) struct OpenedCase {
    pub(super) read: Arc<ReadCase>,
    pub(super) seat: CaseSeat,
    pub(super) roster: Roster,
    members: Vec<(String, String)>,
    pub(super) proposals: Vec<Arc<Proposed>>,
    pub(super) waits: Vec<Waits>,
    pub(super) overview: Overview,
    pub(super) policy: String,
    pub(super) told: Vec<Told>,
    pub(super) now: Time,
}

impl OpenedCase {
    pub(super) fn forms<'a>(&'a self, typed: &'a Form) -> Forms<'a> {
        Forms {
            read: &self.read,
            seat: &self.seat,
            roster: &self.roster,
            members: &self.members,
            proposals: &self.proposals,
            now: self.now,
            typed,
        }
    }
}

/// Opens a case; where the copy of the log lacks what it rests on, the copy is brought up to date first.
pub(super) async fn open(app: &App, seat: &Seat, id: CaseId, wanted: Parts) -> Result<OpenedCase, Error> {
    let opened = if seat.log.is_some() {
        opened(app, seat, id, wanted).await
    } else {
        Err(callboard_desk::cases::docket::no_log())
    };
    match opened {
        Err(error) if ["case-log-behind", "case-no-log"].contains(&error.code().as_str()) => {
            opened_anew(app, seat, id, wanted).await
        }
        done => done,
    }
}

async fn opened_anew(app: &App, seat: &Seat, id: CaseId, wanted: Parts) -> Result<OpenedCase, Error> {
    let seat = app.with_newest_log(seat).await;
    opened(app, &seat, id, wanted).await
}

async fn opened(app: &App, seat: &Seat, id: CaseId, wanted: Parts) -> Result<OpenedCase, Error> {
    cases!(app, seat, cases, registry);
    let read = known::read_parts(app, &cases, id, wanted).await?;
    known::look_at_drafts(app, seat, &registry).await?;
    let members = registry.members().await?;
    let members = members.iter().flat_map(|list| &list.members);
    let members = members.map(|member| (member.member.to_string(), Visible(&member.name).to_string())).collect();
    of_cases(app, &cases, read, members)
}

fn of_cases(
    app: &App,
    cases: &Cases<'_>,
    read: Arc<ReadCase>,
    members: Vec<(String, String)>,
) -> Result<OpenedCase, Error> {
    let file = &read.file;
    Ok(OpenedCase {
        seat: cases.seat().clone(),
        roster: cases.roster().clone(),
        members,
        proposals: app.proposals_in(read.id()),
        waits: cases.waits(file)?,
        overview: cases.overview(file)?,
        policy: cases.policy_title(file)?,
        told: cases.told(file, &read.parts)?,
        now: cases.now(),
        read,
    })
}
