//! What waits for a seat in a case, and why it can't: asked of the rules themselves, so that what is offered is taken.
//!
//! Long because each task stands here with its words and with when it waits.

use callboard_federation::{
    encoding::{Hash, Time},
    roster::Role,
    statement::Kind,
    zh_en,
};
use callboard_rules::case::{
    Case, Stage,
    act::{Act, Proposal},
    appeal::{Disputes, Outcome},
    draw::DrawTask,
    error::Why,
    item::{Item, ItemState},
    law::{Law, Seat, Who},
    number::ItemNumber,
    resolution::{Resolution, Source},
    session::Session,
};

use super::words::items as items_text;
use crate::letter::term::time_text;

/// Something that a seat is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    NamePanel,
    AnnounceDraw,
    CommitDraw,
    OpenDraw,
    Notify(Vec<ItemNumber>),
    OpenSession(Vec<ItemNumber>),
    BePresent(u64),
    SealVote(u64),
    OpenVote(u64),
    DecideChallenge(u64),
    /// Of an interim that was proposed.
    Order(u64),
    /// Of a session that was closed.
    Resolve(u64),
    Confirm(u64),
    /// Of the resolution that ends in this event.
    DraftDocket(Hash),
    Close,
    /// That it was decided.
    TellDecision(Vec<ItemNumber>),
    /// A stay, of an appeal that no panel can hear.
    ProposeStay(Vec<ItemNumber>),
    /// The same, once it was proposed.
    OrderStay(u64),
    /// What is to be put to the vote on an appeal.
    DraftAppeal(Vec<ItemNumber>),
    /// Of what was decided in the first case, by its items.
    Dispute(Vec<ItemNumber>),
    EndDispute(Vec<ItemNumber>),
    EndStay(Vec<ItemNumber>),
    /// Of who returned and is tried.
    ReportProbation(ItemNumber),
}

/// What waits for a seat.
#[derive(Debug)]
pub struct Waits {
    pub task: Task,
    /// Why it can't be done now.
    pub hindered: Option<Why>,
    /// By when it is due.
    pub until: Option<Time>,
}

impl Waits {
    const fn now(task: Task) -> Self {
        Self { task, hindered: None, until: None }
    }

    fn until(self, until: Time) -> Self {
        Self { until: Some(until), ..self }
    }

    /// In words.
    pub fn text(&self) -> String {
        let task = self.task.text();
        let task = match self.until {
            Some(until) => zh_en!("{task}（{}前）", "{task} (by {})", time_text(until)),
            None => task,
        };
        match &self.hindered {
            Some(why) => zh_en!("{task}：暂不能，{why}", "{task}: not yet, {why}"),
            None => task,
        }
    }
}

impl Task {
    /// In words.
    pub fn text(&self) -> String {
        match self {
            Self::NamePanel => zh_en!("指定评议组", "name the panel"),
            Self::AnnounceDraw => zh_en!("公告抽签", "announce the draw"),
            Self::CommitDraw => zh_en!("承诺抽签随机数", "commit to a secret of the draw"),
            Self::OpenDraw => zh_en!("公开抽签随机数", "open your secret of the draw"),
            Self::Notify(items) => zh_en!("告知{}", "have {} told", items_text(items.iter().copied())),
            Self::OpenSession(items) => {
                zh_en!("提请评议{}", "put {} before the panel", items_text(items.iter().copied()))
            }
            Self::BePresent(session) => zh_en!("到会（第{session}项所开的评议）", "be present at session {session}"),
            Self::SealVote(session) => zh_en!("投票（第{session}项所开的评议）", "vote in session {session}"),
            Self::OpenVote(session) => {
                zh_en!("公开投票（第{session}项所开的评议）", "open your vote in session {session}")
            }
            Self::DecideChallenge(number) => {
                zh_en!("决定第{number}项的回避申请", "decide the challenge of event {number}")
            }
            Self::Order(number) => zh_en!("决定第{number}项提议的临时措施", "order the interim of event {number}"),
            Self::Resolve(session) => zh_en!("就第{session}项所开的评议作出决议", "resolve session {session}"),
            Self::Confirm(resolution) => {
                zh_en!("确认第{resolution}项决议", "confirm the resolution of event {resolution}")
            }
            Self::DraftDocket(_) => zh_en!("起草文书，送签署", "draft the docket, to be signed"),
            Self::Close => zh_en!("结案", "close the case"),
            Self::TellDecision(items) => {
                zh_en!("送达{}的决定", "have {} told what was decided", items_text(items.iter().copied()))
            }
            Self::ProposeStay(items) => zh_en!(
                "无法组成评议组：起草并提议对{}暂缓执行",
                "no panel can be formed: draft and propose a stay for {}",
                items_text(items.iter().copied())
            ),
            Self::OrderStay(number) => zh_en!("决定第{number}项提议的暂缓执行", "order the stay of event {number}"),
            Self::DraftAppeal(items) => zh_en!(
                "起草对原案{}异议的处理意见，提请评议",
                "draft what is put to the vote on the appeal of {} of the first case",
                items_text(items.iter().copied())
            ),
            Self::Dispute(items) => zh_en!(
                "起草异议登记，说明原案{}的决定有异议，送签署",
                "draft the dispute of what was decided about {} of the first case, to be signed",
                items_text(items.iter().copied())
            ),
            Self::EndDispute(items) => zh_en!(
                "起草终止异议登记（原案{}维持原决定），送签署",
                "draft the end of the dispute, since what was decided about {} of the first case stays, to be signed",
                items_text(items.iter().copied())
            ),
            Self::EndStay(items) => zh_en!(
                "起草终止暂缓执行（{}），提请评议",
                "draft the end of the stay of {}, and put it before the panel",
                items_text(items.iter().copied())
            ),
            Self::ReportProbation(item) => zh_en!(
                "提交{}观察期情况报告",
                "file the report of how it goes with {} during probation",
                items_text([*item])
            ),
        }
    }
}

/// What waits for a seat, the most pressing first. `law` is that of the desk's own log.
pub fn waits_for(case: &Case, seat: &Seat, at: Time, law: &Law<'_>) -> Vec<Waits> {
    Asked { case, seat, at, law }.all()
}

struct Asked<'a> {
    case: &'a Case,
    seat: &'a Seat,
    at: Time,
    law: &'a Law<'a>,
}

impl Asked<'_> {
    fn all(&self) -> Vec<Waits> {
        if matches!(self.case.stage, Stage::Closed) {
            return self.behind_decision();
        }
        let mut waits = self.of_draw();
        waits.extend(self.of_session());
        waits.extend(self.of_challenges());
        waits.extend(self.of_resolutions());
        if matches!(self.case.stage, Stage::Open) && self.case.panel.draw.is_none() {
            waits.extend(self.of_preparation());
        }
        waits.extend(self.of_appeal());
        waits.extend(self.behind_decision());
        waits
    }

    /// What follows a decision, whether the case is closed or not.
    fn behind_decision(&self) -> Vec<Waits> {
        if !self.has_role(&[Role::Secretariat]) {
            return Vec::new();
        }
        let issued = || self.case.items.iter().filter(|(_, item)| item.state == ItemState::Issued);
        let untold: Vec<ItemNumber> = issued().filter(|(_, item)| !item.is_told).map(|(number, _)| *number).collect();
        let mut waits = Vec::new();
        if !untold.is_empty() {
            waits.push(Waits::now(Task::TellDecision(untold)));
        }
        let at = self.at.max(self.case.at());
        let Disputes { to_dispute, to_end } = self.case.disputes(self.law, at);
        if !to_dispute.is_empty() {
            waits.push(Waits::now(Task::Dispute(to_dispute)));
        }
        if !to_end.is_empty() {
            waits.push(Waits::now(Task::EndDispute(to_end)));
        }
        for (number, _) in issued() {
            let owed = self.case.probation(*number, at, self.law).and_then(|probation| probation.report_by);
            let ends = owed.and_then(|day| self.case.terms().start_of(day.tomorrow().ok()?));
            waits.extend(ends.map(|ends| Waits::now(Task::ReportProbation(*number)).until(ends)));
        }
        waits
    }

    /// What an appeal asks of the secretariat and the chairs, beside what every case does.
    fn of_appeal(&self) -> Vec<Waits> {
        let Some(appeal) = &self.case.appeal else { return Vec::new() };
        let at = self.at.max(self.case.at());
        let outcomes = self.case.outcomes(self.law, at);
        let has = |first: ItemNumber, is_so: fn(&Item) -> bool| {
            let of_first = self.case.items.values().filter(|item| item.appeals == Some(first));
            of_first.filter(|item| item.state != ItemState::Dropped).any(is_so)
        };
        let with = |outcome: Outcome, is_so: &dyn Fn(ItemNumber) -> bool| -> Vec<ItemNumber> {
            let of = appeal.items().filter(|first| outcomes.get(first) == Some(&outcome));
            of.filter(|first| is_so(*first)).collect()
        };
        let mut waits = Vec::new();
        if self.has_role(&[Role::Secretariat, Role::Chair]) {
            let proposed = |first| {
                let proposed = self.case.interims.values().filter_map(|interim| self.case.items.get(&interim.item));
                proposed.filter(|item| item.appeals == Some(first)).count() > 0
            };
            let unstayed = with(Outcome::NoPanel, &|first| !proposed(first));
            if !unstayed.is_empty() {
                let due = self.case.stay_due_at();
                waits.push(Waits { until: due, ..Waits::now(Task::ProposeStay(unstayed)) });
            }
        }
        if self.has_role(&[Role::Secretariat]) {
            let undrafted = with(Outcome::Waiting, &|first| {
                !has(first, |item| item.decides.iter().any(|key| key.kind == Kind::Annulment))
            });
            if !undrafted.is_empty() {
                waits.push(Waits::now(Task::DraftAppeal(undrafted)));
            }
            let stays = self.case.stays_to_end(self.law, at);
            if !stays.is_empty() {
                waits.push(Waits::now(Task::EndStay(stays)));
            }
        }
        waits
    }

    /// Whether the rules take an act of this seat now.
    fn asks(&self, act: Act) -> Result<(), Why> {
        let who = Who::Seat(self.seat.clone());
        self.case.with(act, &who, self.at.max(self.case.at()), self.law).map(drop)
    }

    /// A task, if it is this seat's; hindered, if it is but for a reason that passes or that the seat should know.
    fn task(&self, task: Task, act: Act) -> Option<Waits> {
        match self.asks(act) {
            Ok(()) => Some(Waits::now(task)),
            // Who decided first takes no part in an appeal, and need not be told so each day.
            Err(Why::SeatRecused) if self.case.is_decider(self.seat) => None,
            Err(Why::Signer | Why::SeatTwice | Why::NotOnPanel | Why::InterimSeat | Why::ConfirmedAlready) => None,
            Err(why) => Some(Waits { hindered: Some(why), ..Waits::now(task) }),
        }
    }

    fn has_role(&self, roles: &[Role]) -> bool {
        roles.contains(&self.seat.role)
    }

    fn of_draw(&self) -> Vec<Waits> {
        let task = self.case.panel.draw.as_ref().and_then(|draw| draw.task_of(&self.seat.holder));
        let task = task.map(|task| match task {
            DrawTask::Commit => Task::CommitDraw,
            DrawTask::Open => Task::OpenDraw,
        });
        let waits = |task| Waits { until: self.case.due_at(), ..Waits::now(task) };
        task.map(waits).into_iter().collect()
    }

    fn of_session(&self) -> Vec<Waits> {
        let Stage::Sitting(session) = &self.case.stage else { return Vec::new() };
        let number = session.seq;
        match session.present.get(&self.seat.holder) {
            None => {
                let waits = self.task(Task::BePresent(number), Act::Present { session: number });
                waits.map(|waits| waits.until(session.seal_by)).into_iter().collect()
            }
            Some(ballot) if ballot.sealed.is_none() => {
                let act = Act::VoteSealed { session: number, commitment: Hash::from_bytes([0; 32]) };
                let waits = self.task(Task::SealVote(number), act);
                waits.map(|waits| waits.until(session.seal_by)).into_iter().collect()
            }
            Some(ballot) if ballot.vote.is_none() => vec![self.opening(session)],
            Some(_) => Vec::new(),
        }
    }

    fn opening(&self, session: &Session) -> Waits {
        let is_late = self.at > session.open_by;
        let early = (!session.is_sealed(self.case, self.at)).then_some(Why::VoteNotYet);
        let hindered = if is_late { Some(Why::VoteLate) } else { early };
        Waits { task: Task::OpenVote(session.seq), hindered, until: Some(session.open_by) }
    }

    fn of_challenges(&self) -> Vec<Waits> {
        if !self.has_role(&[Role::Chair, Role::Panel]) {
            return Vec::new();
        }
        let open = self.case.challenges.iter().filter(|(_, challenge)| challenge.upheld.is_none());
        let decide = |number: &u64| {
            self.task(Task::DecideChallenge(*number), Act::ChallengeDecided { challenge: *number, upheld: false })
        };
        open.filter_map(|(number, _)| decide(number)).collect()
    }

    fn of_resolutions(&self) -> Vec<Waits> {
        let mut waits = Vec::new();
        for (number, interim) in &self.case.interims {
            let items = vec![Proposal { item: interim.item, drafts: interim.drafts.clone() }];
            let is_over = self.is_resolved(Source::Interim(*number));
            if !is_over && self.case.items.get(&interim.item).is_some_and(is_open) {
                let is_stay = self.case.appeal.is_some();
                let task = if is_stay { Task::OrderStay(*number) } else { Task::Order(*number) };
                let ordered = self.task(task, Act::Resolved { of: *number, items });
                let due = self.case.stay_due_at();
                let ordered = ordered.map(|waits| Waits { until: due, ..waits });
                waits.extend(ordered.filter(|waits| !matches!(waits.hindered, Some(Why::InterimLate(_)))));
            }
        }
        for (number, session) in &self.case.sessions {
            let items = carried(session, self.case);
            if !items.is_empty() && !self.is_resolved(Source::Session(*number)) {
                waits.extend(self.task(Task::Resolve(*number), Act::Resolved { of: *number, items }));
            }
        }
        let standing = self.case.resolutions.iter().filter(|(_, resolution)| resolution.stands());
        for (number, resolution) in standing {
            match resolution.procedure {
                None => waits.extend(self.task(Task::Confirm(*number), Act::Confirmed { resolution: *number })),
                Some(procedure) if self.has_role(&[Role::Secretariat]) => {
                    waits.push(Waits::now(Task::DraftDocket(procedure)));
                }
                Some(_) => {}
            }
        }
        waits
    }

    /// Whether a resolution of it stands, or was issued.
    fn is_resolved(&self, source: Source) -> bool {
        let is_of = |of: &&Resolution| of.source.number() == source.number();
        self.case.resolutions.values().filter(is_of).any(|resolution| resolution.overtaken.is_none())
    }

    fn of_preparation(&self) -> Vec<Waits> {
        let mut waits = Vec::new();
        let undecided = || self.case.items.iter().filter(|(_, item)| item.state == ItemState::Pending);
        let is_untold = |item: &Item| item.is_to_be_heard() && !matches!(item.answer_by, Some(Ok(_)));
        let untold: Vec<ItemNumber> =
            undecided().filter(|(_, item)| is_untold(item)).map(|(number, _)| *number).collect();
        if !untold.is_empty() && self.has_role(&[Role::Secretariat]) {
            waits.push(Waits::now(Task::Notify(untold)));
        }
        let is_short = !self.case.items.is_empty() && !self.case.short_items(self.law, self.at).is_empty();
        if is_short && undecided().next().is_some() {
            if self.case.is_decider(self.seat) {
                return waits;
            }
            if self.case.terms().is_drawn && self.has_role(&[Role::Chair, Role::Secretariat]) {
                waits.push(Waits::now(Task::AnnounceDraw));
            } else if !self.case.terms().is_drawn && self.has_role(&[Role::Chair]) {
                waits.push(Waits::now(Task::NamePanel));
            }
        } else if self.has_role(&[Role::Chair, Role::Secretariat]) && !self.case.is_decider(self.seat) {
            waits.extend(self.opens_session(undecided().map(|(number, _)| *number).collect()));
        }
        if !self.case.items.is_empty() && self.asks(Act::Closed {}).is_ok() {
            waits.push(Waits::now(Task::Close));
        }
        waits
    }

    /// The items that may be put to the vote now; else why the first of them may not.
    fn opens_session(&self, items: Vec<ItemNumber>) -> Option<Waits> {
        let at = self.at.max(self.case.at());
        let open = |item: ItemNumber| {
            let drafts = vec![Hash::of(&item.to_be_bytes())];
            let (seal_by, open_by) = (at.plus_hours(1), at.plus_hours(2));
            self.asks(Act::SessionOpened { items: vec![Proposal { item, drafts }], seal_by, open_by })
        };
        let asked: Vec<(ItemNumber, Result<(), Why>)> = items.into_iter().map(|item| (item, open(item))).collect();
        let ready: Vec<ItemNumber> = asked.iter().filter(|(_, asked)| asked.is_ok()).map(|(item, _)| *item).collect();
        if !ready.is_empty() {
            return Some(Waits::now(Task::OpenSession(ready)));
        }
        let all: Vec<ItemNumber> = asked.iter().map(|(item, _)| *item).collect();
        let hindered = asked.into_iter().find_map(|(_, asked)| asked.err())?;
        // That nobody was told is told as a task of its own.
        let is_told = !matches!(hindered, Why::NoticeMissing(_));
        is_told.then(|| Waits { hindered: Some(hindered), ..Waits::now(Task::OpenSession(all)) })
    }
}

const fn is_open(item: &Item) -> bool {
    !matches!(item.state, ItemState::Issued | ItemState::Dropped)
}

/// What a session carried, as its resolution says it.
pub fn carried(session: &Session, case: &Case) -> Vec<Proposal> {
    session.carried(case).into_iter().map(|(item, drafts)| Proposal { item, drafts }).collect()
}
