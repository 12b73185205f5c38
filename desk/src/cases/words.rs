//! The words of states, acts and decisions, in both languages.

use std::{collections::BTreeSet, fmt::Write as _};

use callboard_federation::{
    docket::Of,
    encoding::from_json,
    event::CaseState,
    language::{Language, Phrase},
    roster::RuleKey,
    zh_en,
};
use callboard_rules::case::{
    act::{Addressee, Filer, Representative},
    appeal::Outcome,
    item::ItemState,
    number::ItemNumber,
    vote::{Choice, Exception, Vote},
};

/// How far a case is.
pub const fn state(state: CaseState) -> Phrase {
    match state {
        CaseState::Preparing => Phrase::new("准备中", "being prepared"),
        CaseState::Hearing => Phrase::new("陈述申辩中", "being heard"),
        CaseState::Sitting => Phrase::new("评议中", "before the panel"),
        CaseState::Resolved => Phrase::new("待确认", "resolved"),
        CaseState::Confirmed => Phrase::new("待登记", "confirmed"),
        CaseState::Decided => Phrase::new("已决定", "decided"),
        CaseState::Closed => Phrase::new("已结案", "closed"),
    }
}

/// What an act is called, by its word.
pub fn act(word: &str) -> Phrase {
    let (zh, en) = match word {
        "opened" => ("立案", "opening the case"),
        "item-added" => ("列入当事人", "adding an item"),
        "item-dropped" => ("不再处理", "dropping an item"),
        "evidence-added" => ("提交证据", "adding evidence"),
        "panel-named" => ("指定评议组", "naming the panel"),
        "draw-announced" => ("公告抽签", "announcing a draw"),
        "draw-committed" => ("承诺随机数", "committing to a secret"),
        "draw-fixed" => ("固定登记册根值", "fixing the log's root"),
        "draw-opened" => ("公开随机数", "opening a secret"),
        "drawn" => ("抽签结果", "the result of the draw"),
        "recused" => ("回避", "recusing oneself"),
        "challenged" => ("申请回避", "challenging a seat"),
        "challenge-decided" => ("决定回避申请", "deciding a challenge"),
        "replaced" => ("替换评议委员", "replacing a seat"),
        "represented" => ("代理", "saying who acts for an item"),
        "notified" => ("送达告知", "proving a notice"),
        "notice-failed" => ("告知失败", "proving that a notice failed"),
        "served-by-publication" => ("公告送达", "serving by publication"),
        "answered" => ("陈述申辩", "answering"),
        "interim-proposed" => ("提议临时措施", "proposing an interim"),
        "session-opened" => ("提请评议", "opening a session"),
        "present" => ("到会", "being present"),
        "vote-sealed" => ("密封投票", "sealing a vote"),
        "vote-opened" => ("公开投票", "opening a vote"),
        "session-closed" => ("评议结束", "closing the session"),
        "resolved" => ("作出决议", "resolving"),
        "confirmed" => ("确认决议", "confirming"),
        "issued" => ("登记文书", "issuing"),
        "withdrawn" => ("撤回评议结果", "taking a session's result back"),
        "decision-notified" => ("记录决定送达", "proving that a decision was told"),
        "decision-published" => ("决定公告送达", "telling a decision by publication"),
        "appealed" => ("提出异议", "filing an appeal"),
        "probation-reported" => ("记录观察期情况", "reporting on probation"),
        "access-approved" => ("批准查看", "approving access"),
        "closed" => ("结案", "closing the case"),
        _ => ("该步骤", "this act"),
    };
    Phrase::new(zh, en)
}

/// How somebody voted.
pub const fn choice(choice: Choice) -> Phrase {
    match choice {
        Choice::For => Phrase::new("赞成", "for"),
        Choice::Against => Phrase::new("反对", "against"),
        Choice::Abstain => Phrase::new("弃权", "abstains"),
    }
}

/// An opened vote, with its exceptions.
pub fn vote(bytes: &str) -> String {
    let Ok(Vote { all, except }) = from_json(bytes.as_bytes()) else {
        return Phrase::new("无法辨认", "it can't be read").to_string();
    };
    let other =
        |Exception { items: of, vote }: &Exception| zh_en!("{}{}", "{} {}", items(of.iter().copied()), choice(*vote));
    let others = except.iter().map(other).collect::<Vec<_>>().join(Language::spoken().pick("，", ", "));
    let all = choice(all);
    if others.is_empty() { all.to_string() } else { zh_en!("全部{all}，但{others}", "{all}, but {others}") }
}

/// How far an item is.
pub const fn item_state(state: ItemState) -> Phrase {
    match state {
        ItemState::Pending => Phrase::new("待决定", "pending"),
        ItemState::Carried(_) => Phrase::new("表决通过", "carried"),
        ItemState::VotedDown(_) => Phrase::new("表决未通过", "voted down"),
        ItemState::Issued => Phrase::new("已登记", "issued"),
        ItemState::Dropped => Phrase::new("不再处理", "dropped"),
    }
}

/// Who was told.
pub const fn addressee(to: Addressee) -> Phrase {
    match to {
        Addressee::Subject => Phrase::new("当事人", "the subject"),
        Addressee::Guardian => Phrase::new("监护人", "the guardian"),
        Addressee::Representative => Phrase::new("代理人", "the representative"),
    }
}

/// Who acts for a subject.
pub const fn representative(by: Representative) -> Phrase {
    match by {
        Representative::Guardian => Phrase::new("监护人", "a guardian"),
        Representative::Attorney => Phrase::new("委托代理人", "an attorney"),
        Representative::Heir => Phrase::new("继承人", "an heir"),
    }
}

/// Who filed something.
pub const fn filer(by: Filer) -> Phrase {
    match by {
        Filer::Subject => Phrase::new("当事人", "the subject"),
        Filer::Guardian => Phrase::new("监护人", "a guardian"),
        Filer::Attorney => Phrase::new("委托代理人", "an attorney"),
        Filer::Heir => Phrase::new("继承人", "an heir"),
        Filer::Unit => Phrase::new("所属单位", "the unit that they belong to"),
    }
}

/// What became of an appeal.
pub const fn outcome(outcome: Outcome) -> Phrase {
    match outcome {
        Outcome::Waiting => Phrase::new("待决定", "not decided yet"),
        Outcome::NoPanel => {
            Phrase::new("无法组成不含原签署人的评议组", "no panel that shares nobody with the first can be formed")
        }
        Outcome::Upheld => Phrase::new("维持原决定", "upheld"),
        Outcome::Varied => Phrase::new("变更原决定", "varied"),
        Outcome::Annulled => Phrase::new("撤销原决定", "annulled"),
        Outcome::Dropped => Phrase::new("不再处理", "not pursued"),
    }
}

/// What may be decided about an item.
pub fn decision(RuleKey { kind, of }: RuleKey) -> String {
    let about = match of {
        Some(Of::About(about)) => Some(about.words()),
        _ => None,
    };
    match (about, Language::spoken()) {
        (None, _) => kind.words().to_string(),
        (Some(about), Language::Zh) => format!("{}（针对{}）", kind.words().zh, about.zh),
        (Some(about), Language::En) => format!("{} of a {}", kind.words().en, about.en),
    }
}

/// Numbers of items, in runs.
pub fn items(numbers: impl IntoIterator<Item = ItemNumber>) -> String {
    let numbers: BTreeSet<ItemNumber> = numbers.into_iter().collect();
    let mut runs: Vec<(ItemNumber, ItemNumber)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let mut text = String::new();
    for (at, (first, last)) in runs.iter().enumerate() {
        if at > 0 {
            text.push_str(Language::spoken().pick("、", ", "));
        }
        // Writing to a text doesn't fail.
        let _ = if first == last { write!(text, "{first}") } else { write!(text, "{first}–{last}") };
    }
    zh_en!("第{text}人", "item {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_items_are_told_in_runs() {
        assert_eq!(items([3, 1, 2, 7, 9, 10]), "item 1–3, 7, 9–10");
        assert_eq!(Language::Zh.saying(|| items([4])), "第4人");
    }

    #[test]
    fn a_vote_is_told_with_its_exceptions_in_words() {
        let cast = r#"{"all":"for","except":[{"items":[17,40],"vote":"against"}]}"#;
        assert_eq!(vote(cast), "for, but item 17, 40 against");
        assert_eq!(Language::Zh.saying(|| vote(cast)), "全部赞成，但第17、40人反对");
        assert_eq!(vote(r#"{"all":"abstain"}"#), "abstains");
        assert_eq!(vote("<b>"), "it can't be read");
    }
}
