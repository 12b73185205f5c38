//! `/rules/{sha256}`: one version of an instrument, as people read it: its measures, its violations, how is decided under it, and
//! how sure each value is.

use askama::Template;
use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::Response,
};
use callboard_federation::{
    encoding::Hash,
    policy::{AllowedScope, MeasureRule, OnTermEnd, Policy, UntilRule},
    standing::Action,
    statement::{MeasureKind, Scope},
};
use serde_json::Value;

use super::{
    Message, PagesState,
    frame::Frame,
    language::Language,
    no_such_page, page,
    rules::{PolicyVersion, holds, versions},
};

#[derive(Template)]
#[template(path = "rule.html")]
struct RulePage {
    f: Frame,
    t: Language,
    version: PolicyVersion,
    policy: Policy,
    parts: Vec<Part>,
}

/// A part of how is decided.
struct Part {
    name: String,
    lines: Vec<String>,
    mark: String,
    source: String,
}

pub(super) async fn show(
    State(PagesState { ledger, clock, .. }): State<PagesState>,
    sha256: Result<Path<Hash>, PathRejection>,
    f: Frame,
) -> Response {
    let Ok(Path(sha256)) = sha256 else { return no_such_page(f, Message::NoRules) };
    let found = {
        let replay = ledger.replay();
        let version = versions(&replay, clock.now()).into_iter().find(|one| one.sha256 == sha256);
        version.zip(replay.policies().get(&sha256).cloned())
    };
    let Some((version, policy)) = found else { return no_such_page(f, Message::NoRules) };
    let parts = policy.decide.iter().map(|(name, part)| part_of(f.t, name, part)).collect();
    page(StatusCode::OK, &RulePage { t: f.t, f, version, policy, parts })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "a template hands on references")]
impl RulePage {
    fn holds(&self) -> &'static str {
        holds(self.t, self.version.holds)
    }

    fn measure<'p>(&'p self, kind: &MeasureKind) -> &'p str {
        let words = self.policy.words.get(kind);
        words.map_or_else(|| self.t.said(kind.words()), |words| self.t.of_both(&words.zh, &words.en))
    }

    const fn until(&self, rule: &MeasureRule) -> &'static str {
        match rule.until {
            UntilRule::Required => self.t.of_both("须定期限", "must have one"),
            UntilRule::Optional => self.t.of_both("可以定期限", "may have one"),
            UntilRule::Forbidden => self.t.of_both("不定期限", "has none"),
        }
    }

    const fn end(&self, rule: &MeasureRule) -> &'static str {
        match (rule.until, rule.on_term_end) {
            (UntilRule::Forbidden, _) => self.t.of_both("不适用", "doesn't apply"),
            (_, OnTermEnd::Expires) => self.t.of_both("期满自行终止", "ends by itself"),
            (_, OnTermEnd::RequiresReinstatement) => {
                self.t.of_both("期满后仍须经申请复出", "goes on until a reinstatement")
            }
        }
    }

    fn scopes(&self, rule: &MeasureRule) -> String {
        let scopes: Vec<&str> = rule.scopes.iter().map(|scope| scope_of(self.t, scope)).collect();
        let none = self.t.of_both("不分范围", "all or nothing");
        if scopes.is_empty() { none.to_owned() } else { scopes.join(self.t.of_both("、", ", ")) }
    }

    fn action(&self, kind: &MeasureKind) -> &'static str {
        match self.policy.action(*kind) {
            Action::Allow => self.t.of_both("允许", "allow"),
            Action::Notify => self.t.of_both("提示", "tell"),
            Action::Review => self.t.of_both("人工审核", "have a person look"),
            Action::Refuse => self.t.of_both("不得提供服务", "refuse"),
        }
    }
}

fn scope_of(t: Language, scope: &AllowedScope) -> &'static str {
    match scope {
        AllowedScope::AnyTopic | AllowedScope::One(Scope::Topic(_)) => t.of_both("特定内容", "single topics"),
        AllowedScope::One(Scope::Live) => t.of_both("直播", "live"),
        AllowedScope::One(Scope::Recorded) => t.of_both("录播", "recorded"),
        AllowedScope::One(Scope::Promotion) => t.of_both("商业推广", "promotion"),
        AllowedScope::One(Scope::Endorsement) => t.of_both("代言", "endorsement"),
        AllowedScope::One(Scope::Award) => t.of_both("评优评奖", "awards"),
    }
}

/// What the parts of `decide` are called (docs/policies.md); another stands by its own name.
const PARTS: [(&str, &str, &str); 23] = [
    ("answers", "对当事人的答复", "answers to a person"),
    ("appeal", "申诉", "appeal"),
    ("association", "协会", "association"),
    ("associations", "承认的其他协会", "other associations"),
    ("calendar", "工作日历", "calendar of working days"),
    ("challenge", "申请回避", "challenge of a seat"),
    ("confirmation", "主任委员确认", "confirmation by chairs"),
    ("contact", "联系方式", "contact"),
    ("draw", "抽签", "draw of a panel"),
    ("intake", "案件来源", "who may bring a matter"),
    ("interimOrder", "临时措施的作出", "who orders an interim measure"),
    ("objection", "异议", "objection"),
    ("panel", "评议组", "panel"),
    ("publication", "公布", "publication"),
    ("quorum", "出席要求", "quorum"),
    ("reasons", "理由", "reasons"),
    ("receipts", "执行回执", "receipts"),
    ("reports", "报告的处理", "reports"),
    ("response", "答辩期限", "time to answer"),
    ("retention", "保存期限", "retention"),
    ("return", "复出申请", "return"),
    ("service", "送达", "service of a notice"),
    ("vote", "表决比例", "share of votes"),
];

/// The values in them.
const FIELDS: [(&str, &str, &str); 48] = [
    ("asks", "须附材料", "what must be there"),
    ("attempts", "送达次数", "attempts"),
    ("authority", "主管部门", "an authority"),
    ("by", "由谁", "by"),
    ("caseYears", "案卷（年）", "files of a case (years)"),
    ("chair", "主任委员", "chair"),
    ("chairs", "主任委员人数", "chairs"),
    ("commitment", "承诺书", "a commitment"),
    ("count", "人数", "count"),
    ("courtHours", "法院文书（小时）", "an order of a court (hours)"),
    ("denominator", "分母", "denominator"),
    ("draw", "抽签", "draw"),
    ("dueHours", "期限（小时）", "due after (hours)"),
    ("genesis", "登记册校验码", "genesis"),
    ("late", "期满后仍可申请", "still after the term"),
    ("masksNames", "隐去姓名", "names are masked"),
    ("member", "会员单位", "member"),
    ("minors", "公布未成年人", "minors appear"),
    ("minorsCaseYears", "未成年人案卷（年）", "files of a minor's case (years)"),
    ("minorsHours", "涉及未成年人的报告（小时）", "a report about a minor (hours)"),
    ("monthsBeforeEnd", "期满前（月）", "months before the end"),
    ("notThisPersonHours", "认错人（小时）", "a stranger was hit (hours)"),
    ("numerator", "分子", "numerator"),
    ("of", "以何为基数", "of"),
    ("off", "放假", "off"),
    ("openHours", "开启期限（小时）", "to be opened within (hours)"),
    ("openTermMonths", "未定期限的，生效后（月）", "without an end: after (months)"),
    ("panel", "评议委员", "panel"),
    ("person", "本人", "the person"),
    ("present", "出席者", "those present"),
    ("probationReportMonths", "观察期报告（月）", "a report on probation every (months)"),
    ("processingYears", "处理记录（年）", "records of processing (years)"),
    ("public", "公众", "the public"),
    ("publicationDays", "公告送达（日）", "by publication (days)"),
    ("remedy-proof", "整改证明", "proof of remedy"),
    ("remindHours", "提醒（小时）", "reminded after (hours)"),
    ("role", "职责", "role"),
    ("seats", "人员", "seats"),
    ("sharesNobody", "与原评议组无人重合", "shares nobody with the first panel"),
    ("sources", "来源", "sources"),
    ("stayDays", "暂缓执行的作出（日）", "a stay is ordered within (days)"),
    ("staySeats", "作出暂缓执行的人员", "who orders a stay"),
    ("training", "培训", "training"),
    ("triageWorkingDays", "答复（工作日）", "answered within (working days)"),
    ("unit", "所属单位", "the unit"),
    ("worked", "调休上班", "worked"),
    ("workingDays", "工作日", "working days"),
    ("written", "书面", "in writing"),
];

fn named<'n>(t: Language, table: &[(&str, &'static str, &'static str)], word: &'n str) -> &'n str {
    table.iter().find(|(known, ..)| *known == word).map_or(word, |(_, zh, en)| t.of_both(zh, en))
}

fn part_of(t: Language, name: &str, part: &Value) -> Part {
    let text = |of: &str| part[of].as_str().unwrap_or_default().to_owned();
    let told = part.as_object().into_iter().flatten().filter(|(field, _)| !matches!(field.as_str(), "mark" | "source"));
    let mut lines = Vec::new();
    for (field, value) in told {
        match value {
            // A year of the calendar is a line of its own.
            Value::Object(rows) => {
                lines.extend(rows.iter().map(|(row, value)| format!("{}{}", colon(t, row), value_of(t, value))));
            }
            Value::String(text) if is_a_text(field) => {
                let language = if field == "zh" { Language::Chinese } else { Language::English };
                lines.extend((language == t).then(|| text.clone()));
            }
            value => lines.push(format!("{}{}", colon(t, named(t, &FIELDS, field)), value_of(t, value))),
        }
    }
    Part { name: named(t, &PARTS, name).to_owned(), lines, mark: text("mark"), source: text("source") }
}

/// Whether it is a text that stands in both languages.
fn is_a_text(field: &str) -> bool {
    matches!(field, "zh" | "en")
}

fn colon(t: Language, name: &str) -> String {
    format!("{name}{}", t.of_both("：", ": "))
}

fn value_of(t: Language, value: &Value) -> String {
    let comma = t.of_both("、", ", ");
    match value {
        Value::String(text) => named(t, &FIELDS, text).to_owned(),
        Value::Bool(is_so) => (if *is_so { t.of_both("是", "yes") } else { t.of_both("否", "no") }).to_owned(),
        Value::Array(values) => values.iter().map(|one| value_of(t, one)).collect::<Vec<_>>().join(comma),
        Value::Object(fields) => {
            let told = fields.iter().filter(|(field, _)| !matches!(field.as_str(), "mark" | "source"));
            let told = told.map(|(field, one)| format!("{} {}", named(t, &FIELDS, field), value_of(t, one)));
            told.collect::<Vec<_>>().join(t.of_both("；", "; "))
        }
        Value::Number(number) => number.to_string(),
        Value::Null => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use callboard_rules::policies::ALL;

    use super::*;

    #[test]
    fn every_part_and_value_of_the_instruments_that_come_with_the_program_has_words_in_both_languages() {
        assert!(PARTS.is_sorted() && FIELDS.is_sorted());
        for source in ALL {
            let policy = source.document().unwrap().value;
            for (name, value) in &policy.decide {
                let [zh, en] = [Language::Chinese, Language::English].map(|t| part_of(t, name, value));
                assert_ne!(zh.name, en.name, "{name}");
                assert_eq!((zh.lines.len(), zh.mark.len()), (en.lines.len(), 1), "{name}");
                assert!(!zh.lines.is_empty(), "{name}");
                for line in &zh.lines {
                    // Names of dates and hashes aside, a Chinese reader meets no word of the source.
                    assert!(!line.chars().any(|c| c.is_ascii_alphabetic()), "{name}: {line}");
                }
            }
        }
    }
}
