//! `/figures`: what the association did, by quarter; and what members declare of themselves against what they reported.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use callboard_api::registry::figures::{Elapsed, Figure, FiguresBetween, Hidden, PeriodFigures};
use callboard_federation::{
    language::Phrase,
    policy::Words,
    quarter::Quarter,
    report::ReportKind,
    statement::{Kind, MeasureKind},
};

use super::{
    PagesState,
    language::{Language, LanguageQuery},
    page, unavailable_page,
};
use crate::ledger::Ledger;

#[derive(Template)]
#[template(path = "figures.html")]
struct FiguresPage {
    t: Language,
    is_sandbox: bool,
    periods: Vec<PeriodFigures>,
    /// What each instrument is called.
    titles: BTreeMap<String, Words>,
}

pub(super) async fn show(
    State(PagesState { delivery, ledger }): State<PagesState>,
    Query(asked): Query<LanguageQuery>,
    headers: HeaderMap,
) -> Response {
    let (t, is_sandbox) = (Language::of(&asked, &headers), delivery.is_sandbox());
    match ledger.figures(FiguresBetween::default()).await {
        Ok(figures) => {
            let (periods, titles) = (figures.periods, titles(&ledger));
            page(StatusCode::OK, &FiguresPage { t, is_sandbox, periods, titles })
        }
        Err(error) => unavailable_page(&error, t, is_sandbox),
    }
}

/// The titles of the instruments, as the version that took effect last has them.
fn titles(ledger: &Arc<Ledger>) -> BTreeMap<String, Words> {
    let replay = ledger.replay();
    let mut policies: Vec<_> = replay.policies().values().collect();
    policies.sort_by_key(|policy| policy.effective_from);
    policies.into_iter().map(|policy| (policy.instrument.clone(), policy.title.clone())).collect()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "a template hands on references")]
impl FiguresPage {
    fn instrument<'p>(&'p self, instrument: &'p str) -> &'p str {
        self.titles.get(instrument).map_or(instrument, |title| self.t.of_both(&title.zh, &title.en))
    }

    fn period(&self, period: &Quarter) -> String {
        let days = (period.first_day(), period.last_day());
        match self.t {
            Language::Chinese => {
                format!("{}至{}", days.0.strftime("%Y年%-m月%-d日"), days.1.strftime("%-m月%-d日"))
            }
            Language::English => format!("{} to {}", days.0.strftime("%-d %B"), days.1.strftime("%-d %B %Y")),
        }
    }

    fn lane(&self, lane: &ReportKind) -> &'static str {
        self.said(lane.phrase())
    }

    /// What a statement does, in words.
    fn decided<'p>(&self, word: &'p str) -> &'p str {
        let measure = MeasureKind::from_word(word).map(MeasureKind::words);
        measure.or_else(|| Kind::from_word(word).map(Kind::words)).map_or(word, |words| self.said(words))
    }

    const fn said(&self, phrase: Phrase) -> &'static str {
        self.t.of_both(phrase.zh, phrase.en)
    }

    fn figure(&self, figure: &Figure) -> String {
        match (figure.count, figure.hidden) {
            (Some(count), _) => count.to_string(),
            (None, Some(Hidden::UnderFive)) => "<5".to_owned(),
            (None, _) => self.t.of_both("不公布", "withheld").to_owned(),
        }
    }

    fn median(&self, elapsed: &Elapsed) -> String {
        elapsed.median_hours.map_or_else(|| "–".to_owned(), |hours| self.hours(hours))
    }

    fn p90(&self, elapsed: &Elapsed) -> String {
        elapsed.p90_hours.map_or_else(|| "–".to_owned(), |hours| self.hours(hours))
    }

    fn hours(&self, hours: u64) -> String {
        match self.t {
            Language::Chinese if hours < 48 => format!("{hours}小时"),
            Language::Chinese => format!("{}天{}小时", hours / 24, hours % 24),
            Language::English if hours < 48 => format!("{hours} h"),
            Language::English => format!("{} d {} h", hours / 24, hours % 24),
        }
    }
}
