//! A case as its file reads: each event with who, when and what, from the act and, where it can be read, its sealed part.

use callboard_api::registry::cases::KeptCaseEvent;
use callboard_client::output::{Line, plain};
use callboard_federation::{
    encoding::{KeyId, Time},
    language::{Language, Phrase},
    members::MemberId,
    statement::PolicyRef,
    zh_en,
};
use callboard_rules::case::{
    act::{Act, AppealOf, Hosts, Proposal},
    law::{Law, Who},
    number::ItemNumber,
};

use super::{
    case_file::{CaseFile, FiledEvent},
    sealed::SealedContent,
    words::{self, items},
};
use crate::letter::term::time_text;

/// One event, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub seq: u64,
    pub at: Time,
    /// The holder of a seat, a member, or the registry.
    pub who: String,
    pub what: String,
    /// What is sealed beside it, for a seat that may read it.
    pub said: Option<String>,
}

/// What a sealed part came to.
#[derive(Debug, Clone)]
pub enum Part {
    None,
    Read(SealedContent),
    /// Not for this seat, or erased.
    Unread,
}

/// The events of a case in order; `parts` are their sealed parts, in the same order.
pub fn timeline(file: &CaseFile, parts: &[Part], law: &Law<'_>) -> Vec<Told> {
    let told = |(at, filed): (usize, &FiledEvent)| Told {
        seq: filed.event.seq,
        at: filed.event.at,
        who: who(&filed.who),
        what: what(&filed.act, filed.event.at, law),
        said: said(parts.get(at).unwrap_or(&Part::None)),
    };
    file.events.iter().enumerate().map(told).collect()
}

impl Told {
    /// Its lines.
    pub fn lines(&self) -> Vec<Line> {
        let Self { seq, who, what, .. } = self;
        let first = plain(format_args!("{seq:>4}  {}  {who}  {what}", time_text(self.at)));
        let more = self.said.iter().flat_map(|said| said.lines()).map(|line| vec![plain(format_args!("      {line}"))]);
        std::iter::once(vec![first]).chain(more).collect()
    }
}

/// Who acted.
pub fn who(who: &Who) -> String {
    match who {
        Who::Seat(seat) => seat.holder.clone(),
        Who::Member(member) => member.to_string(),
        Who::Log => Phrase::new("登记系统", "the registry").to_string(),
    }
}

fn said(part: &Part) -> Option<String> {
    let content = match part {
        Part::None => return None,
        Part::Unread => {
            return Some(zh_en!("（密封内容不能由您查看，或者已删除）", "(sealed: not for you, or erased)"));
        }
        Part::Read(content) => content,
    };
    let subject = |subject: &super::sealed::Subject| {
        let names = subject.names.iter().chain(&subject.accounts).cloned().collect::<Vec<_>>();
        let (of, names) = (items([subject.item]), joined(names));
        zh_en!("{of}：{names}", "{of}: {names}")
    };
    let report = content.report.map(|_| zh_en!("起因于一份举报", "a report led to it"));
    let lines: Vec<String> = content.subjects.iter().map(subject).chain(content.text.clone()).chain(report).collect();
    Some(lines.join("\n"))
}

fn joined(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().collect::<Vec<_>>().join(Language::spoken().pick("、", ", "))
}

fn holder(key: &KeyId, at: Time, law: &Law<'_>) -> String {
    let gone = || Phrase::new("已离任的签署人", "a seat that is gone").to_string();
    law.seat(key, at).map_or_else(gone, |seat| seat.holder.clone())
}

fn holders<'k>(keys: impl IntoIterator<Item = &'k KeyId>, at: Time, law: &Law<'_>) -> String {
    joined(keys.into_iter().map(|key| holder(key, at, law)))
}

fn members(members: &[MemberId]) -> String {
    joined(members.iter().map(ToString::to_string))
}

fn of(numbers: &[ItemNumber]) -> String {
    items(numbers.iter().copied())
}

fn of_proposals(proposals: &[Proposal]) -> String {
    items(proposals.iter().map(|proposal| proposal.item))
}

fn on_paper(paper: bool) -> &'static str {
    if paper { Language::spoken().pick("（纸质）", " on paper") } else { "" }
}

/// What a policy is called, with its version.
pub fn policy_title(policy: &PolicyRef, law: &Law<'_>) -> String {
    let version = &policy.version;
    match law.policy(&policy.sha256).map(|policy| policy.title.spoken()) {
        Some(title) => zh_en!("《{title}》（{version}）", "{title} ({version})"),
        None => format!("{}/{version}", policy.instrument),
    }
}

/// What an act does, in words.
fn what(act: &Act, at: Time, law: &Law<'_>) -> String {
    match act {
        Act::Opened { policy, earlier, appeal, application } => {
            let title = policy_title(policy, law);
            let mut opened = zh_en!("立案，依据{title}", "opens the case under {title}");
            if let Some(AppealOf { case, event }) = appeal {
                opened.push_str(&zh_en!(
                    "；处理对案件 {case} 决定的异议（其第{event}项）",
                    "; it hears the appeal of what case {case} decided (event {event} there)"
                ));
            }
            if let Some(of) = application {
                let (record, by, when) = (of.record, words::filer(of.by), time_text(of.filed_at));
                opened.push_str(&zh_en!(
                    "；处理{by}就记录 {record} 提出的复出申请，{when}提出{}",
                    "; it hears the application to return from record {record}, filed by {by} {when}{}",
                    on_paper(of.paper)
                ));
            }
            match earlier.len() {
                0 => opened,
                1 => zh_en!("{opened}；同一事项此前另有1案", "{opened}; one case of the same matter came before"),
                count => zh_en!(
                    "{opened}；同一事项此前另有{count}案",
                    "{opened}; {count} cases of the same matter came before"
                ),
            }
        }
        Act::ItemAdded { item, decides, hosts, reporters, minor, appeals } => {
            let (item, decides) = (items([*item]), joined(decides.iter().map(|key| words::decision(*key))));
            let hosts = match hosts {
                Hosts::Named(hosts) => members(hosts),
                Hosts::Unknown(_) => Phrase::new("不详", "unknown").to_string(),
            };
            let mut text = zh_en!("列入{item}：{decides}，平台 {hosts}", "adds {item}: {decides}, hosted by {hosts}");
            if !reporters.is_empty() {
                text.push_str(&zh_en!("，由 {} 举报", ", reported by {}", members(reporters)));
            }
            if let Some(first) = appeals {
                text.push_str(&zh_en!("，针对原案{}", ", about {} of the first case", items([*first])));
            }
            if *minor {
                text.push_str(Phrase::new("，行为时未满18周岁", ", under 18 at the conduct").pick(Language::spoken()));
            }
            text
        }
        Act::ItemDropped { item } => zh_en!("不再处理{}", "drops {}", items([*item])),
        Act::EvidenceAdded { items, evidence } => {
            let pieces = joined(evidence.iter().map(|one| one.kind.phrase().to_string()));
            zh_en!("为{}提交证据：{pieces}", "adds evidence on {}: {pieces}", of(items))
        }
        Act::Represented { items, by } => {
            zh_en!("{}由{}代理", "{}: {} acts for it", of(items), words::representative(*by))
        }
        Act::Notified { items, to, delivered_at, .. } => {
            let (of, to, when) = (of(items), words::addressee(*to), time_text(*delivered_at));
            zh_en!("已告知{of}的{to}，{when}送达", "of {of}: {to} was told, delivered {when}")
        }
        Act::NoticeFailed { items, attempted_at, .. } => {
            zh_en!("告知{}失败，{}", "of {}: notice failed, {}", of(items), time_text(*attempted_at))
        }
        Act::ServedByPublication { items, published_at, .. } => {
            zh_en!("公告送达{}，{}", "of {}: served by publication, {}", of(items), time_text(*published_at))
        }
        Act::Answered { items } => zh_en!("{}陈述申辩", "{} answers", of(items)),
        Act::DecisionNotified { items, to, delivered_at, .. } => {
            let (of, to, when) = (of(items), words::addressee(*to), time_text(*delivered_at));
            zh_en!("{of}的决定已送达{to}，{when}", "of {of}: the decision was told to {to}, delivered {when}")
        }
        Act::DecisionPublished { items, published_at, .. } => {
            let (of, when) = (of(items), time_text(*published_at));
            zh_en!("{of}的决定已公告送达，{when}", "of {of}: the decision was told by publication, {when}")
        }
        Act::Appealed { items, heard_by, filed_at, by, paper } => {
            let (of, by, when, paper) = (of(items), words::filer(*by), time_text(*filed_at), on_paper(*paper));
            zh_en!(
                "{by}就{of}的决定提出异议，{when}提出{paper}，由案件 {heard_by} 处理",
                "of {of}: {by} appeals what was decided, filed {when}{paper}; case {heard_by} hears it"
            )
        }
        Act::ProbationReported { items, reported_at, .. } => {
            zh_en!("记录{}的观察期情况，{}", "reports how it goes with {}, {}", of(items), time_text(*reported_at))
        }
        Act::AccessApproved { items, reader } => {
            zh_en!("批准 {} 查看{}", "approves that {} reads about {}", holder(reader, at, law), of(items))
        }
        Act::Closed {} => zh_en!("结案", "closes the case"),
        act => what_of_panel(act, at, law).or_else(|| what_of_decision(act)).unwrap_or_default(),
    }
}

/// The same of who decides.
fn what_of_panel(act: &Act, at: Time, law: &Law<'_>) -> Option<String> {
    Some(match act {
        Act::PanelNamed { seats } => zh_en!("指定评议组：{}", "names the panel: {}", holders(seats, at, law)),
        Act::DrawAnnounced { eligible, seats, guarantors } => {
            let (eligible, guarantors) = (holders(eligible, at, law), holders(guarantors, at, law));
            zh_en!(
                "公告从 {eligible} 中抽取{seats}名，由 {guarantors} 提供随机数",
                "announces that {seats} of {eligible} are drawn; {guarantors} bring the secrets"
            )
        }
        Act::DrawCommitted { .. } => zh_en!("承诺随机数", "commits to a secret"),
        Act::DrawFixed { size, .. } => zh_en!("固定登记册前{size}条的根值", "fixes the log's root at {size} entries"),
        Act::DrawOpened { .. } => zh_en!("公开随机数", "opens the secret"),
        Act::Drawn { seats } => zh_en!("抽签结果：{}", "the draw gives {}", holders(seats, at, law)),
        Act::Recused { items } if items.is_empty() => zh_en!("回避全案", "is recused from the whole case"),
        Act::Recused { items } => zh_en!("就{}回避", "is recused from {}", of(items)),
        Act::Challenged { seat, items } => {
            zh_en!("就{}申请 {} 回避", "of {}: a challenge of {}", of(items), holder(seat, at, law))
        }
        Act::ChallengeDecided { challenge, upheld: true } => {
            zh_en!("准许第{challenge}项的回避申请", "upholds the challenge of event {challenge}")
        }
        Act::ChallengeDecided { challenge, upheld: false } => {
            zh_en!("驳回第{challenge}项的回避申请", "rejects the challenge of event {challenge}")
        }
        Act::Replaced { out, seat } => {
            let (out, seat) = (holder(out, at, law), holder(seat, at, law));
            zh_en!("由 {seat} 替换 {out}", "puts {seat} in the place of {out}")
        }
        _ => return None,
    })
}

/// The same of how it is decided.
fn what_of_decision(act: &Act) -> Option<String> {
    Some(match act {
        Act::InterimProposed { item, .. } => {
            zh_en!("提议对{}采取临时措施", "proposes an interim for {}", items([*item]))
        }
        Act::SessionOpened { items, seal_by, open_by } => {
            let (of, seal_by, open_by) = (of_proposals(items), time_text(*seal_by), time_text(*open_by));
            zh_en!(
                "提请评议{of}：{seal_by}前投票，{open_by}前公开",
                "puts {of} before the panel: votes until {seal_by}, opened until {open_by}"
            )
        }
        Act::Present { session } => zh_en!("到会（第{session}项）", "is present at session {session}"),
        Act::VoteSealed { session, .. } => zh_en!("密封投票（第{session}项）", "seals a vote in session {session}"),
        Act::VoteOpened { session, vote, .. } => {
            let vote = words::vote(vote);
            zh_en!("公开投票（第{session}项）：{vote}", "opens the vote in session {session}: {vote}")
        }
        Act::SessionClosed { session } => zh_en!("第{session}项所开的评议结束", "session {session} is closed"),
        Act::Resolved { of, items } => {
            zh_en!("就第{of}项作出决议：{}", "resolves on {}, of event {of}", of_proposals(items))
        }
        Act::Confirmed { resolution } => {
            zh_en!("确认第{resolution}项决议", "confirms the resolution of event {resolution}")
        }
        Act::Withdrawn { session } => {
            zh_en!("撤回第{session}项所开评议的结果", "takes back what session {session} carried")
        }
        Act::Issued { .. } => zh_en!("文书已登记", "its docket is logged"),
        _ => return None,
    })
}

/// The events that travel with a chain, in order.
pub fn kept(file: &CaseFile) -> impl Iterator<Item = &KeptCaseEvent> {
    file.events.iter().map(|filed| &filed.kept)
}
