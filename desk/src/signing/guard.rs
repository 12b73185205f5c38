//! What a public document takes from somebody, or which guard it lifts: a seat or a member out, a key replaced, fewer
//! signatures or witnesses asked, an epoch closed, a quota raised, a policy that asks less. Its signer confirms each by
//! itself, as it does what is odd of decisions ([`super::oddity`]).
//!
//! Pure, against the document before; a first version lifts nothing. All that changes is told by [`super::public`].

use std::collections::BTreeSet;

use callboard_client::visible::Visible;
use callboard_federation::{
    language::Phrase,
    members::{Member, Members},
    policy::{OnTermEnd, Policy, UntilRule},
    roster::{EpochState, RoleCount, Roster, RuleKey, Seat},
    statement::{Act, MeasureKind},
    zh_en,
};
use serde_json::Value;

use super::in_force::{InForce, documents};
use crate::{
    bundle::Bundle, error::roster::Rule, key_card::CheckWords, language::Language, letter::term::time_text,
    member::roster::in_words::asks_text,
};

/// All that a bundle takes or lifts, document by document.
pub fn lifted(bundle: &Bundle, before: &InForce) -> Vec<String> {
    let of_document = |act: Act| match act {
        Act::Roster(next) => before.roster.as_ref().map(|before| of_roster(before, &next.value)),
        Act::Members(next) => before.members.as_ref().map(|before| of_members(before, &next.value)),
        Act::Policy(next) => before.policy_before(&next.value).map(|before| of_policy(before, &next.value)),
        _ => None,
    };
    documents(bundle).filter_map(of_document).flatten().collect()
}

fn of_roster(before: &Roster, next: &Roster) -> Vec<String> {
    let mut lifted = Vec::new();
    for seat in &before.seats {
        let (holder, role) = (Visible(&seat.holder), seat.role.words());
        match next.seats.iter().find(|other| other.holder == seat.holder) {
            None => lifted.push(zh_en!(("签署人 {holder}（{}）退出", role.zh), ("seat {holder} ({}) is out", role.en))),
            Some(other) => {
                if other.public_key != seat.public_key || other.recipient != seat.recipient {
                    let words = seat_words(other);
                    lifted.push(zh_en!(
                        "签署人 {holder} 更换密钥，核对词：{words}",
                        "seat {holder} has another key: {words}"
                    ));
                }
                if other.role != seat.role {
                    let now = other.role.words();
                    lifted.push(zh_en!(
                        ("签署人 {holder} 的职务由{}改为{}", role.zh, now.zh),
                        ("seat {holder} of the {} is of the {}", role.en, now.en)
                    ));
                }
            }
        }
    }
    let keys = before.thresholds.keys().chain(next.thresholds.keys());
    for key in keys.copied().collect::<BTreeSet<RuleKey>>() {
        let (asked, asks) = (before.rule(key.kind, key.of), next.rule(key.kind, key.of));
        let is_lower =
            |of: &RoleCount| asks.iter().find(|now| now.role == of.role).map_or(0, |now| now.count) < of.count;
        if asked.iter().any(is_lower) {
            let (rule, asked, asks) = (Rule(key), asks_text(asked), asks_text(asks));
            lifted
                .push(zh_en!("{rule}的签署要求降低：由{asked}改为{asks}", "{rule} asks less: {asks}, and not {asked}"));
        }
    }
    for key in before.log.iter().filter(|key| !next.log.contains(key)) {
        let name = key.name();
        lifted.push(zh_en!("登记册签名密钥 {name} 停止使用", "the log key {name} is out"));
    }
    for key in before.witnesses.keys.iter().filter(|key| !next.witnesses.keys.contains(key)) {
        let name = key.name();
        lifted.push(zh_en!("见证方 {name} 退出", "the witness {name} is out"));
    }
    let (had, has) = (before.witnesses.quorum, next.witnesses.quorum);
    if has < had {
        lifted.push(zh_en!("会员见证由至少{had}家降为{has}家", "{has} witnesses are asked for, and not {had}"));
    }
    for epoch in before.epochs.iter().filter(|epoch| epoch.state == EpochState::Live && !next.is_live(epoch.number)) {
        let number = epoch.number;
        lifted.push(zh_en!("第{number}期身份代码密钥停用，不能再启用", "epoch {number} is closed, for good"));
    }
    lifted
}

fn seat_words(seat: &Seat) -> String {
    let keys = [seat.public_key.to_string(), seat.recipient.as_str().to_owned()];
    CheckWords::of_keys(keys.iter().map(String::as_str)).line(Language::spoken())
}

fn of_members(before: &Members, next: &Members) -> Vec<String> {
    let mut lifted = Vec::new();
    for member in &before.members {
        let name = Visible(&member.name);
        let Some(now) = next.members.iter().find(|other| other.member == member.member) else {
            lifted.push(zh_en!("会员单位{name}（{}）退出", "member {name} ({}) is out", member.member));
            continue;
        };
        if member.keys.iter().any(|key| !now.keys.contains(key)) {
            lifted.push(zh_en!("会员单位{name}更换密钥", "member {name} has other keys"));
        }
        lifted.extend(of_quota(member, now));
    }
    lifted
}

fn of_quota(before: &Member, now: &Member) -> Vec<String> {
    let (name, had, has) = (Visible(&now.name), before.quota.per_day, now.quota.per_day);
    let mut lifted = Vec::new();
    if has > had {
        lifted.push(zh_en!(
            "会员单位{name}的每日查询上限由{had}人次提高到{has}人次",
            "member {name} may ask about {has} people a day, and not {had}"
        ));
    }
    for grant in now.quota.grants.iter().filter(|grant| !before.quota.grants.contains(grant)) {
        let (count, until) = (grant.count, time_text(grant.until));
        lifted.push(zh_en!(
            "会员单位{name}另有一次性查询额度{count}人次，至{until}",
            "member {name} may ask about {count} people besides, until {until}"
        ));
    }
    lifted
}

fn of_policy(before: &Policy, next: &Policy) -> Vec<String> {
    let title = Visible(next.title.spoken());
    let mut lifted = Vec::new();
    for (kind, rule) in &before.measures {
        let what = measure(before, *kind);
        let Some(now) = next.measures.get(kind) else {
            lifted.push(zh_en!("不再有“{what}”这一措施", "there is no measure “{what}” any more"));
            continue;
        };
        if next.action(*kind) < before.action(*kind) {
            let [had, has] =
                [before, next].map(|policy| crate::letter::action_word(policy.action(*kind), Language::spoken()));
            lifted.push(zh_en!("“{what}”的处置由“{had}”放宽为“{has}”", "“{what}” asks less: {has}, and not {had}"));
        }
        if rule.until == UntilRule::Required && now.until != UntilRule::Required {
            lifted.push(zh_en!("“{what}”可以不设终止日期", "“{what}” may have no end"));
        }
        if rule.on_term_end == OnTermEnd::RequiresReinstatement && now.on_term_end == OnTermEnd::Expires {
            lifted.push(zh_en!(
                "“{what}”期满自动解除，不再须经申请复出",
                "“{what}” ends by itself, without a reinstatement"
            ));
        }
    }
    let (had, has) = (before.interim.max_days, next.interim.max_days);
    if has > had {
        lifted.push(zh_en!("临时措施最长由{had}天延长到{has}天", "an interim lasts up to {has} days, and not {had}"));
    }
    if let Some(import) = next.import.filter(|import| before.import.is_none_or(|before| before.until < import.until)) {
        let until = time_text(import.until);
        lifted.push(zh_en!(
            "至{until}可以导入未经案件程序的历史决定",
            "until {until} rulings are taken over without a case"
        ));
    }
    for (part, values) in &before.decide {
        if !SILENT.contains(&part.as_str()) {
            lifted.extend(of_part(part, values, next.decide.get(part)));
        }
    }
    lifted.into_iter().map(|text| zh_en!("《{title}》：{text}", "{title}: {text}")).collect()
}

fn measure(policy: &Policy, kind: MeasureKind) -> String {
    let said = policy.words.get(&kind).map(|words| Visible(words.spoken()).to_string());
    said.unwrap_or_else(|| kind.words().to_string())
}

/// Words of the association, and holidays, guard nobody.
const SILENT: [&str; 2] = ["association", "calendar"];

/// What of a procedure is asked, by its part and name; where a share of votes is, that is told as one.
const PROCEDURE: [(&str, &str, Phrase); 35] = [
    (
        "answers",
        "workingDays",
        Phrase::new("答复当事人提交的期限（工作日）", "the time to answer a person, in working days"),
    ),
    ("appeal", "stayDays", Phrase::new("作出暂缓执行的期限（日）", "the time to order a stay, in days")),
    ("appeal", "staySeats", Phrase::new("可作出暂缓执行的签署人", "which seats order a stay")),
    (
        "reports",
        "minorsHours",
        Phrase::new("处理涉及未成年人举报的期限（小时）", "the time to decide on a report about a minor, in hours"),
    ),
    (
        "return",
        "openTermMonths",
        Phrase::new(
            "未定期限的措施可申请复出的月数",
            "after how many months one applies to return from what has no end",
        ),
    ),
    ("return", "late", Phrase::new("期满后仍可申请复出", "that one may still apply to return after the term")),
    ("return", "asks", Phrase::new("申请复出须附的材料", "what must be there of who applies to return")),
    (
        "return",
        "probationReportMonths",
        Phrase::new("观察期报告的间隔（月）", "how often a report is due during probation, in months"),
    ),
    ("associations", "genesis", Phrase::new("采用其文书为证据的协会", "the associations whose dockets are evidence")),
    ("objection", "workingDays", Phrase::new("提出异议的期限（工作日）", "the time to object, in working days")),
    ("response", "workingDays", Phrase::new("陈述申辩的期限（工作日）", "the time to answer, in working days")),
    (
        "challenge",
        "workingDays",
        Phrase::new("申请回避的期限（工作日）", "the time to challenge a seat of the panel, in working days"),
    ),
    ("receipts", "dueHours", Phrase::new("执行回执的期限（小时）", "the time for a receipt, in hours")),
    ("receipts", "remindHours", Phrase::new("提醒回执的时间（小时）", "the time to remind, in hours")),
    ("retention", "processingYears", Phrase::new("处理记录的保存年限", "how many years processing is recorded")),
    ("retention", "caseYears", Phrase::new("案卷的保存年限", "how many years a case is kept")),
    ("retention", "minorsCaseYears", Phrase::new("未成年人案卷的保存年限", "how many years a minor's case is kept")),
    ("reasons", "written", Phrase::new("决定须有书面理由", "that reasons are written")),
    (
        "appeal",
        "sharesNobody",
        Phrase::new("处理异议的人员不得与作出决定的重复", "that nobody hears an objection to what they decided"),
    ),
    ("publication", "masksNames", Phrase::new("公布时遮蔽姓名", "that names are masked in public")),
    ("publication", "minors", Phrase::new("公布未成年人", "that minors are published")),
    ("vote", "of", Phrase::new("表决的基数", "of whom votes are counted")),
    ("intake", "sources", Phrase::new("受理举报的来源", "from whom reports are taken")),
    ("return", "by", Phrase::new("可以申请复出的人", "who may apply to return")),
    (
        "return",
        "monthsBeforeEnd",
        Phrase::new("可提前申请复出的月数", "how many months before its end a return is applied for"),
    ),
    ("panel", "seats", Phrase::new("评议组无须回避的最少人数", "the least seats of a panel that aren't recused")),
    ("panel", "by", Phrase::new("评议组的产生方式", "how a panel comes about")),
    ("draw", "openHours", Phrase::new("抽签公开随机数的期限（小时）", "the time to open a draw's secrets, in hours")),
    ("confirmation", "chairs", Phrase::new("确认决议的主任委员人数", "how many chairs confirm a resolution")),
    ("interimOrder", "seats", Phrase::new("可决定临时措施的签署人", "which seats order an interim")),
    ("service", "attempts", Phrase::new("公告送达前须告知的次数", "how often notice is tried before it is published")),
    (
        "service",
        "publicationDays",
        Phrase::new("公告视为送达的天数", "after how many days what is published counts as served"),
    ),
    (
        "reports",
        "triageWorkingDays",
        Phrase::new("处理举报的期限（工作日）", "the time to decide on a report, in working days"),
    ),
    (
        "reports",
        "notThisPersonHours",
        Phrase::new("处理误列异议的期限（小时）", "the time to decide that a stranger was hit, in hours"),
    ),
    (
        "reports",
        "courtHours",
        Phrase::new("处理法院文书的期限（小时）", "the time to act on a court's order, in hours"),
    ),
];

fn of_part(part: &str, before: &Value, next: Option<&Value>) -> Vec<String> {
    let share = |of: &Value| Some((of.get("numerator")?.as_u64()?, of.get("denominator")?.as_u64()?));
    let is_share = |name: &str| share(before).is_some() && matches!(name, "numerator" | "denominator");
    let mut lifted = Vec::new();
    if let Some((had, of)) = share(before) {
        let now = next.and_then(share);
        if now.is_none_or(|(has, of_now)| has * of < had * of_now) {
            let what = match part {
                "quorum" => Phrase::new("出席人数要求", "the quorum of a sitting"),
                "vote" => Phrase::new("表决比例要求", "the share of votes"),
                _ => Phrase::new("比例要求", "a share"),
            };
            let now = now.map_or_else(|| zh_en!("不作要求", "nothing"), |(has, of)| format!("{has}/{of}"));
            lifted.push(zh_en!("{what}由{had}/{of}降为{now}", "{what} is {now}, and not {had}/{of}"));
        }
    }
    for (name, had) in before.as_object().into_iter().flatten() {
        let has = next.and_then(|next| next.get(name));
        let is_less = match (had, has) {
            _ if ["mark", "source"].contains(&name.as_str()) || is_share(name) => false,
            (Value::Number(had), Some(Value::Number(has))) => has.as_f64() < had.as_f64(),
            (had, Some(has)) => had != has,
            (_, None) => true,
        };
        if is_less {
            let known = PROCEDURE.iter().find(|(of, own, _)| *of == part && *own == name.as_str());
            let what =
                known.map_or_else(|| Visible(&format!("{part}.{name}")).to_string(), |(.., words)| words.to_string());
            let (had, has) = (value(had), has.map_or_else(|| zh_en!("无", "nothing"), value));
            lifted.push(zh_en!("{what}由{had}改为{has}", "{what} is {has}, and not {had}"));
        }
    }
    lifted
}

fn value(value: &Value) -> String {
    match value {
        Value::Bool(true) => zh_en!("是", "yes"),
        Value::Bool(false) => zh_en!("否", "no"),
        Value::String(text) => Visible(text).to_string(),
        other => Visible(&other.to_string()).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use callboard_client::public_file::PublicMember;
    use callboard_federation::{
        members::{Grant, Quota},
        policy::ImportRule,
        roster::Role,
        standing::Action,
    };
    use callboard_rules::policies::ALL;
    use serde_json::json;

    use super::*;
    use crate::setup::tests::{ISSUER, now, os_rng, seats, setup};

    fn roster() -> Roster {
        setup(&seats(4, 2, 2)).draft(&mut os_rng()).unwrap().roster
    }

    /// What changes of a roster, as its signer confirms it.
    fn of_next(change: impl FnOnce(&mut Roster)) -> Vec<String> {
        let before = roster();
        let mut next = before.clone();
        next.version += 1;
        change(&mut next);
        of_roster(&before, &next)
    }

    #[test]
    fn whoever_loses_a_seat_or_a_key_and_each_lower_rule_is_confirmed_by_itself() {
        assert!(of_next(|_| {}).is_empty());
        assert!(of_next(|next| next.expires = next.expires.plus_days(1)).is_empty());
        let out = of_next(|next| drop(next.seats.remove(0)));
        assert_eq!(out, ["seat panel-1 (panel) is out"]);
        let key = of_next(|next| next.seats[0].recipient = next.seats[1].recipient.clone());
        assert!(matches!(&key[..], [key] if key.starts_with("seat panel-1 has another key: ")), "{key:?}");
        let role = of_next(|next| next.seats[0].role = Role::Auditor);
        assert_eq!(role, ["seat panel-1 of the panel is of the auditor"]);
        let less = of_next(|next| {
            let key = RuleKey::try_from("ruling".to_owned()).unwrap();
            next.thresholds.get_mut(&key).unwrap()[0].count -= 1;
        });
        assert!(less.iter().any(|less| less.starts_with("ruling asks less: ")), "{less:?}");
        // A closer rule may ask less than that of its kind.
        let closer = of_next(|next| {
            let key = RuleKey::try_from("ruling/notice".to_owned()).unwrap();
            next.thresholds.insert(key, vec![RoleCount { role: Role::Secretariat, count: 1 }]);
        });
        assert!(matches!(&closer[..], [closer] if closer.starts_with("ruling/notice asks less: ")), "{closer:?}");
        let epoch = of_next(|next| next.epochs[0].state = EpochState::Closed);
        assert_eq!(epoch, ["epoch 1 is closed, for good"]);
        assert_eq!(of_next(|next| next.log.clear()).len(), roster().log.len());
    }

    #[test]
    fn fewer_witnesses_are_confirmed() {
        let told = of_next(|next| {
            next.witnesses.keys.remove(0);
            next.witnesses.quorum -= 1;
        });
        let [out, fewer] = &told[..] else { panic!("{told:?}") };
        assert!(out.starts_with("the witness ") && out.ends_with(" is out"), "{out}");
        assert_eq!(fewer, "1 witnesses are asked for, and not 2");
    }

    #[test]
    fn a_member_out_other_keys_and_more_questions_are_confirmed() {
        let [alpha, beta] = ["alpha", "beta"].map(|id| crate::setup::tests::member(id, ISSUER));
        let with = |of: &PublicMember, per_day: u64| of.clone().into_member(Quota { per_day, grants: Vec::new() });
        let list = |members: Vec<Member>| Members { v: 1, version: 1, members };
        let before = list(vec![with(&alpha, 10), with(&beta, 10)]);
        let mut more = with(&alpha, 20);
        more.quota.grants.push(Grant { count: 5, until: now() });
        let told = of_members(&before, &list(vec![more]));
        assert_eq!(told[0], "member alpha may ask about 20 people a day, and not 10");
        assert!(told[1].starts_with("member alpha may ask about 5 people besides, until "), "{told:?}");
        assert_eq!(told[2], "member beta (beta) is out");
        let mut other = with(&beta, 5);
        other.keys.clear();
        assert_eq!(of_members(&before, &list(vec![with(&alpha, 10), other])), ["member beta has other keys"]);
    }

    #[test]
    fn whatever_the_instruments_say_of_the_procedure_has_words() {
        for source in &ALL {
            for (part, values) in source.document().unwrap().value.decide {
                if SILENT.contains(&part.as_str()) {
                    continue;
                }
                let told = of_part(&part, &values, None);
                assert!(!told.is_empty(), "{part}");
                assert!(told.iter().all(|told| !told.contains(&format!("{part}."))), "{told:?}");
            }
        }
    }

    #[test]
    fn a_policy_that_asks_less_is_confirmed_point_by_point() {
        let before = ALL[3].document().unwrap().value;
        assert!(of_policy(&before, &before).is_empty());
        let told = |change: &dyn Fn(&mut Policy)| {
            let mut next = before.clone();
            change(&mut next);
            of_policy(&before, &next)
        };
        let decide =
            |part: &str, name: &str, value: Value| told(&|next: &mut Policy| next.decide[part][name] = value.clone());
        let [shorter] = &decide("objection", "workingDays", json!(3))[..] else { panic!("one change is one") };
        assert!(shorter.ends_with("the time to object, in working days is 3, and not 10"), "{shorter}");
        assert!(decide("objection", "workingDays", json!(20)).is_empty(), "longer");
        assert!(decide("objection", "source", json!("elsewhere")).is_empty());
        assert_eq!(decide("vote", "numerator", json!(1)).len(), 1);
        assert!(decide("vote", "numerator", json!(3)).is_empty(), "more are asked");
        assert_eq!(decide("publication", "masksNames", json!(false)).len(), 1);
        assert!(!told(&|next| drop(next.decide.remove("receipts"))).is_empty());
        let softer = told(&|next| next.actions.extend([(MeasureKind::Suspension, Action::Review)]));
        assert_eq!(softer.len(), 1);
        assert_eq!(told(&|next| drop(next.measures.remove(&MeasureKind::Bar))).len(), 1);
        assert_eq!(told(&|next| next.interim.max_days += 1).len(), 1);
        let later = before.import.map_or_else(now, |import| import.until.plus_days(1));
        assert_eq!(told(&|next| next.import = Some(ImportRule { until: later })).len(), 1);
    }
}
