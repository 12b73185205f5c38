//! `/propagation/{docket}`: how far one docket has come, as a plot and a table.

use askama::Template;
use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::Response,
};
use callboard_api::registry::propagation::{MemberPropagation, Propagation, Spread, lag_text};
use callboard_federation::encoding::{Hash, Time};

use super::{Message, PagesState, frame::Frame, language::Language, no_such_page, page, unavailable_page};

/// Where the plot begins and how wide it is, in the drawing's own units.
const LEFT: f64 = 150.0;
const WIDTH: f64 = 560.0;
/// How high a member's row is, and where the first one stands.
const ROW: f64 = 22.0;
const TOP: f64 = 40.0;
/// The marks of the scale, in milliseconds, in both languages.
const MARKS: [(i64, &str, &str); 7] = [
    (100, "0.1 秒", "0.1 s"),
    (1_000, "1 秒", "1 s"),
    (10_000, "10 秒", "10 s"),
    (60_000, "1 分", "1 min"),
    (600_000, "10 分", "10 min"),
    (3_600_000, "1 小时", "1 h"),
    (86_400_000, "1 天", "1 d"),
];

#[derive(Template)]
#[template(path = "propagation.html")]
struct PropagationPage {
    f: Frame,
    t: Language,
    p: Propagation,
    spreads: [(&'static str, &'static str, Spread); 2],
    rows: Vec<Row>,
    marks: Vec<(f64, &'static str)>,
    logged_x: f64,
    height: f64,
}

/// A member's row: in the plot at `y`, its marks at their `x`.
struct Row {
    member: MemberPropagation,
    y: f64,
    delivered: Option<(f64, String)>,
    receipted: Option<(f64, String)>,
}

pub(super) async fn show(
    State(PagesState { delivery, .. }): State<PagesState>,
    docket: Result<Path<Hash>, PathRejection>,
    f: Frame,
) -> Response {
    let Ok(Path(docket)) = docket else { return no_such_page(f, Message::NoDocket) };
    match delivery.propagation(docket).await {
        Ok(Some(propagation)) => page(StatusCode::OK, &PropagationPage::of(propagation, f)),
        Ok(None) => no_such_page(f, Message::NoDocket),
        Err(error) => unavailable_page(&error, f),
    }
}

impl PropagationPage {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template hands on references")]
    fn lag(millis: &i64) -> String {
        lag_text(*millis)
    }

    fn of(p: Propagation, f: Frame) -> Self {
        let t = f.t;
        let lag = |at: Time| at.as_millis() - p.signed_at.as_millis();
        let longest = [p.lags.delivered.max, p.lags.receipted.max].into_iter().flatten().max().unwrap_or(0);
        let end = longest.max(p.lags.logged).max(MARKS[1].0);
        let x = |lag: i64| LEFT + WIDTH * scaled(lag) / scaled(end);
        let mark = |at: Option<Time>| at.map(|at| (x(lag(at)), lag_text(lag(at))));
        let rows = p.members.iter().enumerate().map(|(at, member)| Row {
            member: member.clone(),
            y: TOP + ROW * f64::from(u32::try_from(at).unwrap_or(u32::MAX)),
            delivered: mark(member.delivered_at),
            receipted: mark(member.receipted_at),
        });
        let rows: Vec<Row> = rows.collect();
        let marks = MARKS.iter().filter(|(millis, ..)| *millis <= end);
        let marks = marks.map(|(millis, zh, en)| (x(*millis), t.of_both(zh, en))).collect();
        let height = rows.last().map_or(TOP, |row| row.y) + ROW;
        let spreads = [
            (t.of_both("送达", "Delivered"), "delivered", p.lags.delivered),
            (t.of_both("回执", "Receipted"), "receipted", p.lags.receipted),
        ];
        Self { f, t, spreads, rows, marks, logged_x: x(p.lags.logged), height, p }
    }
}

/// A length of time on a scale where each tenfold is as long, so that a second and a day stand side by side.
fn scaled(millis: i64) -> f64 {
    let millis = f64::from(i32::try_from(millis.clamp(0, 30 * 86_400_000)).unwrap_or(i32::MAX));
    (1.0 + millis / 10.0).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_time_stands_further_right_and_none_beyond_the_plot() {
        let marks = MARKS.map(|(millis, ..)| scaled(millis));
        assert!(marks.is_sorted() && scaled(0) == 0.0 && scaled(-5) == 0.0);
    }
}
