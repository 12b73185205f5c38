//! The policies that are logged, in words, with the forms of what may follow them.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::visible::Visible;
use callboard_desk::{
    Error, civil_day,
    letter::{earlier_record::zone_of, term::day_text},
    policies::{self, calendar::YearInWords},
};
use callboard_federation::{document::Document, policy::Policy};

use crate::{
    App,
    form::Form,
    page::{Frame, failed, go_to, page},
    session::Seat,
};

#[derive(Template)]
#[template(path = "policies.html")]
struct PoliciesPage {
    f: Frame,
    policies: Vec<PolicyRow>,
    /// The instruments, each with the title of its newest version.
    instruments: Vec<(String, String)>,
    /// Those that come with the program and aren't logged.
    shipped: Vec<(String, String)>,
    year: i16,
    today: String,
    error: Option<String>,
    typed: Vec<(String, String)>,
}

/// A version of an instrument as people read it.
struct PolicyRow {
    title: String,
    name: String,
    from: String,
    years: Vec<YearInWords>,
    is_newest: bool,
}

impl PoliciesPage {
    fn is_open(&self, what: &str) -> bool {
        self.typed.iter().any(|(field, value)| field == "what" && value == what)
    }

    /// Whether an instrument is to have the calendar: all are, until somebody leaves one out.
    fn is_chosen(&self, instrument: &str) -> bool {
        !self.is_open("calendar")
            || self.typed.iter().any(|(field, value)| field == "instrument" && value == instrument)
    }

    /// What was typed into a field of a form that is shown again.
    fn typed(&self, what: &str, name: &str) -> &str {
        let of =
            |name: &str| self.typed.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str());
        if of("what") == what { of(name) } else { "" }
    }
}

pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    render(&app, &seat, StatusCode::OK, None).await
}

/// The page, with what was done wrong in a form of it.
pub(super) async fn render(app: &App, seat: &Seat, status: StatusCode, wrong: Option<(String, &Form)>) -> Response {
    match policies_page(app, seat, wrong).await {
        Ok(all) => page(status, &all),
        Err(error) => failed(app, &error, "/".to_owned()),
    }
}

async fn policies_page(app: &App, seat: &Seat, wrong: Option<(String, &Form)>) -> Result<PoliciesPage, Error> {
    let logged = logged(seat).await?;
    let today = civil_day::of(seat.now());
    let newest = newest(&logged);
    let is_newest = |policy: &Policy| newest.iter().any(|other| **other == *policy);
    let row = |document: &Document<Policy>| {
        let policy = &document.value;
        let from = zone_of(Some(policy)).to_datetime(policy.effective_from.timestamp()).date();
        PolicyRow {
            title: Visible(policy.title.spoken()).to_string(),
            name: Visible(&policy.version).to_string(),
            from: day_text(from, app.language()),
            years: policies::calendar::in_words(policy),
            is_newest: is_newest(policy),
        }
    };
    let (error, typed) = wrong.map_or((None, Vec::new()), |(why, form)| (Some(why), form.typed()));
    Ok(PoliciesPage {
        f: Frame::of(app),
        policies: logged.iter().map(row).collect(),
        instruments: newest.iter().map(|policy| (policy.instrument.clone(), titled(policy))).collect(),
        shipped: policies::not_logged(&logged)?,
        year: newest.iter().filter_map(|policy| policies::calendar::last_year(policy)).max().unwrap_or(today.year())
            + 1,
        today: today.to_string(),
        error,
        typed,
    })
}

/// Every policy that the registry has.
async fn logged(seat: &Seat) -> Result<Vec<Document<Policy>>, Error> {
    let caller = seat.caller()?;
    Ok(seat.registry(&caller).policies().await?)
}

/// The newest version of each instrument, the one that is in effect for the shortest time first.
fn newest(logged: &[Document<Policy>]) -> Vec<&Policy> {
    let mut newest: Vec<&Policy> = Vec::new();
    for Document { value, .. } in logged {
        match newest.iter_mut().find(|other| other.instrument == value.instrument) {
            Some(other) if other.effective_from < value.effective_from => *other = value,
            Some(_) => {}
            None => newest.push(value),
        }
    }
    newest.sort_by_key(|policy| std::cmp::Reverse(policy.effective_from));
    newest
}

fn titled(policy: &Policy) -> String {
    format!("{} · {}", Visible(policy.title.spoken()), Visible(&policy.version))
}
