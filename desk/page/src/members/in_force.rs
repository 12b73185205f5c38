//! The list of members in force, and one of them with the forms of what may change.

use std::{slice, sync::Arc};

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callboard_client::{settings::of_member, visible::Visible};
use callboard_desk::{
    Error,
    key_card::CheckWords,
    letter::{earlier_record::zone_of, term::instant_text},
    member::roster::in_words,
    setup::POINTS_PER_DAY,
};
use callboard_federation::{
    encoding::PublicKey,
    members::{Grant, Member, Members},
    roster::Roster,
    zh_en,
};

use crate::{
    App,
    form::Form,
    page::{Frame, download, failed, go_to, not_found, page, told_at},
    session::Seat,
};

#[derive(Template)]
#[template(path = "members.html")]
struct MembersPage {
    f: Frame,
    version: u64,
    members: Vec<MemberRow>,
    per_day: u64,
    error: Option<String>,
    typed: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "member.html")]
struct MemberPage {
    f: Frame,
    member: MemberRow,
    /// How many witnesses must have cosigned now.
    quorum: u64,
    error: Option<String>,
    typed: Vec<(String, String)>,
}

/// A member as people read it.
struct MemberRow {
    id: String,
    name: String,
    contact: String,
    per_day: String,
    points: u64,
    grants: Vec<String>,
    /// Each key by its id, and in words.
    keys: Vec<(String, String)>,
    is_witness: bool,
}

impl MembersPage {
    fn typed(&self, name: &str) -> &str {
        typed(&self.typed, name)
    }
}

impl MemberPage {
    fn is_open(&self, what: &str) -> bool {
        typed(&self.typed, "what") == what
    }

    /// What was typed into a field of a form that is shown again, else what stands.
    fn typed<'a>(&'a self, what: &str, name: &str, stands: &'a str) -> &'a str {
        if self.is_open(what) { typed(&self.typed, name) } else { stands }
    }
}

fn typed<'a>(typed: &'a [(String, String)], name: &str) -> &'a str {
    typed.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
}

pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    render(&app, &seat, StatusCode::OK, None).await
}

pub(crate) async fn show_one(State(app): State<Arc<App>>, Path(member): Path<String>) -> Response {
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    render_one(&app, &seat, &member, StatusCode::OK, None).await
}

/// What a member's agent begins with, as the verb that drafts the member writes it: for a member that is in force.
pub(crate) async fn configuration(State(app): State<Arc<App>>, Path(member): Path<String>) -> Response {
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    match in_force(&seat).await {
        Ok((members, _)) => {
            let found = members.iter().flat_map(|members| &members.members);
            match found.map(|found| &found.member).find(|found| found.as_str() == member) {
                Some(member) => download("member.toml", of_member(&seat.pin, member)),
                None => not_found(State(app)).await,
            }
        }
        Err(error) => failed(&app, &error, format!("/members/{member}")),
    }
}

/// The page of all, with what was done wrong in a form of it.
pub(super) async fn render(app: &App, seat: &Seat, status: StatusCode, wrong: Option<(String, &Form)>) -> Response {
    let (members, roster) = match in_force(seat).await {
        Ok(in_force) => in_force,
        Err(error) => return failed(app, &error, "/".to_owned()),
    };
    let version = members.as_ref().map_or(0, |members| members.version);
    let rows = members.iter().flat_map(|members| &members.members).map(|member| row(app, member, &roster)).collect();
    let (error, typed) = wrong.map_or((None, Vec::new()), |(why, form)| (Some(why), form.typed()));
    let all = MembersPage { f: Frame::of(app), version, members: rows, per_day: POINTS_PER_DAY, error, typed };
    page(status, &all)
}

/// The page of one, with what was done wrong in a form of it.
pub(super) async fn render_one(
    app: &App,
    seat: &Seat,
    member: &str,
    status: StatusCode,
    wrong: Option<(String, &Form)>,
) -> Response {
    let (members, roster) = match in_force(seat).await {
        Ok(in_force) => in_force,
        Err(error) => return failed(app, &error, "/members".to_owned()),
    };
    let found = members.iter().flat_map(|members| &members.members).find(|other| other.member.as_str() == member);
    let Some(found) = found else {
        let none = zh_en!("没有这家会员单位", "there is no such member");
        return told_at(app, StatusCode::NOT_FOUND, none, "/members".to_owned());
    };
    let (error, typed) = wrong.map_or((None, Vec::new()), |(why, form)| (Some(why), form.typed()));
    let (member, quorum) = (row(app, found, &roster), roster.witnesses.quorum);
    page(status, &MemberPage { f: Frame::of(app), member, quorum, error, typed })
}

async fn in_force(seat: &Seat) -> Result<(Option<Members>, Roster), Error> {
    let caller = seat.caller()?;
    let registry = seat.registry(&caller);
    Ok((registry.members().await?, registry.roster().await?))
}

fn row(app: &App, member: &Member, roster: &Roster) -> MemberRow {
    let grant = |Grant { count, until }: &Grant| {
        let until = instant_text(*until, &zone_of(None), app.language());
        zh_en!("{count}人次，至{until}", "{count} points until {until}")
    };
    let points = member.quota.per_day;
    let key =
        |key: &PublicKey| (key.id().to_string(), CheckWords::of_keys([key.to_string().as_str()]).line(app.language()));
    MemberRow {
        id: member.member.to_string(),
        name: Visible(&member.name).to_string(),
        contact: member.contact.as_deref().map(|contact| Visible(contact).to_string()).unwrap_or_default(),
        per_day: zh_en!("每日{points}人次", "{points} a day"),
        points,
        grants: member.quota.grants.iter().map(grant).collect(),
        keys: member.keys.iter().map(key).collect(),
        is_witness: in_words::witnesses(roster, slice::from_ref(member)).any(|(_, of)| of.is_some()),
    }
}
