//! Drafts as their seats read them.

use callboard_api::registry::drafts::{Draft, DraftAct, DraftState, SeatStanding};
use callboard_client::{
    output::{Line, Span, green, plain, red, yellow},
    visible::Visible,
};
use callboard_federation::{encoding::KeyId, language::Phrase, roster::Roster, zh_en};

use super::{OpenDraft, waiting::Waiting};
use crate::{letter::term::time_text, missing_signature::MissingSignature};

/// A draft that was sent.
pub struct DraftSent {
    pub draft: Draft,
    pub(super) roster: Roster,
}

/// Drafts, the newest first.
pub struct DraftList {
    pub drafts: Vec<Draft>,
    pub(super) roster: Roster,
    pub(super) own: KeyId,
}

impl DraftSent {
    pub fn lines(&self) -> Vec<Line> {
        let asked = holders(&self.roster, &self.draft.asked);
        let said = zh_en!(("已请签署：{asked}"), ("asked to sign: {asked}"));
        vec![vec![green(self.draft.id), plain("  "), plain(said)]]
    }
}

impl DraftList {
    pub fn lines(&self) -> Vec<Line> {
        if self.drafts.is_empty() {
            return vec![vec![plain(Phrase::new("没有待签文书", "no drafts"))]];
        }
        self.drafts.iter().map(|draft| self.line(draft)).collect()
    }

    fn line(&self, draft: &Draft) -> Line {
        let (drafter, at) = (holder(&self.roster, &draft.drafter), time_text(draft.drafted_at));
        let standing = |seat: &KeyId| SeatStanding::of(&draft.answers, seat);
        let count = |is: fn(&SeatStanding) -> bool| draft.asked.iter().filter(|seat| is(&standing(seat))).count();
        let (asked, signed, refused) = (draft.asked.len(), count(|of| of.signed.is_some()), count(|of| of.is_refused));
        let mut line = vec![
            plain(format_args!("{}  ", draft.id)),
            state_span(draft),
            plain(zh_en!(
                ("  {drafter}于{at}起草  请{asked}席签署，已签{signed}席"),
                ("  drafted by {drafter} {at}  {signed} of {asked} asked have signed")
            )),
        ];
        if refused > 0 {
            line.push(yellow(zh_en!("，{refused}席拒签", ", {refused} refused")));
        }
        let is_open = draft.state == DraftState::Open;
        if is_open && draft.asked.iter().chain([&draft.drafter]).any(|seat| standing(seat).is_stopped) {
            line.push(red(Phrase::new("，已叫停", ", stopped")));
        }
        if is_open && draft.asked.contains(&self.own) && !standing(&self.own).has_decided() {
            line.push(yellow(Phrase::new("  待您签署", "  waits for you")));
        }
        line
    }
}

impl OpenDraft {
    /// What was said of it, and for whom it waits.
    pub fn lines(&self, roster: &Roster, waits: &Waiting) -> Vec<Line> {
        let (docket, drafter) = (self.draft.docket, holder(roster, &self.draft.drafter));
        let (at, asked) = (time_text(self.drafted_at()), holders(roster, &self.draft.asked));
        let mut lines = vec![
            vec![plain(format_args!("{}  ", self.draft.id)), state_span(&self.draft)],
            vec![plain(zh_en!(("文书 {docket}"), ("docket {docket}")))],
            vec![plain(zh_en!(
                ("{drafter}于{at}起草，请签署：{asked}"),
                ("drafted by {drafter} {at}, asked to sign: {asked}")
            ))],
        ];
        for (answer, text) in self.said() {
            let (who, at, did) = (holder(roster, &answer.seat), time_text(answer.at), act_text(answer.act));
            let mut line = vec![plain(format_args!("  {at}  {who}  {did}"))];
            match (text, &answer.sealed) {
                (Some(text), _) => line.push(plain(zh_en!(("：{}", Visible(text)), (": {}", Visible(text))))),
                (None, Some(_)) => line.push(plain(Phrase::new(
                    "（内容只有起草人和秘书处可读）",
                    " (for drafter and secretariat to read)",
                ))),
                (None, None) => {}
            }
            lines.push(line);
        }
        for seat in self.false_signatures() {
            let who = holder(roster, seat);
            lines.push(vec![red(zh_en!(
                "{who} 名下的签名不成立，不计入",
                "what stands as the signature of {who} is false, and doesn't count"
            ))]);
        }
        lines.push(vec![waits.span(roster)]);
        lines
    }
}

impl Waiting {
    /// In words.
    pub fn text(&self, roster: &Roster) -> String {
        match self {
            Self::Logged(index) => zh_en!("已登记于第{index}条", "logged at index {index}"),
            Self::Withdrawn => zh_en!("已撤回", "withdrawn"),
            Self::Stopped(by) => {
                let by = holders(roster, by);
                zh_en!(
                    "已由 {by} 叫停：须由其撤回叫停，或者由起草人撤回文书",
                    "stopped by {by}: they let it go on, or the drafter withdraws it"
                )
            }
            Self::AnotherRoster => zh_en!(
                "起草所依据的签署权限名单已更换：请起草人重新起草",
                "it was drafted under another roster: its drafter drafts it again"
            ),
            Self::Unsigned(missing) => {
                let missing = MissingSignature::told(missing);
                zh_en!("签名不足：{missing}", "not signed yet: {missing}")
            }
            Self::Until(until) => {
                let until = time_text(*until);
                zh_en!(
                    "签名已足：在{until}之前仍可叫停，其后可以提交",
                    "enough have signed: until {until} it may be stopped, then submitted"
                )
            }
            Self::Ready => zh_en!("签名已足，可以提交", "enough have signed: it may be submitted"),
        }
    }

    fn span(&self, roster: &Roster) -> Span {
        let text = self.text(roster);
        match self {
            Self::Logged(_) | Self::Ready => green(text),
            Self::Stopped(_) => red(text),
            _ => yellow(text),
        }
    }
}

/// What a seat did, told after it was taken.
pub fn act_text(act: DraftAct) -> Phrase {
    match act {
        DraftAct::Sign => Phrase::new("已签署", "signed"),
        DraftAct::Refuse => Phrase::new("拒绝签署", "refused"),
        DraftAct::Ask => Phrase::new("提问", "asked"),
        DraftAct::Reply => Phrase::new("回复", "replied"),
        DraftAct::Withdraw => Phrase::new("撤回", "withdrew"),
        DraftAct::Stop => Phrase::new("叫停", "stopped it"),
        DraftAct::Note => Phrase::new("记载", "noted"),
        DraftAct::Reseal => Phrase::new("重新加密", "sealed it anew"),
    }
}

fn state_span(draft: &Draft) -> Span {
    if draft.erased_at.is_some() {
        return plain(Phrase::new("已删除", "erased"));
    }
    match draft.state {
        DraftState::Open => yellow(Phrase::new("待签", "open")),
        DraftState::Withdrawn => plain(Phrase::new("已撤回", "withdrawn")),
        DraftState::Logged => green(Phrase::new("已登记", "logged")),
    }
}

/// The names of seats.
pub fn holders(roster: &Roster, seats: &[KeyId]) -> String {
    let holders: Vec<String> = seats.iter().map(|seat| holder(roster, seat)).collect();
    holders.join(&zh_en!("、", ", "))
}

/// The name of a seat, as far as the roster still tells it.
pub fn holder(roster: &Roster, seat: &KeyId) -> String {
    roster.seat(seat).map_or_else(
        || zh_en!("已不在名单上的密钥", "a key that left the roster"),
        |seat| Visible(&seat.holder).to_string(),
    )
}
