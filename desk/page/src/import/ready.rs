//! What was drafted: how many of what, what stands already for its people; then it goes to the seats.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::visible::indented;
use callboard_desk::{
    Error,
    bundle::to_sign,
    drafts::part::{deadline_text, title},
    import::{
        Drafted, Import, RowsAre,
        drafting::{published, why_too_old},
    },
};
use callboard_federation::zh_en;

use crate::{
    App,
    cases::choice::{self, Choice, People},
    form::Form,
    page::{Frame, page},
    session::{Seat, drafts},
};

use super::{Done, check::OddityTick, step, store};

#[derive(Template)]
#[template(path = "import_ready.html")]
struct ReadyPage {
    f: Frame,
    error: Option<String>,
    title: String,
    headline: String,
    asked: String,
    days: String,
    ticks: Vec<OddityTick>,
    publication: Option<(String, String)>,
    has_number: bool,
    left_out: Vec<u32>,
    /// Why it can't be sent.
    too_old: Option<String>,
    is_import: bool,
    /// In which case it is decided.
    choice: Option<Choice>,
}

pub(super) async fn show(
    app: &App,
    seat: &Seat,
    import: &Import,
    status: StatusCode,
    wrong: Option<(String, &Form)>,
) -> Result<Response, Error> {
    let Some(drafted) = &import.drafted else { return Ok(crate::page::go_to(super::IMPORT)) };
    Ok(page(status, &ready(app, seat, import, drafted, wrong).await?))
}

async fn ready(
    app: &App,
    seat: &Seat,
    import: &Import,
    drafted: &Drafted,
    wrong: Option<(String, &Form)>,
) -> Result<ReadyPage, Error> {
    drafts!(seat, drafts);
    let bundle = drafted.bundle(&seat.key)?;
    let (error, typed) = wrong.map_or((None, Form::default()), |(why, form)| (Some(why), form.clone()));
    let f = Frame::of(app);
    let docket = bundle.docket();
    let oddities = drafted.oddities();
    let unseen = oddities.iter().filter(|oddity| !import.seen.contains(&oddity.mark));
    Ok(ReadyPage {
        error,
        title: title(docket),
        headline: f.pick(&drafted.headline.zh, &drafted.headline.en).to_owned(),
        asked: to_sign(&bundle.asked(drafts.roster())),
        days: deadline_text(docket, seat.now(), app.watch.calendar().as_ref()),
        ticks: unseen.map(|oddity| OddityTick::of(&f, oddity)).collect(),
        publication: published(&bundle)?.map(|public| (indented(&public.zh), indented(&public.en))),
        has_number: !import.heading.number.is_empty(),
        is_import: import.heading.rows == RowsAre::Imports,
        left_out: import.arrangement.left_out.iter().copied().collect(),
        too_old: why_too_old(&bundle, &drafts, seat.now()),
        choice: match import.heading.rows {
            RowsAre::Imports => None,
            _ => Choice::of(app, &bundle, &typed),
        },
        f,
    })
}

/// Sends it, once each that is listed is confirmed; then it is a draft like any other.
pub(super) async fn send(State(app): State<Arc<App>>, form: Form) -> Response {
    step(&app, &form, async |seat, mut import| {
        let Some(drafted) = import.drafted.clone() else { return Ok(Done::next()) };
        let oddities = drafted.oddities();
        OddityTick::take(&form, &oddities, &mut import);
        let store = store(&app, seat);
        store.keep(&import)?;
        if oddities.iter().any(|oddity| !import.seen.contains(&oddity.mark)) {
            let error = zh_en!("请逐项确认", "confirm each point");
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(Done::Lacks(show(&app, seat, &import, status, Some((error, &form))).await?));
        }
        drafts!(seat, drafts);
        let bundle = drafted.bundle(&seat.key)?;
        if why_too_old(&bundle, &drafts, seat.now()).is_some() {
            return Ok(Done::next());
        }
        let gone = match import.heading.rows {
            RowsAre::Imports => Ok(choice::to_be_signed(seat, &bundle).await?),
            _ => choice::send(&app, seat, &bundle, People::Each, &form).await?,
        };
        match gone {
            Ok(gone) => {
                store.discard()?;
                Ok(Done::At(gone.url()))
            }
            Err(why) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                Ok(Done::Lacks(show(&app, seat, &import, status, Some((why, &form))).await?))
            }
        }
    })
    .await
}
