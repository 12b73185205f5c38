//! Rows with something wrong, each cell of them to be typed anew; and rows that are left out.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_desk::{
    import::{
        Import, Step,
        look::{Look, Read},
        mending::{Field, Mending, correct, mending},
    },
    sheet::{Column, Finding},
};
use callboard_federation::policy::Words;

use crate::{
    App,
    form::Form,
    page::{Frame, page},
};

use super::{Done, InForce, step, store};

/// A text of more characters, or of several lines, has room for them.
const LONG: usize = 40;

#[derive(Template)]
#[template(path = "import_rows.html")]
struct RowsPage {
    f: Frame,
    name: String,
    /// Everything in short.
    summary: Vec<String>,
    rows: Vec<RowForm>,
    more: usize,
    left_out: Vec<u32>,
}

struct RowForm {
    number: u32,
    faults: Vec<String>,
    cells: Vec<CellForm>,
}

struct CellForm {
    field: String,
    title: String,
    text: String,
    is_long: bool,
    /// It says whether a doubtful identity was compared with the document.
    is_comparison: bool,
    other: Option<String>,
    fault: Option<String>,
}

pub(super) fn show(app: &App, import: &Import, look: &Look<'_>, faults: &[Finding], status: StatusCode) -> Response {
    let Mending { summary, rows, more } = mending(look, &import.arrangement, faults);
    let f = Frame::of(app);
    let text = |words: &Words| f.pick(&words.zh, &words.en).to_owned();
    let cell = |number: u32, field: Field| CellForm {
        field: field_of(number, field.column),
        title: text(&field.title),
        is_comparison: field.column == Column::Confirmed,
        is_long: field.column == Column::Reasons || field.text.contains('\n') || field.text.chars().count() > LONG,
        fault: (!field.faults.is_empty())
            .then(|| field.faults.iter().map(text).collect::<Vec<_>>().join(f.pick("；", "; "))),
        text: field.text,
        other: field.other,
    };
    let rows = rows.into_iter().map(|row| RowForm {
        number: row.number,
        faults: row.faults.iter().map(text).collect(),
        cells: row.fields.into_iter().map(|field| cell(row.number, field)).collect(),
    });
    let rows = rows.collect();
    let summary = text(&summary).lines().map(str::to_owned).collect();
    let left_out = import.arrangement.left_out.iter().copied().collect();
    page(status, &RowsPage { name: import.name.clone(), summary, rows, more, left_out, f })
}

pub(super) async fn take(State(app): State<Arc<App>>, form: Form) -> Response {
    step(&app, &form, async |seat, mut import| {
        let rules = InForce::of(seat, &import).await?;
        let mut arrangement = import.arrangement.clone();
        {
            let look = rules.look(seat, &import)?;
            let Read::Faults(faults) = &look.read else { return Ok(Done::next()) };
            let Mending { rows, .. } = mending(&look, &import.arrangement, faults);
            let typed = |row, column| {
                let field = field_of(row, column);
                form.has(&field).then(|| form.get(&field).to_owned())
            };
            correct(&look.grid, &rows, typed, &mut arrangement);
            let left_out = rows.iter().map(|row| row.number).filter(|row| form.has(&format!("leave-{row}")));
            arrangement.left_out.extend(left_out);
        }
        import.arrangement = arrangement;
        store(&app, seat).keep(&import)?;
        let look = rules.look(seat, &import)?;
        match &look.read {
            Read::Faults(faults) => {
                Ok(Done::Lacks(show(&app, &import, &look, faults, StatusCode::UNPROCESSABLE_ENTITY)))
            }
            Read::Rows(_) => Ok(Done::next()),
        }
    })
    .await
}

/// Takes a row in again that was left out.
pub(super) async fn take_in(State(app): State<Arc<App>>, form: Form) -> Response {
    step(&app, &form, async |seat, mut import| {
        if let Ok(row) = form.get("row").parse::<u32>() {
            import.arrangement.left_out.remove(&row);
            import.go_back_to(Step::Rows);
            store(&app, seat).keep(&import)?;
        }
        Ok(Done::next())
    })
    .await
}

fn field_of(row: u32, column: Column) -> String {
    format!("cell-{row}-{}", column.word())
}
