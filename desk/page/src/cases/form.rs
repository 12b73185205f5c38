//! The form of each act of a case: its fields, for whom it is, and what stands in it at first.

use callboard_desk::cases::{
    sealed::seat_of,
    typed::day_and_clock,
    waiting::{Task, Waits},
    words,
};
use callboard_federation::{
    encoding::Time,
    language::Phrase,
    roster::{Role, Roster, RuleKey},
    statement::Kind,
    zh_en,
};
use callboard_rules::case::{
    Case, Stage,
    act::{Addressee, EvidenceKind, Representative},
    law::Seat,
    number::ItemNumber,
};
use serde::de::DeserializeOwned;

use super::{
    known::{Proposed, ReadCase},
};
use crate::form::Form;

/// The form of an act.
pub(super) struct ActForm {
    pub(super) word: &'static str,
    pub(super) title: String,
    pub(super) note: Option<String>,
    pub(super) hidden: Vec<(&'static str, String)>,
    pub(super) fields: Vec<Field>,
    pub(super) button: String,
}

pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) kind: FieldKind,
    pub(super) value: String,
}

#[derive(PartialEq, Eq)]
pub(super) enum FieldKind {
    Line,
    Text,
    Day,
    File,
    /// One of these, by word and label.
    Choice(Vec<(String, String)>),
    /// Some of these: word, label, and whether it is ticked.
    Ticks(Vec<(String, String, bool)>),
}

/// What the forms of a case are made of.
pub(super) struct Forms<'a> {
    pub(super) read: &'a ReadCase,
    pub(super) seat: &'a Seat,
    pub(super) roster: &'a Roster,
    /// Members by id and name.
    pub(super) members: &'a [(String, String)],
    pub(super) proposals: &'a [std::sync::Arc<Proposed>],
    pub(super) now: Time,
    /// What was typed before.
    pub(super) typed: &'a Form,
}

impl ActForm {
    pub(super) fn has_file(&self) -> bool {
        self.fields.iter().any(|field| field.kind == FieldKind::File)
    }

    fn new(word: &'static str, title: Phrase, fields: Vec<Field>) -> Self {
        let title = title.to_string();
        Self { word, button: title.clone(), title, note: None, hidden: Vec::new(), fields }
    }

    fn note(self, note: Phrase) -> Self {
        Self { note: Some(note.to_string()), ..self }
    }

    fn button(self, button: Phrase) -> Self {
        Self { button: button.to_string(), ..self }
    }

    fn hidden(mut self, name: &'static str, value: impl ToString) -> Self {
        self.hidden.push((name, value.to_string()));
        self
    }
}

impl Field {
    pub(super) fn is(&self, kind: &str) -> bool {
        kind == match self.kind {
            FieldKind::Line => "line",
            FieldKind::Text => "text",
            FieldKind::Day => "day",
            FieldKind::File => "file",
            FieldKind::Choice(_) => "choice",
            FieldKind::Ticks(_) => "ticks",
        }
    }

    pub(super) fn choices(&self) -> Vec<(&str, &str, bool)> {
        let FieldKind::Choice(choices) = &self.kind else { return Vec::new() };
        choices.iter().map(|(word, label)| (word.as_str(), label.as_str(), *word == self.value)).collect()
    }

    pub(super) fn ticks(&self) -> &[(String, String, bool)] {
        if let FieldKind::Ticks(ticks) = &self.kind { ticks } else { &[] }
    }
}

/// The acts that a role has beside what waits for it, in the order in which a case goes.
pub(super) const fn acts_of(role: Role) -> &'static [&'static str] {
    match role {
        Role::Secretariat => &[
            "add-item", "evidence", "notified", "notice-failed", "published", "represented", "answered", "challenge",
            "interim", "session", "drop-item", "approve-access", "close",
        ],
        Role::Chair => &[
            "panel", "draw", "replace", "session", "interim", "recuse", "withdraw", "drop-item", "approve-access", "close",
        ],
        Role::Panel => &["session", "recuse", "approve-access"],
        Role::Auditor => &[],
    }
}

/// The word of a value as the formats write it.
pub(super) fn word_of(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The value of a word.
pub(super) fn of_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(word.into()).ok()
}

const EVIDENCE: [EvidenceKind; 7] = [
    EvidenceKind::Recording,
    EvidenceKind::Screenshot,
    EvidenceKind::ChatLog,
    EvidenceKind::Document,
    EvidenceKind::AuthorityDecision,
    EvidenceKind::CourtOrder,
    EvidenceKind::ForeignDocket,
];

/// What may be decided about somebody, as a form offers it.
fn decisions() -> Vec<(String, String)> {
    let mut keys = vec![RuleKey { kind: Kind::Ruling, of: None }, RuleKey { kind: Kind::Link, of: None }];
    let about = ["annulment/ruling", "annulment/interim", "annulment/link", "reinstatement/ruling", "stay/ruling", "end/ruling", "end/stay", "annulment/reinstatement", "end/reinstatement"];
    keys.extend(about.into_iter().filter_map(of_word::<RuleKey>));
    keys.into_iter().map(|key| (word_of(&key), words::decision(key))).collect()
}

impl Forms<'_> {
    const fn case(&self) -> &Case {
        &self.read.file.case
    }

    fn value(&self, name: &str, otherwise: &str) -> String {
        if self.typed.has(name) { self.typed.get(name).to_owned() } else { otherwise.to_owned() }
    }

    fn field(&self, name: &'static str, label: Phrase, kind: FieldKind, otherwise: &str) -> Field {
        Field { name, label: label.to_string(), kind, value: self.value(name, otherwise) }
    }

    fn items(&self, otherwise: &[ItemNumber]) -> Field {
        let label = Phrase::new("第几人（如 1-3、7；空白为全部未决的）", "Items (such as 1-3, 7; empty: all that wait)");
        self.field("items", label, FieldKind::Line, &runs(otherwise))
    }

    fn text(&self, label: Phrase) -> Field {
        self.field("text", label, FieldKind::Text, "")
    }

    fn when(&self, day: Phrase, clock: Phrase) -> [Field; 2] {
        let (date, time) = day_and_clock(self.now);
        [
            self.field("day", day, FieldKind::Day, &date),
            self.field("clock", clock, FieldKind::Line, &time),
        ]
    }

    /// Seats that may sit, each with what it is recused from.
    fn panel_seats(&self) -> impl Iterator<Item = (String, String, &callboard_federation::roster::Seat)> {
        let may_sit = |seat: &&callboard_federation::roster::Seat| matches!(seat.role, Role::Panel | Role::Chair);
        self.roster.seats.iter().filter(may_sit).map(|seat| {
            (seat.public_key.id().to_string(), seat_label(self.case(), seat), seat)
        })
    }

    fn seats(&self, name: &'static str, label: Phrase, is: impl Fn(&callboard_federation::roster::Seat) -> bool) -> Field {
        let seats = self.roster.seats.iter().filter(|seat| is(seat));
        let choices = seats.map(|seat| (seat.public_key.id().to_string(), seat_label(self.case(), seat))).collect();
        self.field(name, label, FieldKind::Choice(choices), "")
    }

    fn proposal(&self) -> Field {
        let choices = self.proposals.iter().map(|of| (of.draft.to_string(), of.label.clone())).collect();
        self.field("proposal", Phrase::new("提请评议的草案", "What is put to the vote"), FieldKind::Choice(choices), "")
    }

    /// The form of what waits.
    pub(super) fn of_task(&self, waits: &Waits) -> Option<ActForm> {
        match &waits.task {
            Task::NamePanel => self.of("panel"),
            Task::AnnounceDraw => self.of("draw"),
            Task::CommitDraw => self.of("draw-commit"),
            Task::OpenDraw => self.of("draw-open"),
            Task::Notify(items) => {
                let mut form = self.of("notified")?;
                self.propose(&mut form, "items", &runs(items));
                Some(form)
            }
            Task::OpenSession(items) => {
                let mut form = self.of("session")?;
                self.propose(&mut form, "items", &runs(items));
                Some(form)
            }
            Task::BePresent(_) => self.of("present"),
            Task::SealVote(_) => self.of("vote"),
            Task::OpenVote(_) => self.of("open-vote"),
            Task::DecideChallenge(number) => Some(self.of("decide-challenge")?.hidden("challenge", number)),
            Task::Order(number) => Some(self.resolve(Phrase::new("决定采取临时措施", "Order the interim")).hidden("of", number)),
            Task::Resolve(number) => {
                Some(self.resolve(Phrase::new("按表决结果作出决议", "Resolve as it was voted")).hidden("of", number))
            }
            Task::Confirm(number) => {
                let form = ActForm::new("confirm", Phrase::new("确认决议", "Confirm the resolution"), Vec::new());
                Some(form.hidden("resolution", number))
            }
            Task::DraftDocket(procedure) => {
                let form = ActForm::new(
                    "docket",
                    Phrase::new("起草文书，送签署", "Draft the docket, and send it to be signed"),
                    vec![self.proposal()],
                );
                Some(form.hidden("procedure", procedure))
            }
            Task::Close => self.of("close"),
        }
    }

    /// What stands in a field unless something else was typed.
    fn propose(&self, form: &mut ActForm, name: &'static str, value: &str) {
        if !self.typed.has(name)
            && let Some(field) = form.fields.iter_mut().find(|field| field.name == name)
        {
            value.clone_into(&mut field.value);
        }
    }

    fn resolve(&self, title: Phrase) -> ActForm {
        ActForm::new("resolve", title, vec![self.text(Phrase::new("理由（可不填，密封）", "Reasons, if any (sealed)"))])
    }

    /// The form of an act by its word.
    pub(super) fn of(&self, word: &str) -> Option<ActForm> {
        self.of_secretariat(word).or_else(|| self.of_panel(word)).or_else(|| self.of_session(word))
    }

    fn of_secretariat(&self, word: &str) -> Option<ActForm> {
        let choices = |all: Vec<(String, String)>| FieldKind::Choice(all);
        Some(match word {
            "add-item" => {
                let next = self.case().items.keys().max().map_or(1, |last| last.saturating_add(1));
                let members = self.members.iter().map(|(id, name)| (id.clone(), name.clone(), false)).collect::<Vec<_>>();
                let ticked = |name: &'static str| {
                    members.iter().map(|(id, text, _)| {
                        (id.clone(), text.clone(), self.typed.all(name).any(|typed| typed == id))
                    }).collect()
                };
                let decides = decisions().into_iter().map(|(word, text)| {
                    let is_first = !self.typed.has("names") && word == "ruling";
                    let is_ticked = is_first || self.typed.all("decides").any(|typed| typed == word);
                    (word, text, is_ticked)
                });
                let minor = vec![("1".to_owned(), zh_en!("行为时未满18周岁", "under 18 at the conduct"), self.typed.has("minor"))];
                ActForm::new("add-item", Phrase::new("列入当事人", "Add a person"), vec![
                    self.field("names", Phrase::new("姓名（密封）", "Name (sealed)"), FieldKind::Line, ""),
                    self.field("accounts", Phrase::new("账号（密封，可不填）", "Accounts, if any (sealed)"), FieldKind::Line, ""),
                    self.field("decides", Phrase::new("可以决定", "What may be decided"), FieldKind::Ticks(decides.collect()), ""),
                    self.field("hosts", Phrase::new("所在平台或签约单位（不详的不选）", "Who hosts them or has a contract with them; none: unknown"), FieldKind::Ticks(ticked("hosts")), ""),
                    self.field("reporters", Phrase::new("举报单位（没有的不选）", "Members that reported them, if any"), FieldKind::Ticks(ticked("reporters")), ""),
                    self.field("minor", Phrase::new("年龄", "Age"), FieldKind::Ticks(minor), ""),
                ]).hidden("item", next)
            }
            "drop-item" => ActForm::new("drop-item", Phrase::new("不再处理", "Don't pursue it"), vec![
                self.field("item", Phrase::new("第几人", "Item"), FieldKind::Line, ""),
                self.text(Phrase::new("理由（密封）", "Why (sealed)")),
            ]),
            "evidence" => {
                let kinds = EVIDENCE.iter().map(|kind| (word_of(kind), words::evidence(*kind).to_string())).collect();
                ActForm::new("evidence", Phrase::new("提交证据", "Add evidence"), vec![
                    self.items(&[]),
                    self.field("kind", Phrase::new("证据种类", "What it is"), choices(kinds), ""),
                    self.field("file", Phrase::new("证据文件", "The file"), FieldKind::File, ""),
                ]).note(Phrase::new("文件留在本机，只提交其摘要。", "The file stays on this computer: only its hash leaves it."))
            }
            "notified" => {
                let to = [Addressee::Subject, Addressee::Guardian, Addressee::Representative];
                let to = to.iter().map(|to| (word_of(to), words::addressee(*to).to_string())).collect();
                let [day, clock] = self.when(Phrase::new("送达日期", "Day of delivery"), Phrase::new("送达时刻", "Time of delivery"));
                ActForm::new("notified", Phrase::new("记录送达", "Prove the notice"), vec![
                    self.items(&[]),
                    self.field("to", Phrase::new("告知何人", "Who was told"), choices(to), ""),
                    day,
                    clock,
                    self.field("file", Phrase::new("送达证明文件", "Proof of delivery"), FieldKind::File, ""),
                ]).note(Phrase::new("文件留在本机，只提交其摘要。", "The file stays on this computer: only its hash leaves it."))
            }
            "notice-failed" => {
                let [day, clock] = self.when(Phrase::new("告知日期", "Day of the attempt"), Phrase::new("告知时刻", "Time of the attempt"));
                ActForm::new("notice-failed", Phrase::new("记录告知失败", "Prove that a notice failed"), vec![
                    self.items(&[]),
                    day,
                    clock,
                    self.field("file", Phrase::new("失败证明文件", "Proof of the attempt"), FieldKind::File, ""),
                ])
            }
            "published" => {
                let [day, clock] = self.when(Phrase::new("公告日期", "Day of publication"), Phrase::new("公告时刻", "Time of publication"));
                ActForm::new("published", Phrase::new("记录公告送达", "Enter service by publication"), vec![
                    self.items(&[]),
                    day,
                    clock,
                    self.field("file", Phrase::new("公告文件（遮蔽姓名）", "The notice, names masked"), FieldKind::File, ""),
                ])
            }
            "represented" => {
                let by = [Representative::Guardian, Representative::Attorney, Representative::Heir];
                let by = by.iter().map(|by| (word_of(by), words::representative(*by).to_string())).collect();
                ActForm::new("represented", Phrase::new("记录代理", "Enter who acts for them"), vec![
                    self.items(&[]),
                    self.field("by", Phrase::new("代理人身份", "As what"), choices(by), ""),
                    self.text(Phrase::new("代理人（密封）", "Who it is (sealed)")),
                ])
            }
            "answered" => ActForm::new("answered", Phrase::new("记录陈述申辩", "Enter an answer"), vec![
                self.items(&[]),
                self.text(Phrase::new("陈述申辩内容（密封）", "What was said (sealed)")),
            ]),
            "challenge" => ActForm::new("challenge", Phrase::new("记录回避申请", "Enter a challenge"), vec![
                self.seats("seat", Phrase::new("申请何人回避", "Which seat"), |seat| matches!(seat.role, Role::Panel | Role::Chair)),
                self.items(&[]),
                self.text(Phrase::new("申请理由（密封）", "Why (sealed)")),
            ]),
            "interim" => ActForm::new("interim", Phrase::new("提议临时措施", "Propose an interim"), vec![
                self.proposal(),
                self.field("item", Phrase::new("第几人", "Item"), FieldKind::Line, ""),
            ]),
            "approve-access" => ActForm::new("approve-access", Phrase::new("批准查看未成年人内容", "Approve that a seat reads about a minor"), vec![
                self.seats("reader", Phrase::new("由谁查看", "Who is to read"), |seat| seat.public_key.id() != self.seat.key && seat.role != Role::Auditor),
                self.items(&self.minors()),
            ]),
            "close" => ActForm::new("close", Phrase::new("结案", "Close the case"), Vec::new()),
            _ => return None,
        })
    }

    fn of_panel(&self, word: &str) -> Option<ActForm> {
        Some(match word {
            "panel" => {
                let panel = &self.case().panel;
                let tick = |(key, label, seat): (String, String, &callboard_federation::roster::Seat)| {
                    let is_ticked = if self.typed.has("seat") {
                        self.typed.all("seat").any(|typed| typed == key)
                    } else {
                        panel.seats.contains(&seat.holder)
                    };
                    (key, label, is_ticked)
                };
                let least = self.case().terms().least_seats;
                let ticks = FieldKind::Ticks(self.panel_seats().map(tick).collect());
                let form = ActForm::new("panel", Phrase::new("指定评议组", "Name the panel"), vec![
                    self.field("seat", Phrase::new("评议组成员", "Seats of the panel"), ticks, ""),
                ]);
                ActForm { note: Some(zh_en!("每人须至少有{least}名无须回避的成员。", "For each item at least {least} of them aren't recused.")), ..form }
            }
            "draw" => ActForm::new("draw", Phrase::new("公告抽签", "Announce the draw"), vec![
                self.seats("chair", Phrase::new("提供随机数的主任委员", "The chair that brings a secret"), |seat| seat.role == Role::Chair),
                self.seats("second", Phrase::new("另一名提供随机数的签署人", "Another seat that brings one"), |seat| seat.role != Role::Panel),
                self.seats("third", Phrase::new("第三名提供随机数的签署人", "The third"), |seat| seat.role != Role::Panel),
                self.field("count", Phrase::new("抽取几名", "How many are drawn"), FieldKind::Line, &self.case().terms().least_seats.to_string()),
            ]),
            "draw-commit" => ActForm::new("draw-commit", Phrase::new("承诺抽签随机数", "Commit to a secret of the draw"), Vec::new())
                .note(Phrase::new("随机数由本机生成并保存，公开时须在本机办理。", "This computer makes the secret and keeps it: it is opened here.")),
            "draw-open" => ActForm::new("draw-open", Phrase::new("公开抽签随机数", "Open your secret of the draw"), Vec::new()),
            "replace" => {
                let sits = |seat: &callboard_federation::roster::Seat| self.case().panel.seats.contains(&seat.holder);
                ActForm::new("replace", Phrase::new("替换评议组成员", "Replace a seat of the panel"), vec![
                    self.seats("out", Phrase::new("退出者", "Who leaves"), sits),
                    self.seats("in", Phrase::new("替补者", "Who takes the place"), |seat| !sits(seat) && matches!(seat.role, Role::Panel | Role::Chair)),
                ])
            }
            "recuse" => ActForm::new("recuse", Phrase::new("本人回避", "Recuse myself"), vec![
                self.field("items", Phrase::new("就第几人回避（如 1-3、7；空白为全案）", "From which items (such as 1-3, 7; empty: the whole case)"), FieldKind::Line, ""),
                self.text(Phrase::new("理由（密封）", "Why (sealed)")),
            ]),
            "decide-challenge" => {
                let how = vec![("rejected".to_owned(), zh_en!("驳回", "rejected")), ("upheld".to_owned(), zh_en!("准许回避", "upheld"))];
                ActForm::new("decide-challenge", Phrase::new("决定回避申请", "Decide the challenge"), vec![
                    self.field("how", Phrase::new("决定", "Decision"), FieldKind::Choice(how), ""),
                    self.text(Phrase::new("决定理由（密封）", "Why (sealed)")),
                ])
            }
            _ => return None,
        })
    }

    fn of_session(&self, word: &str) -> Option<ActForm> {
        Some(match word {
            "session" => ActForm::new("session", Phrase::new("提请评议", "Put it before the panel"), vec![
                self.proposal(),
                self.items(&[]),
                self.field("seal-hours", Phrase::new("投票时间（小时）", "Hours to vote"), FieldKind::Line, "24"),
                self.field("open-hours", Phrase::new("此后公开投票的时间（小时）", "Hours to open votes after that"), FieldKind::Line, "24"),
            ]),
            "present" => ActForm::new("present", Phrase::new("到会", "I am here"), Vec::new()).button(Phrase::new("我已到会", "I am here")),
            "vote" => {
                let how = ["for", "against", "abstain"].into_iter().zip([("赞成", "for"), ("反对", "against"), ("弃权", "abstain")]);
                let how = how.map(|(word, (zh, en))| (word.to_owned(), Phrase::new(zh, en).to_string())).collect();
                let line = |name, label| self.field(name, label, FieldKind::Line, "");
                ActForm::new("vote", Phrase::new("投票", "Vote"), vec![
                    self.field("all", Phrase::new("对全部各人", "On all of them"), FieldKind::Choice(how), ""),
                    line("for", Phrase::new("例外：赞成第几人", "But for: items")),
                    line("against", Phrase::new("例外：反对第几人", "But against: items")),
                    line("abstain", Phrase::new("例外：弃权第几人", "But abstain: items")),
                    self.text(Phrase::new("理由（公开投票时密封给各签署人）", "Reasons (sealed to the seats when it is opened)")),
                ])
                .note(Phrase::new(
                    "投票先密封；全体投完或者时间届满后，本机在解锁期间自动公开。请勿换计算机：能公开它的只有本机。",
                    "The vote is sealed at first. Once all have voted or the time is up, this desk opens it by itself, while it is unlocked. Stay on this computer: no other can open it.",
                ))
                .button(Phrase::new("密封投票", "Seal the vote"))
            }
            "open-vote" => ActForm::new("open-vote", Phrase::new("公开投票", "Open my vote"), Vec::new())
                .note(Phrase::new("本机解锁期间会自动公开；也可以立即公开。", "This desk opens it by itself while it is unlocked; it may be opened at once, too.")),
            "withdraw" => {
                let sessions = self.case().sessions.keys();
                let label = |number: &u64| zh_en!("第{number}项所开的评议", "session {number}");
                let choices = sessions.map(|number| (number.to_string(), label(number))).collect();
                ActForm::new("withdraw", Phrase::new("撤回评议结果", "Take back what a session carried"), vec![
                    self.field("session", Phrase::new("哪次评议", "Which session"), FieldKind::Choice(choices), ""),
                    self.text(Phrase::new("理由（密封）", "Why (sealed)")),
                ])
            }
            _ => return None,
        })
    }

    fn minors(&self) -> Vec<ItemNumber> {
        self.case().items.iter().filter(|(_, item)| item.minor).map(|(number, _)| *number).collect()
    }

    /// Whether a word makes sense where the case is.
    pub(super) fn is_offered(&self, word: &str) -> bool {
        let case = self.case();
        let (is_closed, is_sitting) = (matches!(case.stage, Stage::Closed), matches!(case.stage, Stage::Sitting(_)));
        let has_items = case.items.values().any(|item| !matches!(item.state, callboard_rules::case::item::ItemState::Issued | callboard_rules::case::item::ItemState::Dropped));
        match word {
            _ if is_closed => false,
            "add-item" => true,
            "panel" => has_items && !is_sitting && !case.terms().is_drawn,
            "draw" => has_items && !is_sitting && case.terms().is_drawn,
            "session" | "interim" => has_items && !is_sitting && !self.proposals.is_empty(),
            "replace" => !is_sitting && !case.panel.seats.is_empty(),
            "withdraw" => !case.sessions.is_empty(),
            "approve-access" => !self.minors().is_empty(),
            _ => has_items,
        }
    }
}

/// A seat as people read it: its holder and role, and what it is recused from.
fn seat_label(case: &Case, seat: &callboard_federation::roster::Seat) -> String {
    let own = seat_of(seat);
    let recused: Vec<ItemNumber> = case.items.keys().copied().filter(|item| case.is_recused(&own, *item)).collect();
    let (holder, role) = (&seat.holder, seat.role.words());
    let out = if case.panel.out.contains(&seat.holder) { zh_en!("，不得参加下一次评议", ", out of the next panel") } else { String::new() };
    if recused.is_empty() {
        zh_en!("{holder}（{role}{out}）", "{holder} ({role}{out})")
    } else {
        let from = words::items(recused);
        zh_en!("{holder}（{role}，就{from}回避{out}）", "{holder} ({role}, recused from {from}{out})")
    }
}

/// Numbers as they are typed.
pub(super) fn runs(numbers: &[ItemNumber]) -> String {
    let mut text = String::new();
    let mut at = 0;
    while let Some(first) = numbers.get(at) {
        let mut last = *first;
        while numbers.get(at + 1).is_some_and(|next| last.checked_add(1) == Some(*next)) {
            at += 1;
            last = last.saturating_add(1);
        }
        if !text.is_empty() {
            text.push_str(", ");
        }
        if *first == last { text.push_str(&first.to_string()) } else { text.push_str(&format!("{first}-{last}")) }
        at += 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_in_a_field_as_they_are_read_from_it() {
        assert_eq!(runs(&[1, 2, 3, 7, 9, 10]), "1-3, 7, 9-10");
        assert_eq!(callboard_desk::cases::typed::items(&runs(&[1, 2, 3, 7])).unwrap(), [1, 2, 3, 7]);
    }
}
