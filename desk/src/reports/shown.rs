//! Reports as a secretary reads them. What others wrote is shown with each character that would hide.

use callboard_api::registry::reports::KeptReport;
use callboard_client::{
    output::{Line, green, plain, red, yellow},
    visible::Visible,
};
use callboard_federation::{
    encoding::Time,
    language::{Language, Phrase},
    members::Members,
    report::{
        ReportKind, ReportState,
        content::{Report, ReportedIdentity, Subject},
    },
    roster::Roster,
    zh_en,
};

use super::{OpenIdentityRequest, OpenReport, Said, Signature, public::OpenPublicReport};
use crate::{
    drafts::shown::holder,
    letter::{earlier_record::zone_of, term::time_text},
};

/// A report in one line.
pub fn line(report: &KeptReport, roster: &Roster, members: Option<&Members>, now: Time) -> Line {
    let (code, kind, by) = (report.code, report.kind.phrase(), filer(report, roster, members));
    let at = time_text(report.received_at);
    let mut line = vec![
        plain(format_args!("{code}  {}  {kind}  {by}  {at}  ", report.id)),
        match report.state {
            ReportState::Received => yellow(report.state.phrase()),
            ReportState::Accepted => green(report.state.phrase()),
            _ => plain(report.state.phrase()),
        },
    ];
    if report.erased_at.is_some() {
        line.push(plain(zh_en!("  内容已删除", "  erased")));
    }
    if report.state.is_open() {
        let due = plain(format_args!("  {}", due_text(report)));
        line.push(if is_overdue(report, now) { red(format_args!("  {}", overdue_text(report))) } else { due });
    }
    line
}

/// Whether the secretariat's time is over.
pub fn is_overdue(report: &KeptReport, now: Time) -> bool {
    report.state.is_open() && report.due_at.is_some_and(|due| due <= now)
}

/// By when it is to be decided, in words.
pub fn due_text(report: &KeptReport) -> String {
    match (report.due_at, report.calendar_unknown) {
        (Some(at), _) => {
            let by = until_text(at);
            zh_en!("应于{by}前处理", "due by {by}")
        }
        (None, true) => {
            zh_en!("规则日历未载该年，无期限", "no date: the policy's calendar doesn't cover the year")
        }
        (None, false) => zh_en!("规则未定期限", "no policy says by when"),
    }
}

fn overdue_text(report: &KeptReport) -> String {
    let by = report.due_at.map(until_text).unwrap_or_default();
    zh_en!("已逾期：应于{by}前处理", "OVERDUE: it was due by {by}")
}

/// The end of a term: at midnight the day before, which is the last.
fn until_text(at: Time) -> String {
    let civil = zone_of(None).to_datetime(at.timestamp());
    let is_midnight = civil.time() == jiff::civil::Time::midnight();
    if !is_midnight {
        return time_text(at);
    }
    let last = time_text(at.plus_days(-1));
    zh_en!("{last}（当日终了）", "the end of {last}")
}

/// Who filed it.
pub fn filer(report: &KeptReport, roster: &Roster, members: Option<&Members>) -> String {
    match (&report.member, &report.seat) {
        (Some(member), _) => {
            let bound = members.and_then(|list| list.members.iter().find(|bound| bound.member == *member));
            bound.map_or_else(|| member.to_string(), |bound| Visible(&bound.name).to_string())
        }
        (None, Some(seat)) => holder(roster, seat),
        (None, None) if report.kind.is_of_public() => zh_en!("公众", "the public"),
        (None, None) => zh_en!("秘书处", "the secretariat"),
    }
}

impl OpenReport {
    /// What it says, a name and a text each.
    pub fn rows(&self) -> Vec<(Phrase, String)> {
        self.public.as_ref().map_or_else(|| content_rows(&self.content), OpenPublicReport::rows)
    }

    /// Its files, each in a line: what it is called, what it says that it is, how large it is.
    pub fn file_texts(&self) -> Vec<String> {
        let files = self.public.iter().flat_map(|public| &public.report.files).zip(&self.kept.files).enumerate();
        let texts = files.map(|(number, (told, kept))| {
            let (name, media, bytes) = (Visible(&told.name), Visible(&told.media), told.bytes);
            let missing =
                if kept.is_whole { String::new() } else { zh_en!("（未上传完成）", " (it never came whole)") };
            zh_en!(
                "文件{number}：{name}  {media}  {bytes}字节{missing}",
                "file {number}: {name}  {media}  {bytes} bytes{missing}"
            )
        });
        texts.collect()
    }

    /// The report as a file reads: what it says, then what was done with it.
    pub fn lines(&self, roster: &Roster, members: Option<&Members>, now: Time) -> Vec<Line> {
        let mut lines = vec![line(&self.kept, roster, members, now)];
        if self.signature == Signature::KeyNotInForce {
            lines.push(vec![red(KEY_NOT_IN_FORCE)]);
        }
        lines.extend(lines_of(&self.rows()));
        lines.extend(self.file_texts().iter().map(|text| vec![plain(format_args!("  {text}"))]));
        lines.extend(self.said.iter().map(|said| said_line(said, &self.kept, roster, members)));
        lines.extend(self.identities.iter().flat_map(identity_lines));
        lines
    }
}

/// What is told of a signature under a key that isn't in force.
pub const KEY_NOT_IN_FORCE: Phrase = Phrase::new(
    "不是以现行密钥签署的：可能其后已更换密钥，请向提交者核实",
    "signed with a key that isn't in force: perhaps it was replaced since; ask whoever filed it",
);
/// What is told of what doesn't open, or that another wrote.
pub const UNREADABLE: Phrase =
    Phrase::new("无法打开，或者不是其本人所写：不可采用", "it doesn't open, or somebody else wrote it: don't use it");

/// What a report says, a name and a text each.
fn content_rows(content: &Report) -> Vec<(Phrase, String)> {
    let mut rows = Vec::new();
    let mut row = |name: Phrase, text: String| {
        if !text.is_empty() {
            rows.push((name, text));
        }
    };
    if let Some(document) = &content.document {
        let (number, by, on) = (&document.number, &document.by, document.on);
        row(Phrase::new("文书", "document"), zh_en!("{by} {number}（{on}）", "{number} of {on}, {by}"));
    }
    row(Phrase::new("记录", "record"), content.record.map(|record| record.to_string()).unwrap_or_default());
    row(Phrase::new("自编号", "reference"), content.reference.clone().unwrap_or_default());
    row(Phrase::new("违规情形", "violations"), content.codes.join(", "));
    let places: Vec<String> = content.places.iter().map(|place| place.phrase().to_string()).collect();
    row(Phrase::new("违规位置", "where"), places.join(&zh_en!("、", ", ")));
    if let (Some(from), Some(to)) = (content.happened_from, content.happened_to) {
        let (from, to) = (time_text(from), time_text(to));
        row(Phrase::new("发生时间", "when"), zh_en!("{from}至{to}", "{from} to {to}"));
    }
    row(Phrase::new("直播间", "room"), content.room.clone().unwrap_or_default());
    row(Phrase::new("情况说明", "what happened"), content.description.clone());
    for evidence in &content.evidence {
        let named = [&evidence.name, &evidence.number].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
        row(Phrase::new("证据", "evidence"), format!("{} {named} SHA-256 {}", evidence.kind.phrase(), evidence.sha256));
    }
    for subject in &content.subjects {
        row(subject.role.phrase(), subject_text(subject));
    }
    if content.permanent_ban {
        row(Phrase::new("平台处置", "the platform"), zh_en!("已永久封禁", "has banned them for good"));
    }
    rows
}

fn subject_text(subject: &Subject) -> String {
    let nickname = subject.nickname.as_ref().map(|name| zh_en!("（{name}）", " ({name})")).unwrap_or_default();
    let birth = subject.birth.map(|birth| zh_en!("，{birth}出生", ", born {birth}")).unwrap_or_default();
    format!("{}{nickname}{birth}{}", subject.account, identities_text(&subject.identities))
}

/// The identities of somebody, behind what they are called.
pub fn identities_text(identities: &[ReportedIdentity]) -> String {
    let one = |identity: &ReportedIdentity| {
        let words = identity.kind.words();
        let confirmed = if identity.confirmed { zh_en!("（已核对）", " (compared)") } else { String::new() };
        format!("  {} {}{confirmed}", words.spoken(), identity.value)
    };
    identities.iter().map(one).collect()
}

fn lines_of(rows: &[(Phrase, String)]) -> Vec<Line> {
    rows.iter().map(|(name, text)| vec![plain(zh_en!("  {name}：{}", "  {name}: {}", Visible(text)))]).collect()
}

/// Who did it, when, and what.
pub fn said_head(said: &Said, kept: &KeptReport, roster: &Roster, members: Option<&Members>) -> String {
    let who = said.entry.seat.map_or_else(|| filer(kept, roster, members), |seat| holder(roster, &seat));
    let (at, did) = (time_text(said.entry.at), said.entry.act.phrase());
    format!("{at}  {who}  {did}")
}

fn said_line(said: &Said, kept: &KeptReport, roster: &Roster, members: Option<&Members>) -> Line {
    let mut line = vec![plain(format_args!("  {}", said_head(said, kept, roster, members)))];
    match &said.words {
        None => {}
        Some(Ok((text, signature))) => {
            line.push(plain(zh_en!(("：{}", Visible(text)), (": {}", Visible(text)))));
            if *signature == Signature::KeyNotInForce {
                line.push(red(format_args!("  {KEY_NOT_IN_FORCE}")));
            }
        }
        Some(Err(_)) => line.push(red(format_args!("  {UNREADABLE}"))),
    }
    line
}

/// What was asked of a member, and what it answered.
pub fn identity_rows(request: &OpenIdentityRequest) -> Vec<(String, bool)> {
    let (member, at) = (&request.request.member, time_text(request.request.asked_at));
    let mut rows = vec![match &request.question {
        Ok((question, _)) => {
            let account = Visible(&question.account).to_string();
            (zh_en!("{at} 向 {member} 查询账号 {account}", "{at}: {member} was asked whose {account} is"), false)
        }
        Err(_) => (format!("{at}  {member}  {UNREADABLE}"), true),
    }];
    match (&request.answer, request.request.answered_at) {
        (Some(Ok((answer, signature))), Some(at)) => {
            let (at, identities) = (time_text(at), identities_text(&answer.identities));
            let text = answer.text.as_ref().map(|text| format!("  {}", Visible(text))).unwrap_or_default();
            let identities = Visible(&identities).to_string();
            rows.push((zh_en!("{at} 答复：{identities}{text}", "{at} it answered:{identities}{text}"), false));
            if *signature == Signature::KeyNotInForce {
                rows.push((KEY_NOT_IN_FORCE.to_string(), true));
            }
        }
        (Some(Err(_)), _) => rows.push((UNREADABLE.to_string(), true)),
        _ => rows.push((zh_en!("尚未答复", "it hasn't answered yet"), false)),
    }
    rows
}

fn identity_lines(request: &OpenIdentityRequest) -> Vec<Line> {
    let rows = identity_rows(request);
    rows.into_iter()
        .map(|(text, is_bad)| vec![if is_bad { red(text) } else { plain(format_args!("  {text}")) }])
        .collect()
}

/// What a kind is called where it is chosen.
pub fn kind_text(kind: ReportKind) -> &'static str {
    kind.phrase().pick(Language::spoken())
}
