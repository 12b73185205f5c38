//! Which column is what, what holds for all rows, and what the docket bears.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::{table::findings::letters, visible::Visible};
use callboard_desk::{
    Error,
    import::{Import, RowsAre, look::Read, mending::of_file},
    measures::Policies,
    registry::PolicyName,
    sheet::{Column, FOR_ALL, FindingKind, Findings, Grid},
};
use callboard_federation::{
    identity::IdentityKind,
    policy::{Policy, Words},
    statement::MeasureKind,
    zh_en,
};

use crate::{
    App,
    form::Form,
    page::{Frame, page},
    session::Seat,
};

use super::{Done, InForce, header, step, store};

/// How many columns are asked about: more than any committee's file has. What stands beyond isn't read.
const ASKED: usize = 40;
/// How much of a cell is shown, in characters.
const SAMPLE: usize = 30;

#[derive(Template)]
#[template(path = "import_columns.html")]
struct ColumnsPage {
    f: Frame,
    name: String,
    count: usize,
    faults: Vec<String>,
    columns: Vec<ColumnRow>,
    for_all: Vec<ForAll>,
    policies: Vec<Choice>,
    violations: Vec<(String, String)>,
    number: String,
    /// What the rows decide.
    rows: Vec<Choice>,
    is_published: bool,
}

/// A column of the file, and what it may be.
struct ColumnRow {
    field: String,
    letters: String,
    title: String,
    sample: String,
    choices: Vec<Choice>,
}

struct Choice {
    word: String,
    text: String,
    is_chosen: bool,
}

/// What may be said for all rows.
struct ForAll {
    field: String,
    title: String,
    hint: String,
    text: String,
    /// What it may be; none: it is typed.
    choices: Vec<Choice>,
}

pub(super) async fn show(
    app: &App,
    seat: &Seat,
    import: &Import,
    status: StatusCode,
    faults: Vec<String>,
) -> Result<Response, Error> {
    let grid = match Grid::open(&import.file.0, &import.arrangement) {
        Err(Error::Sheet(Findings(found))) if found.iter().any(|fault| fault.wrong == FindingKind::NoHeader) => {
            return header::show(app, import, status);
        }
        grid => grid?,
    };
    let policies = {
        let caller = seat.caller()?;
        seat.registry(&caller).policies_in_force(seat.now(), &mut Policies::new()).await?
    };
    let takes_over = policies.iter().any(|policy| policy.takes_over(seat.now()));
    Ok(page(status, &ColumnsPage::of(app, import, &grid, (&policies, takes_over), faults)))
}

/// What the rows may be; only where a policy takes anything over, decisions from before the registry.
fn rows(f: &Frame, chosen: RowsAre, takes_over: bool) -> Vec<Choice> {
    let choice = |rows: RowsAre| Choice {
        word: rows.word().to_owned(),
        text: match rows {
            RowsAre::Rulings => f.pick("决定", "rulings"),
            RowsAre::Interims => f.pick("临时措施", "interim measures"),
            RowsAre::Imports => f.pick("登记册启用之前作出的决定", "decisions from before there was a registry"),
        }
        .to_owned(),
        is_chosen: rows == chosen,
    };
    RowsAre::ALL.into_iter().filter(|rows| takes_over || *rows != RowsAre::Imports).map(choice).collect()
}

pub(super) async fn take(State(app): State<Arc<App>>, form: Form) -> Response {
    step(&app, &form, async |seat, mut import| {
        said(&mut import, &form)?;
        let store = store(&app, seat);
        // Whatever is wrong with it, nothing that was said is lost.
        store.keep(&import)?;
        let lacks = async |import: &Import, faults| {
            Ok(Done::Lacks(show(&app, seat, import, StatusCode::UNPROCESSABLE_ENTITY, faults).await?))
        };
        if let Err(error) = import.policy() {
            return lacks(&import, vec![error.to_string()]).await;
        }
        let rules = InForce::of(seat, &import).await?;
        let faults = {
            let look = rules.look(seat, &import)?;
            match &look.read {
                Read::Faults(faults) => of_file(&look.grid, faults),
                Read::Rows(_) => Vec::new(),
            }
        };
        if import.heading.rows == RowsAre::Imports && !rules.policy.takes_over(seat.now()) {
            let error =
                zh_en!("此规则现在不允许导入历史决定", "these rules take over nothing from before the registry now");
            return lacks(&import, vec![error]).await;
        }
        if !faults.is_empty() {
            return lacks(&import, faults.iter().map(|words| words.spoken().to_owned()).collect()).await;
        }
        import.is_arranged = true;
        store.keep(&import)?;
        let mut habits = store.habits();
        habits.learn(&import);
        store.keep_habits(&habits)?;
        Ok(Done::next())
    })
    .await
}

/// Takes what a form says.
fn said(import: &mut Import, form: &Form) -> Result<(), Error> {
    let mut arrangement = import.arrangement.clone();
    for column in Grid::open(&import.file.0, &import.arrangement)?.columns() {
        let field = field_of(column.index);
        if form.has(&field) {
            arrangement.say(&column.title, Column::of_word(form.get(&field)));
        } else if !column.is_known {
            arrangement.say(&column.title, None);
        }
    }
    for column in FOR_ALL {
        let field = field_for_all(column);
        if form.has(&field) {
            arrangement.for_all.insert(column, form.get(&field).trim().to_owned());
        }
    }
    arrangement.for_all.retain(|_, text| !text.is_empty());
    import.arrangement = arrangement;
    let heading = &mut import.heading;
    form.get("policy").clone_into(&mut heading.policy);
    form.get("number").trim().clone_into(&mut heading.number);
    heading.rows = RowsAre::ALL.into_iter().find(|rows| rows.word() == form.get("rows")).unwrap_or_default();
    heading.is_published = form.get("publish") == "masked";
    Ok(())
}

fn field_of(index: usize) -> String {
    format!("column-{index}")
}

fn field_for_all(column: Column) -> String {
    format!("all-{}", column.word())
}

impl ColumnsPage {
    fn of(
        app: &App,
        import: &Import,
        grid: &Grid<'_>,
        (policies, takes_over): (&[Policy], bool),
        faults: Vec<String>,
    ) -> Self {
        let f = Frame::of(app);
        let text = |words: &Words| f.pick(&words.zh, &words.en).to_owned();
        let filled = grid.columns().into_iter().filter(|column| column.sample.is_some());
        let columns = filled.take(ASKED).map(|column| ColumnRow {
            field: field_of(column.index),
            letters: letters(column.index),
            sample: shown(&column.sample.unwrap_or_default()),
            choices: choices(&f, column.column),
            title: Visible(&column.title).to_string(),
        });
        let for_all = grid.unsaid().into_iter().map(|column| for_all(&f, import, column));
        let chosen = &import.heading.policy;
        let policies_of = policies.iter().map(|policy| {
            let (instrument, version) = (policy.instrument.clone(), policy.version.clone());
            let word = PolicyName { instrument, version }.to_string();
            let is_chosen = word == *chosen || policies.len() == 1;
            Choice { text: format!("{} {}", text(&policy.title), policy.version), word, is_chosen }
        });
        let mut violations: Vec<(String, String)> = Vec::new();
        for violation in policies.iter().flat_map(|policy| &policy.violations) {
            if !violations.iter().any(|(code, _)| *code == violation.code) {
                violations.push((violation.code.clone(), f.pick(&violation.zh, &violation.en).to_owned()));
            }
        }
        Self {
            name: import.name.clone(),
            count: grid.rows().count(),
            faults,
            columns: columns.collect(),
            for_all: for_all.collect(),
            policies: policies_of.collect(),
            violations,
            number: import.heading.number.clone(),
            rows: rows(&f, import.heading.rows, takes_over),
            is_published: import.heading.is_published,
            f,
        }
    }
}

/// The beginning of a cell.
fn shown(text: &str) -> String {
    Visible(&text.chars().take(SAMPLE).collect::<String>()).to_string()
}

fn choices(f: &Frame, chosen: Option<Column>) -> Vec<Choice> {
    let title = |column: Column| {
        let (zh, en) = column.titles();
        f.pick(&zh, &en).to_owned()
    };
    let offered = Column::choices().chain(chosen.filter(|chosen| !Column::choices().any(|other| other == *chosen)));
    offered
        .map(|column| Choice { word: column.word(), text: title(column), is_chosen: chosen == Some(column) })
        .collect()
}

fn for_all(f: &Frame, import: &Import, column: Column) -> ForAll {
    let (zh, en) = column.titles();
    let text = import.arrangement.for_all.get(&column).cloned().unwrap_or_default();
    let choice = |word: &str, words: (&str, &str)| Choice {
        word: word.to_owned(),
        text: f.pick(words.0, words.1).to_owned(),
        is_chosen: word == text,
    };
    let choices = match column {
        Column::Kind(_) => IdentityKind::ALL
            .into_iter()
            .filter(|kind| kind.is_hard())
            .map(|kind| {
                let words = kind.words();
                choice(kind.as_str(), (&words.zh, &words.en))
            })
            .collect(),
        Column::Measure => {
            MeasureKind::ALL.into_iter().map(|kind| choice(kind.as_str(), (kind.words().zh, kind.words().en))).collect()
        }
        _ => Vec::new(),
    };
    let hint = match column {
        Column::Scopes => f.pick(
            "直播、录播、商业推广、代言、评优评奖；空白为规则允许的全部服务",
            "live, recorded, promotion, endorsement, award; empty: all that the policy allows",
        ),
        Column::EffectiveAt => f.pick("今后的日期；空白为自登记之日起", "a day to come; empty: on logging"),
        Column::Term => f.pick(
            "如“五年”“3个月”；不设终止日期的写“长期”",
            "such as `5 years`, `3 months`; `indefinite` where no end is meant",
        ),
        Column::Violations => f.pick("条款编号，用逗号隔开", "codes, between commas"),
        _ => "",
    };
    ForAll { field: field_for_all(column), title: f.pick(&zh, &en).to_owned(), hint: hint.to_owned(), text, choices }
}
