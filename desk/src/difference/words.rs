//! What the members of public documents are called where people read them. A member without a word here is told by the name
//! that it has in the document.

use callboard_client::visible::Visible;
use callboard_federation::statement::{Kind, MeasureKind};

use crate::language::Language;

/// Members by name: zh-CN, en.
const LABELS: [(&str, &str, &str); 44] = [
    ("v", "格式版本", "format"),
    ("version", "版本", "version"),
    ("issuer", "登记册", "issuer"),
    ("expires", "有效期至", "expires"),
    ("seats", "签署人", "seat"),
    ("card", "密钥卡", "key card"),
    ("publicKey", "签名公钥", "signing key"),
    ("recipient", "加密公钥", "recipient"),
    ("holder", "名称", "holder"),
    ("role", "职务", "role"),
    ("member", "所属会员单位", "works for"),
    ("thresholds", "签署要求", "signatures asked"),
    ("log", "登记册签名密钥", "log key"),
    ("witnesses", "会员见证", "witnesses"),
    ("quorum", "最少家数", "quorum"),
    ("epochs", "身份代码密钥（期）", "token epoch"),
    ("state", "状态", "state"),
    ("number", "期", "number"),
    ("members", "会员单位", "member"),
    ("name", "名称", "name"),
    ("keys", "密钥", "key"),
    ("contact", "值班联系方式", "contact"),
    ("quota", "查询额度", "quota"),
    ("perDay", "每日上限（人次）", "points a day"),
    ("grants", "一次性额度", "grant"),
    ("count", "数量", "count"),
    ("until", "期限", "until"),
    ("instrument", "规则代号", "instrument"),
    ("title", "标题", "title"),
    ("effectiveFrom", "施行时间", "in effect from"),
    ("zone", "时区", "zone"),
    ("words", "措施用语", "words"),
    ("measures", "措施", "measure"),
    ("scopes", "适用服务", "scopes"),
    ("onTermEnd", "期满", "when the term is over"),
    ("interim", "临时措施", "interims"),
    ("maxDays", "最多天数", "most days"),
    ("import", "历史决定导入", "imports"),
    ("actions", "处置", "action"),
    ("violations", "违规情形", "violation"),
    ("code", "代码", "code"),
    ("source", "出处", "source"),
    ("mark", "可靠程度", "mark"),
    ("decide", "决定程序", "procedure"),
];

/// Values that are words of a document: the member that has them, zh-CN, en.
const VALUES: [(&str, &str, &str, &str); 21] = [
    ("role", "panel", "评议委员", "panel"),
    ("role", "chair", "主任委员", "chair"),
    ("role", "secretariat", "秘书处", "secretariat"),
    ("role", "auditor", "审计", "auditor"),
    ("state", "live", "启用", "live"),
    ("state", "closed", "停用", "closed"),
    ("until", "required", "须定期限", "required"),
    ("until", "optional", "可定期限", "optional"),
    ("until", "forbidden", "不定期限", "forbidden"),
    ("onTermEnd", "expires", "自动解除", "it is over"),
    ("onTermEnd", "requires-reinstatement", "不自动解除，须经申请复出", "a reinstatement is needed"),
    ("actions", "allow", "不作限制", "allow"),
    ("actions", "notify", "平台知悉", "notify"),
    ("actions", "review", "平台人工审核", "review"),
    ("actions", "refuse", "平台一律不得提供服务", "refuse"),
    ("scopes", "live", "网络表演（直播）", "live"),
    ("scopes", "recorded", "录播", "recorded"),
    ("scopes", "promotion", "商业推广", "promotion"),
    ("scopes", "endorsement", "代言", "endorsement"),
    ("scopes", "award", "评优评奖", "award"),
    ("scopes", "topic", "各类专题", "any topic"),
];

/// Members of `decide.calendar`, which a committee changes each year; what else is in `decide` has its own names.
const CALENDAR: [(&str, &str, &str); 6] = [
    ("calendar", "工作日历", "calendar"),
    ("years", "年份", "years"),
    ("off", "放假", "days off"),
    ("worked", "调休上班", "make-up days"),
    ("mark", "可靠程度", "mark"),
    ("source", "出处", "source"),
];

/// What a member is called, by where it stands.
pub(super) fn label(language: Language, inside: &[String], name: &str) -> String {
    let parent = inside.last().map_or("", String::as_str);
    match parent {
        "thresholds" => return rule(language, name),
        "words" | "measures" | "actions" => {
            if let Some(kind) = MeasureKind::from_word(name) {
                return kind.words().pick(language).to_owned();
            }
        }
        _ => {}
    }
    let is_text = inside.iter().any(|part| matches!(part.as_str(), "title" | "words" | "violations"));
    match name {
        "zh" if is_text => return language.pick("中文", "zh").to_owned(),
        "en" if is_text => return language.pick("英文", "en").to_owned(),
        "publicKey" if inside.iter().any(|part| part == "epochs") => {
            return language.pick("公钥", "public key").to_owned();
        }
        _ => {}
    }
    // What the registry's own text of procedures says is told by its own names.
    if inside.first().is_some_and(|first| first == "decide") {
        let is_of_calendar = inside.get(1).map_or(name, String::as_str) == "calendar";
        let label = CALENDAR.iter().find(|(of, ..)| is_of_calendar && *of == name);
        return label.map_or_else(|| Visible(name).to_string(), |(_, zh, en)| language.pick(zh, en).to_owned());
    }
    match LABELS.iter().find(|(of, ..)| *of == name) {
        Some((_, zh, en)) => language.pick(zh, en).to_owned(),
        None => Visible(name).to_string(),
    }
}

/// The word for a value, where a document's values are words.
pub(super) fn value(language: Language, path: &[String], text: &str) -> Option<&'static str> {
    if path.first().is_some_and(|first| first == "decide") {
        return None;
    }
    let is_of = |name: &str| path.iter().rev().take(2).any(|part| part == name);
    let found = VALUES.iter().find(|(member, word, ..)| *word == text && is_of(member));
    found.map(|(_, _, zh, en)| language.pick(zh, en))
}

/// What a rule of signatures is for: `ruling/bar`.
pub(crate) fn rule(language: Language, key: &str) -> String {
    let zh = |word: &str| {
        let kind = Kind::from_word(word).map(|kind| match kind {
            Kind::Ruling => "作出决定",
            Kind::Interim => "临时措施",
            Kind::Annulment => "撤销",
            Kind::End => "失效确认",
            Kind::Stay => "暂缓执行",
            Kind::Reinstatement => "复出",
            Kind::Dispute => "异议登记",
            Kind::Rejoinder => "陈述申辩登记",
            Kind::Link => "身份关联认定",
            Kind::Erasure => "删除",
            Kind::Roster => "更换签署权限名单",
            Kind::Members => "更换会员名单",
            Kind::Policy => "发布规则",
        });
        let measure = MeasureKind::from_word(word).map(|kind| kind.words().zh);
        kind.or(measure).map_or_else(|| Visible(word).to_string(), str::to_owned)
    };
    match (language, key.split_once('/')) {
        (Language::En, _) => Visible(key).to_string(),
        (Language::Zh, None) => zh(key),
        (Language::Zh, Some((kind, of))) => format!("{}（{}）", zh(kind), zh(of)),
    }
}
