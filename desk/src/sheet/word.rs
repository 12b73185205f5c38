//! The words of a sheet: lists, scopes, measures and codes, as people write them in both languages.

use callboard_federation::{
    policy::{AllowedScope, MeasureRule, Policy, Violation, Words},
    statement::{MeasureKind, Scope},
};
use unicode_normalization::UnicodeNormalization as _;

/// The parts of a cell that holds several names or accounts, in which a comma may be part of one.
pub(super) fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；', '、', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

/// The parts of a cell that holds several words or codes: a comma parts them too.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；', '、', '\n', ',', '，', '/']).map(str::trim).filter(|part| !part.is_empty())
}

/// A text of another width or case as one.
pub(super) fn folded(text: &str) -> String {
    text.trim().nfkc().flat_map(char::to_lowercase).collect()
}

pub(super) enum ScopeWord {
    All,
    One(Scope),
}

pub(super) fn read_scope(word: &str) -> Option<ScopeWord> {
    let folded: String = word.trim().nfkc().collect();
    let scope = match folded.as_str() {
        "全部" | "所有" | "全部服务" | "全部范围" | "all" => return Some(ScopeWord::All),
        "直播" | "直播服务" => Scope::Live,
        "录播" | "录播服务" => Scope::Recorded,
        "推广" | "商业推广" => Scope::Promotion,
        "代言" | "商业代言" | "广告代言" => Scope::Endorsement,
        "评奖" | "评优" | "评优评奖" => Scope::Award,
        word => match word.strip_prefix("话题:") {
            Some(name) if name.trim().is_empty() => return None,
            Some(name) => Scope::Topic(name.trim().to_owned()),
            None => word.parse().or_else(|_| word.to_ascii_lowercase().parse()).ok()?,
        },
    };
    Some(ScopeWord::One(scope))
}

/// All scopes that a policy lets a measure close: `None`, where it only allows topics, which have names.
pub(super) fn all_scopes(rule: &MeasureRule) -> Option<Vec<Scope>> {
    let one = |allowed: &AllowedScope| if let AllowedScope::One(scope) = allowed { Some(scope.clone()) } else { None };
    let scopes: Vec<Scope> = rule.scopes.iter().filter_map(one).collect();
    (rule.scopes.is_empty() || !scopes.is_empty()).then_some(scopes)
}

pub(super) enum MeasureWord {
    One(MeasureKind),
    /// One by its code, another by the policy's words.
    Either(Vec<MeasureKind>),
    Unknown,
}

/// The measure of a word: the policy's own, or its code. In a Chinese sheet an English code that is the policy's word
/// for another measure may mean either.
pub(super) fn read_measure(word: &str, policy: &Policy, is_chinese: bool) -> MeasureWord {
    let word = folded(word);
    let is_word =
        |words: &Words| [&words.zh, &words.en].into_iter().any(|own| folded(own) == word || short(own) == word);
    let by_words = policy.words.iter().filter(|(_, words)| is_word(words)).map(|(kind, _)| *kind);
    let mut kinds: Vec<MeasureKind> = by_words.collect();
    if let Some(code) = MeasureKind::from_word(&word) {
        if !is_chinese {
            return MeasureWord::One(code);
        }
        if !kinds.contains(&code) {
            kinds.push(code);
        }
    }
    match kinds.as_slice() {
        [] => MeasureWord::Unknown,
        [one] => MeasureWord::One(*one),
        _ => MeasureWord::Either(kinds),
    }
}

/// A policy's word without what explains it: `警示` of `警示（停止直播服务）`.
fn short(word: &str) -> String {
    let folded = folded(word);
    folded.split(['(', ':']).next().unwrap_or_default().trim().to_owned()
}

/// What people write for measures: the policy's words in Chinese, codes in English.
pub(super) fn choices(policy: &Policy, kinds: impl Iterator<Item = MeasureKind>) -> Words {
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for kind in kinds {
        let own = policy.words.get(&kind).map(|words| short(&words.zh));
        zh.push(own.unwrap_or_else(|| kind.words().zh.to_owned()));
        en.push(kind.to_string());
    }
    Words { zh: zh.join("、"), en: en.join(", ") }
}

/// The code of a violation, however its letters and number are parted: `NB-11`, `nb11`, `NB 11`, `ＮＢ－１１`.
pub(super) fn read_violation<'a>(word: &str, known: &'a [Violation]) -> Option<&'a str> {
    let mut own = known.iter().map(|violation| violation.code.as_str());
    let exact = own.clone().find(|own| *own == word);
    exact.or_else(|| code(word).and_then(|key| own.find(|own| code(own).as_ref() == Some(&key))))
}

fn code(text: &str) -> Option<(String, u32)> {
    let text: String = text.nfkc().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '–' | '—')).collect();
    let letters = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = text[letters.len()..].parse().ok()?;
    let is_word = !letters.is_empty() && letters.chars().all(char::is_alphabetic);
    is_word.then(|| (letters.to_uppercase(), number))
}
