//! A case at a glance: how far it is, its items with their windows, the panel with recusals, and what waits for whom.

use callboard_client::output::{Line, plain, yellow};
use callboard_federation::{
    encoding::{CaseId, Time},
    event::CaseState,
    roster::Role,
    zh_en,
};
use callboard_rules::case::{
    Case,
    item::Item,
    law::{Law, Seat},
    number::ItemNumber,
    terms::Uncovered,
};
use serde::Serialize;

use super::{
    waiting::waits_for,
    words::{self, items},
};
use crate::letter::term::time_text;

/// A case at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    pub case: CaseId,
    pub state: CaseState,
    pub policy: String,
    pub events: u64,
    pub due_at: Option<Time>,
    pub items: Vec<ItemShown>,
    pub panel: Vec<SeatShown>,
    /// Who withheld what they had committed to.
    pub out: Vec<String>,
    /// What an appeal or an application to return is about, and what became of it.
    pub notes: Vec<String>,
    pub waits: Vec<WaitsFor>,
}

/// An item at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemShown {
    pub item: ItemNumber,
    pub state: String,
    pub decides: Vec<String>,
    pub minor: bool,
    /// Its window, in words.
    pub window: Option<String>,
}

/// A seat of the panel at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeatShown {
    pub seat: String,
    /// The items from which it is recused.
    pub recused: Vec<ItemNumber>,
}

/// What waits for a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitsFor {
    pub seat: String,
    pub tasks: Vec<String>,
}

impl Overview {
    /// A case as it is at an instant.
    pub fn of(case: &Case, at: Time, law: &Law<'_>) -> Self {
        let mut seats: Vec<&Seat> = law.seats(at).filter(|seat| seat.role != Role::Auditor).collect();
        seats.sort_by(|one, other| one.holder.cmp(&other.holder));
        let waits = seats.iter().map(|seat| WaitsFor {
            seat: seat.holder.clone(),
            tasks: waits_for(case, seat, at, law).iter().map(super::waiting::Waits::text).collect(),
        });
        let panel = case.panel.seats.keys().map(|holder| SeatShown {
            seat: holder.clone(),
            recused: law.holder(holder, at).map(|seat| recused(case, seat)).unwrap_or_default(),
        });
        Self {
            case: case.id(),
            state: case.state(),
            policy: format!("{}/{}", case.policy.instrument, case.policy.version),
            events: case.head.seq(),
            due_at: case.due_at(),
            items: case.items.iter().map(|(number, item)| ItemShown::of(*number, item)).collect(),
            panel: panel.collect(),
            out: case.panel.out.iter().cloned().collect(),
            notes: notes(case, at, law),
            waits: waits.filter(|waits| !waits.tasks.is_empty()).collect(),
        }
    }

    pub fn lines(&self) -> Vec<Line> {
        let Self { case, policy, events, .. } = self;
        let state = words::state(self.state);
        let mut lines = vec![vec![plain(zh_en!(
            "{case}  {state}，{policy}，{events}项程序记载",
            "{case}  {state}, {policy}, {events} events"
        ))]];
        if let Some(due) = self.due_at {
            lines.push(vec![yellow(zh_en!("  下一期限：{}", "  next due: {}", time_text(due)))]);
        }
        for shown in &self.items {
            let (of, state, decides) = (items([shown.item]), &shown.state, shown.decides.join(", "));
            let window = shown.window.as_ref().map(|window| format!("  {window}")).unwrap_or_default();
            let minor = if shown.minor { zh_en!("  未成年人", "  a minor") } else { String::new() };
            lines.push(vec![plain(format_args!("  {of}  {state}  {decides}{window}{minor}"))]);
        }
        let seat = |shown: &SeatShown| match shown.recused.as_slice() {
            [] => shown.seat.clone(),
            recused => zh_en!("{}（{}回避）", "{} (recused from {})", shown.seat, items(recused.iter().copied())),
        };
        let panel = self.panel.iter().map(seat).collect::<Vec<_>>().join(", ");
        let panel = if panel.is_empty() { zh_en!("尚无", "none yet") } else { panel };
        lines.push(vec![plain(zh_en!("  评议组：{panel}", "  panel: {panel}"))]);
        if !self.out.is_empty() {
            let out = self.out.join(", ");
            lines.push(vec![plain(zh_en!("  不得参加下一次评议：{out}", "  out of the next panel: {out}"))]);
        }
        lines.extend(self.notes.iter().map(|note| vec![plain(format_args!("  {note}"))]));
        for waits in &self.waits {
            let tasks = waits.tasks.join("; ");
            lines.push(vec![plain(zh_en!("  {}待办：{tasks}", "  waits for {}: {tasks}", waits.seat))]);
        }
        lines
    }
}

impl ItemShown {
    fn of(number: ItemNumber, item: &Item) -> Self {
        let window = match item.answer_by {
            Some(Ok(last)) => Some(zh_en!("陈述申辩至{last}", "may answer until {last}")),
            Some(Err(Uncovered(day))) => {
                Some(zh_en!("期限无法计算：规则的日历没有{day}所在的年份", "no window: the calendar has no {day}"))
            }
            None if item.is_to_be_heard() => Some(zh_en!("尚未告知", "not told yet")),
            None => None,
        };
        let window = if item.issued_at.is_some() { Some(objection(item)) } else { window };
        Self {
            item: number,
            state: words::item_state(item.state).to_string(),
            decides: item.decides.iter().map(|key| words::decision(*key)).collect(),
            minor: item.minor,
            window,
        }
    }
}

/// Whether what was decided was told, until when it may be objected to, and who hears the objection.
pub fn objection(item: &Item) -> String {
    if let Some(case) = item.appealed {
        return zh_en!("已提出异议，由案件 {case} 处理", "appealed: case {case} hears it");
    }
    match item.object_by {
        Some(Ok(last)) => zh_en!("提出异议至{last}", "may be appealed until {last}"),
        Some(Err(Uncovered(day))) => {
            zh_en!("异议期限无法计算：规则的日历没有{day}所在的年份", "no window to appeal: the calendar has no {day}")
        }
        None if item.is_told => zh_en!("决定已送达", "the decision was told"),
        None => zh_en!("决定尚未送达", "the decision isn't told yet"),
    }
}

/// What an appeal or an application to return is about, and what became of it.
fn notes(case: &Case, at: Time, law: &Law<'_>) -> Vec<String> {
    let (mut notes, at) = (Vec::new(), at.max(case.at()));
    if let Some(appeal) = &case.appeal {
        let (first, filed) = (appeal.of.case, time_text(appeal.filed.filed_at));
        let by = words::filer(appeal.filed.by);
        notes.push(zh_en!(
            "对案件 {first} 决定的异议，{by}于{filed}提出",
            "appeals what case {first} decided; filed by {by} {filed}"
        ));
        let deciders = appeal.deciders.iter().cloned().collect::<Vec<_>>().join(", ");
        notes.push(zh_en!("参与原决定、须回避：{deciders}", "had a part in that, and have none in this: {deciders}"));
        for (item, outcome) in case.outcomes(law, at) {
            let (of, outcome) = (items([item]), words::outcome(outcome));
            notes.push(zh_en!("原案{of}：{outcome}", "{of} of the first case: {outcome}"));
        }
        let orders = case.interims.iter().filter(|(number, _)| {
            !case.resolutions.values().any(|one| one.source.number() == **number && one.overtaken.is_none())
        });
        for (number, interim) in orders {
            let (of, unsigned) = (items([interim.item]), case.stay_unsigned(*number, law, at).join(", "));
            let by = case.stay_due_at().map(time_text).unwrap_or_default();
            notes.push(zh_en!(
                "{of}暂缓执行，应于{by}前决定，尚未签署：{unsigned}",
                "the stay of {of} is due by {by}; not signed yet by {unsigned}"
            ));
        }
    }
    if let Some(application) = &case.application {
        let (record, filed, by) = (application.record, time_text(application.filed_at), words::filer(application.by));
        notes.push(zh_en!(
            "就记录 {record} 申请复出，{by}于{filed}提出",
            "hears the application to return from record {record}; filed by {by} {filed}"
        ));
        for number in case.items.keys() {
            let (of, lacks) = (items([*number]), case.lacks_evidence(*number));
            let waits = case.items.get(number).is_some_and(|item| item.issued_at.is_none());
            if waits && !lacks.is_empty() {
                let lacks = lacks.iter().map(|kind| kind.phrase().to_string()).collect::<Vec<_>>().join(", ");
                notes.push(zh_en!("{of}：尚缺{lacks}", "{of}: what isn't there yet: {lacks}"));
            }
            if let Some(probation) = case.probation(*number, at, law) {
                let ends = probation.ends;
                let owed = match (probation.report_by, probation.is_late) {
                    (None, _) => zh_en!("报告齐全", "all reports are there"),
                    (Some(by), false) => zh_en!("下次报告应于{by}前提交", "the next report is due by {by}"),
                    (Some(by), true) => zh_en!("报告逾期，应于{by}前提交", "a report is LATE: it was due by {by}"),
                };
                notes.push(zh_en!("{of}：观察期至{ends}，{owed}", "{of}: on probation until {ends}; {owed}"));
            }
        }
    }
    notes
}

fn recused(case: &Case, seat: &Seat) -> Vec<ItemNumber> {
    case.items.keys().copied().filter(|item| case.is_recused(seat, *item)).collect()
}
