//! What is odd, each confirmed by itself; then tags are derived.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_desk::import::{
    Import,
    look::{Read, ReadRows},
    oddity::Oddity,
};
use callboard_federation::zh_en;

use crate::{
    App,
    form::Form,
    page::{Frame, page},
};

use super::{Done, InForce, step, store};

/// How many oddities are confirmed at once; those behind them come next.
const AT_ONCE: usize = 150;

#[derive(Template)]
#[template(path = "import_check.html")]
struct CheckPage {
    f: Frame,
    name: String,
    error: Option<String>,
    count: usize,
    ticks: Vec<OddityTick>,
    more: usize,
    confirmed: usize,
    unread: Vec<String>,
    left_out: Vec<u32>,
}

/// Something odd, by the name of its tick.
pub(super) struct OddityTick {
    pub(super) name: String,
    pub(super) label: String,
}

impl OddityTick {
    pub(super) fn of(f: &Frame, oddity: &Oddity) -> Self {
        Self { name: format!("seen-{}", oddity.mark), label: f.pick(&oddity.words.zh, &oddity.words.en).to_owned() }
    }

    /// Remembers what a form confirms.
    pub(super) fn take<'o>(form: &Form, oddities: impl IntoIterator<Item = &'o Oddity>, import: &mut Import) {
        let confirmed = oddities.into_iter().filter(|oddity| form.has(&format!("seen-{}", oddity.mark)));
        import.seen.extend(confirmed.map(|oddity| oddity.mark.clone()));
    }
}

pub(super) fn show(app: &App, import: &Import, read: &ReadRows, status: StatusCode, error: Option<String>) -> Response {
    let f = Frame::of(app);
    let unseen = read.unseen(import);
    let ticks: Vec<OddityTick> = unseen.iter().take(AT_ONCE).map(|oddity| OddityTick::of(&f, oddity)).collect();
    let check = CheckPage {
        name: import.name.clone(),
        error,
        count: read.rows.len(),
        more: unseen.len() - ticks.len(),
        confirmed: read.oddities.len() - unseen.len(),
        ticks,
        unread: read.unread.iter().map(|words| f.pick(&words.zh, &words.en).to_owned()).collect(),
        left_out: import.arrangement.left_out.iter().copied().collect(),
        f,
    };
    page(status, &check)
}

/// Remembers what is confirmed; once all is, begins to derive.
pub(super) async fn derive(State(app): State<Arc<App>>, form: Form) -> Response {
    step(&app, &form, async |seat, mut import| {
        let rules = InForce::of(seat, &import).await?;
        let before = import.clone();
        let look = rules.look(seat, &before)?;
        let Read::Rows(read) = &look.read else { return Ok(Done::next()) };
        OddityTick::take(&form, &read.oddities, &mut import);
        store(&app, seat).keep(&import)?;
        if !read.unseen(&import).is_empty() {
            let error = zh_en!("请逐项确认", "confirm each point");
            return Ok(Done::Lacks(show(&app, &import, read, StatusCode::UNPROCESSABLE_ENTITY, Some(error))));
        }
        app.derive(seat.clone(), import);
        Ok(Done::next())
    })
    .await
}
