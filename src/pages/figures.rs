//! `/figures`: what the association did, by quarter; and what members declare of themselves against what they reported;
//! how soon decisions reach the members, and how far each carries them out. With plots, which tables repeat.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_api::registry::{
    figures::{Counted, Elapsed, Figure, FiguresBetween, Hidden, InstrumentFigures, PeriodFigures},
    propagation::{Fulfilment, MemberCompliance, Propagation, lag_text},
};
use callboard_federation::{
    encoding::Hash,
    policy::Words,
    quarter::Quarter,
    report::ReportKind,
    statement::{Kind, MeasureKind},
};
use callboard_rules::suppression::Published;

use super::{
    PagesState,
    bars::{Bar, Bars, Row},
    frame::Frame,
    language::Language,
    page, unavailable_page,
};
use crate::{
    delivery::reach::{Lifted, Reach},
    ledger::{Ledger, LedgerError},
};

#[derive(Template)]
#[template(path = "figures.html")]
struct FiguresPage {
    f: Frame,
    t: Language,
    periods: Vec<PeriodFigures>,
    /// What each instrument is called.
    titles: BTreeMap<String, Words>,
    members: Vec<MemberCompliance>,
    reach: Arc<Reach>,
}

pub(super) async fn show(State(PagesState { ledger, delivery, .. }): State<PagesState>, f: Frame) -> Response {
    let shown = async {
        let periods = ledger.figures(FiguresBetween::default()).await?.periods;
        Ok::<_, LedgerError>((periods, delivery.compliance().await?, delivery.reach().await?))
    };
    match shown.await {
        Ok((periods, members, reach)) => {
            let titles = titles(&ledger);
            page(StatusCode::OK, &FiguresPage { t: f.t, f, periods, titles, members, reach })
        }
        Err(error) => unavailable_page(&error, f),
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
        self.t.said(lane.phrase())
    }

    /// What a statement does, in words.
    fn decided<'p>(&self, word: &'p str) -> &'p str {
        let measure = MeasureKind::from_word(word).map(MeasureKind::words);
        measure.or_else(|| Kind::from_word(word).map(Kind::words)).map_or(word, |words| self.t.said(words))
    }

    fn figure(&self, figure: &Figure) -> String {
        match (figure.count, figure.hidden) {
            (Some(count), _) => count.to_string(),
            (None, Some(Hidden::UnderFive)) => "<5".to_owned(),
            (None, _) => self.t.of_both("不公布", "withheld").to_owned(),
        }
    }

    /// How long the panel took, quarter by quarter, under each instrument of which that is told.
    fn times(&self) -> Vec<(String, Bars)> {
        let mut of: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
        for period in self.periods.iter().rev() {
            for one in &period.cases.instruments {
                let Some(median) = one.to_decision.median_hours else { continue };
                let bar = |class, hours: Option<u64>, name: &str| {
                    hours.map(|value| Bar { class, value, title: format!("{name} {}", self.hours(value)) })
                };
                let bars = [
                    bar("median", Some(median), self.t.of_both("中位数", "median")),
                    bar("p90", one.to_decision.p90_hours, self.t.of_both("九成不超过", "nine of ten")),
                ];
                let told = self.median(&one.to_decision);
                let bars = bars.into_iter().flatten().collect();
                of.entry(&one.instrument).or_default().push(Row { name: period.period.to_string(), bars, told });
            }
        }
        let label = self.t.of_both("自立案至作出决定的时长", "Time from the opening to the decision");
        let plot = |(instrument, rows)| {
            let title = self.instrument(instrument).to_owned();
            let plot = Bars::beside(&format!("{label} · {title}"), rows);
            (title, plot)
        };
        of.into_iter().map(plot).collect()
    }

    /// What was logged in a quarter, by measure and kind. What is hidden has no bar.
    fn statements(&self, of: &InstrumentFigures) -> Bars {
        let row = |one: &Counted| {
            let (name, told) = (self.decided(&one.of).to_owned(), self.figure(&one.figure));
            let bar = |value| Bar { class: "statements", value, title: format!("{name} {value}") };
            Row { bars: one.figure.count.map(bar).into_iter().collect(), name, told }
        };
        let label = self.t.of_both("登记事项", "Statements logged");
        let label = format!("{label} · {}", self.instrument(&of.instrument));
        Bars::beside(&label, of.statements_by.iter().map(row).collect())
    }

    /// How far each member carried out the last dockets.
    fn completeness(&self) -> Bars {
        let row = |member: &MemberCompliance| {
            let count = |acted: &Fulfilment| member.counts.get(acted).copied().unwrap_or(0);
            let bar = |acted: &Fulfilment| Bar {
                class: acted.as_str(),
                value: count(acted),
                title: format!("{}: {} {}", member.name, self.t.acted(acted), count(acted)),
            };
            let asked: u64 = ACTED.iter().map(count).sum();
            let told = if asked == 0 { String::new() } else { format!("{}/{asked}", count(&Fulfilment::InEffect)) };
            Row { name: short(&member.name), bars: ACTED.iter().map(bar).collect(), told }
        };
        let label = self.t.of_both("各会员单位执行情况", "How far each member carried the decisions out");
        Bars::parts(label, self.members.iter().map(row).collect())
    }

    /// What of that which was annulled a member lifted, and what it left open. Where few are of one, the other isn't told
    /// either: together they are what was annulled, which other members' rows tell.
    fn lifted(&self, of: &Lifted) -> [String; 2] {
        let parts = [of.lifted, of.open].map(Published::alone);
        let are_all_shown = parts.iter().all(|part| part.is_shown());
        parts.map(|part| match part {
            Published::Shown(count) if are_all_shown => count.to_string(),
            Published::UnderFive => "<5".to_owned(),
            Published::Shown(_) | Published::Withheld => self.t.of_both("不公布", "withheld").to_owned(),
        })
    }

    /// The same as bars, of members of whom both are told.
    fn lifts(&self) -> Bars {
        let is_told = |of: &&Lifted| [of.lifted, of.open].iter().all(|count| Published::alone(*count).is_shown());
        let row = |of: &Lifted| {
            let bar = |class, value, what: &str| Bar { class, value, title: format!("{}: {what} {value}", of.name) };
            let lifted = bar("in-effect", of.lifted, self.t.of_both("已解除", "lifted"));
            let open = bar("overdue", of.open, self.t.of_both("尚未", "not yet"));
            Row { name: short(&of.name), bars: vec![lifted, open], told: of.lifted.to_string() }
        };
        let label = self.t.of_both("撤销后各会员单位解除的数目", "How many each member lifted after an annulment");
        Bars::parts(
            label,
            self.reach.lifted.iter().filter(is_told).filter(|of| of.lifted + of.open > 0).map(row).collect(),
        )
    }

    /// How soon the last dockets were receipted: half of the members, and nearly all.
    fn reached(&self) -> Bars {
        let row = |one: &Propagation| {
            let bar = |class, millis: Option<i64>, what: &str| {
                let lag = millis.unwrap_or(0).max(0);
                Bar { class, value: scale(lag), title: format!("{what} {}", lag_text(lag)) }
            };
            let spread = &one.lags.receipted;
            let bars = vec![
                bar("median", spread.p50, self.t.of_both("一半会员单位", "half of the members")),
                bar("p90", spread.p95, self.t.of_both("95%的会员单位", "95% of the members")),
            ];
            let name = format!("{} {}", self.t.of_both("文书", "docket"), one.index);
            Row { name, bars, told: spread.p95.map(lag_text).unwrap_or_default() }
        };
        let label = self
            .t
            .of_both("自起草至回执的时长（对数刻度）", "Time from the draft to the receipts, on a logarithmic scale");
        let receipted = self.reach.dockets.iter().filter(|one| one.lags.receipted.members > 0);
        Bars::beside(label, receipted.map(row).collect())
    }

    /// Within how long half of the members receipted a docket, and nearly all.
    fn receipted(one: &Propagation) -> [String; 2] {
        let told = |millis: Option<i64>| millis.map_or_else(|| "–".to_owned(), lag_text);
        [told(one.lags.receipted.p50), told(one.lags.receipted.p95)]
    }

    fn progress(&self, docket: &Hash) -> String {
        self.f.link(&format!("/propagation/{docket}"))
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

/// What members say of a docket, in the order of the bars.
const ACTED: [Fulfilment; 5] =
    [Fulfilment::InEffect, Fulfilment::Partly, Fulfilment::Declined, Fulfilment::Awaited, Fulfilment::Overdue];

/// A name as it fits beside a plot.
fn short(name: &str) -> String {
    const FITS: usize = 14;
    match name.char_indices().nth(FITS) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// A length of time on a scale where each tenfold is as long.
fn scale(millis: i64) -> u64 {
    // Hundredths of a power of ten: whole numbers, as bars are.
    let millis = f64::from(i32::try_from(millis).unwrap_or(i32::MAX));
    let hundredths = ((1.0 + millis / 10.0).log10() * 100.0).round();
    format!("{hundredths:.0}").parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_time_has_a_longer_bar_and_a_long_name_is_cut() {
        let scaled = [0, 90, 990, 60_000, 86_400_000, i64::MAX].map(scale);
        assert_eq!((scaled[0], scaled[1], scaled[2]), (0, 100, 200));
        assert!(scaled.is_sorted());
        assert_eq!(
            (short("Alpha Live"), short("一家名字很长很长很长很长的会员单位")),
            ("Alpha Live".to_owned(), "一家名字很长很长很长很长的会…".to_owned())
        );
    }
}
