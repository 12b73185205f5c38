//! The instruments as data: commented sources that come with the program, and the documents that they make.
//!
//! A source is TOML, for people: each value bears its mark of certainty. What is signed and logged is the JSON made
//! from it (`docs/formats.md` §6), byte for byte the same each time. How a policy is written and signed:
//! `docs/policies.md`.

use callboard_client::visible::Visible;
use callboard_federation::{
    document::{Document, DocumentError},
    encoding::{Hash, to_json},
    policy::Policy,
    statement::MeasureKind,
    zh_en,
};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{
    calendar::{Calendar, CalendarError},
    case::{error::Why, terms::check_behind_decisions},
};

/// The marks of certainty: read in the text, press, general knowledge, unconfirmed.
pub const MARKS: [&str; 4] = ["C", "R", "K", "U"];

/// How `toml` hands a bare date or time to a reader that doesn't know the type.
const BARE_DATE: &str = "$__toml_private_datetime";

/// A policy that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    pub instrument: &'static str,
    pub version: &'static str,
    /// The commented TOML.
    pub text: &'static str,
}

/// The text of a source: its own, then what all instruments have in common.
macro_rules! text {
    ($file:literal) => {
        concat!(include_str!(concat!("../../policies/", $file)), include_str!("../../policies/procedure.toml"))
    };
}

/// Every policy that comes with the program, the oldest first.
pub const ALL: [Source; 4] = [
    Source { instrument: "streamer-warning-rules", version: "2018", text: text!("streamer-warning-rules-2018.toml") },
    Source { instrument: "streamer-warning-rules", version: "2020", text: text!("streamer-warning-rules-2020.toml") },
    Source {
        instrument: "performers-self-discipline",
        version: "2021",
        text: text!("performers-self-discipline-2021.toml"),
    },
    Source { instrument: "streamer-warning-rules", version: "2022", text: text!("streamer-warning-rules-2022.toml") },
];

#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, or not of a policy's shape; says where.
    #[error("{}", zh_en!("不是规则的源文件", "not the source of a policy"))]
    Toml(#[from] toml::de::Error),
    /// A date or time without quotes; JSON has none.
    #[error("{}", zh_en!("日期和时间应写成带引号的文字", "dates and times are written as text, in quotes"))]
    BareDate,
    /// Not a policy as the formats take it.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A measure without words for people, or words for a measure that there isn't.
    #[error("{}", zh_en!("measures.{_0} 和 words.{_0} 应同时写明", "measures.{_0} and words.{_0} stand together"))]
    Words(MeasureKind),
    #[error("{}", zh_en!("违规情形 {code} 重复", "violation {code} stands twice"))]
    CodeRepeated { code: String },
    #[error("{}", zh_en!("{what} 没有标注可靠程度：{MARKS:?} 之一",
        "{what} bears no mark of certainty: one of {MARKS:?}"))]
    Unmarked {
        /// The violation's code, or the part's name.
        what: String,
    },
    #[error("{}", zh_en!("zone：不是 IANA 时区，例如 Asia/Shanghai",
        "zone: not one of the IANA's, such as Asia/Shanghai"))]
    Zone,
    /// A text that shows something else than it holds.
    #[error("{}", zh_en!("{place}：有不可见的字符：{text}", "{place}: there is a character that doesn't show: {text}"))]
    Hidden {
        /// The members that lead to it.
        place: String,
        /// The text, made visible.
        text: String,
    },
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// Other associations that aren't named by the genesis hashes of their registries.
    #[error("{}", zh_en!("associations.genesis：应为各登记册校验码的列表（64位小写十六进制）",
        "associations.genesis: a list of genesis hashes, of 64 lower-case hexadecimal digits each"))]
    Associations,
    /// Of objections and returns it says what no case can be decided by.
    #[error("{}", zh_en!("decide：异议或复出申请的规定有误：{_0}", "decide: what is said of objections and returns: {_0}"))]
    BehindDecisions(Why),
}

pub fn find(instrument: &str, version: &str) -> Option<&'static Source> {
    ALL.iter().find(|source| source.instrument == instrument && source.version == version)
}

impl Source {
    pub fn document(&self) -> Result<Document<Policy>, PolicyError> {
        read(self.text)
    }
}

/// Makes the document of a commented source, and checks it.
pub fn read(source: &str) -> Result<Document<Policy>, PolicyError> {
    let policy: Policy = toml::from_str(source)?;
    let text = String::from_utf8_lossy(&to_json(&policy)).into_owned();
    if text.contains(BARE_DATE) {
        return Err(PolicyError::BareDate);
    }
    let document = Document::read(text)?;
    check(&document.value)?;
    Ok(document)
}

/// Checks of a policy what the formats leave to the registry: that every text shows what it says, zone, words, codes,
/// marks, calendar.
pub fn check(policy: &Policy) -> Result<(), PolicyError> {
    hidden("", &serde_json::to_value(policy).unwrap_or_default()).map_or(Ok(()), Err)?;
    if TimeZone::get(&policy.zone).is_err() {
        return Err(PolicyError::Zone);
    }
    let unpaired = |kind: &MeasureKind| policy.measures.contains_key(kind) != policy.words.contains_key(kind);
    if let Some(kind) = MeasureKind::ALL.into_iter().find(unpaired) {
        return Err(PolicyError::Words(kind));
    }
    for (at, violation) in policy.violations.iter().enumerate() {
        let code = &violation.code;
        if policy.violations[..at].iter().any(|earlier| earlier.code == *code) {
            return Err(PolicyError::CodeRepeated { code: code.clone() });
        }
        if !MARKS.contains(&violation.mark.as_str()) {
            return Err(PolicyError::Unmarked { what: code.clone() });
        }
    }
    let is_marked = |part: &Value| part["mark"].as_str().is_some_and(|mark| MARKS.contains(&mark));
    if let Some((name, _)) = policy.decide.iter().find(|(_, part)| !is_marked(part)) {
        return Err(PolicyError::Unmarked { what: format!("decide.{name}") });
    }
    Calendar::of(&policy.decide)?;
    let is_hash = |one: &Value| one.as_str().is_some_and(|text| text.parse::<Hash>().is_ok());
    let are_hashes = |named: &Value| named["genesis"].as_array().is_some_and(|all| all.iter().all(is_hash));
    if policy.decide.get("associations").is_some_and(|named| !are_hashes(named)) {
        return Err(PolicyError::Associations);
    }
    check_behind_decisions(policy).map_err(PolicyError::BehindDecisions)
}

/// The first text, or name of a member, in which a character acts or hides.
fn hidden(place: &str, value: &Value) -> Option<PolicyError> {
    let shows = |place: &str, text: &str| {
        let visible = Visible(text).to_string();
        (visible != text).then(|| PolicyError::Hidden { place: Visible(place).to_string(), text: visible })
    };
    match value {
        Value::String(text) => shows(place, text),
        Value::Array(values) => values.iter().find_map(|value| hidden(place, value)),
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            let inside = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
            shows(&inside, name).or_else(|| hidden(&inside, value))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn each_source_makes_the_policy_that_it_is_found_by() {
        for source in &ALL {
            let policy = find(source.instrument, source.version).unwrap().document().unwrap().value;
            assert_eq!((policy.instrument.as_str(), policy.version.as_str()), (source.instrument, source.version));
        }
        assert_eq!(find("streamer-warning-rules", "2021"), None);
    }

    /// What is signed must not move with a dependency: whoever changes a source changes this line with it.
    #[test]
    fn the_documents_are_these_bytes() {
        let hashes = ALL.map(|source| source.document().unwrap().hash.to_string());
        assert_eq!(
            hashes,
            [
                "229a1dfae5857e24d6533e43556487ed962291010a8d6baed01763e02f82a0b2",
                "c8878d1eef937e28cb8c8d2cf098c88379e7f6fd08461c2d4d6a32842d0bf859",
                "689a8f36e8307a307117ec851e848a432ecfa34eac900ab373d36d321756c3a6",
                "542b6577a88c6ac50814d6863eb78f13f4f87b7e211bfa4c1fa5496f1f28da6f",
            ]
        );
    }

    #[test]
    fn one_code_reads_the_same_under_every_instrument() {
        let mut seen = HashMap::new();
        for violation in ALL.iter().flat_map(|source| source.document().unwrap().value.violations) {
            let words = (violation.zh, violation.en);
            assert_eq!(*seen.entry(violation.code).or_insert_with(|| words.clone()), words);
        }
        assert_eq!(seen.len(), 31 + 15 + 5);
    }

    #[test]
    fn the_rules_in_force_have_a_code_for_each_kind_of_misconduct() {
        let codes = |source: &Source| -> Vec<String> {
            source.document().unwrap().value.violations.into_iter().map(|violation| violation.code).collect()
        };
        let numbered = |family: &'static str, numbers: std::ops::RangeInclusive<u32>| {
            numbers.map(move |number| format!("{family}-{number:02}"))
        };
        let streamers: Vec<_> = numbered("NB", 1..=31).chain(numbered("MP", 4..=8)).collect();
        assert_eq!(codes(&ALL[3]), streamers);
        assert_eq!(codes(&ALL[2]), numbered("PA", 1..=15).collect::<Vec<_>>());
    }

    #[test]
    fn in_the_streamer_rules_a_warning_is_the_stop_itself_which_its_term_alone_does_not_lift() {
        use callboard_federation::policy::{OnTermEnd, UntilRule};
        let policy = ALL[3].document().unwrap().value;
        let warns = policy.words.iter().filter(|(_, words)| words.zh.contains("警示"));
        assert_eq!(warns.map(|(kind, _)| *kind).collect::<Vec<_>>(), [MeasureKind::Suspension]);
        let suspension = &policy.measures[&MeasureKind::Suspension];
        assert_eq!(suspension.on_term_end, OnTermEnd::RequiresReinstatement);
        // Terms of years, and one without an end date; a bar has no term.
        assert_eq!(suspension.until, UntilRule::Optional);
        assert_eq!(policy.measures[&MeasureKind::Bar].until, UntilRule::Forbidden);
    }

    #[test]
    fn what_no_text_tells_is_a_default_of_ours_and_says_so() {
        for source in &ALL {
            let decide = source.document().unwrap().value.decide;
            for part in ["panel", "quorum", "vote", "response", "challenge", "confirmation", "interimOrder", "service"]
            {
                assert_eq!(decide[part]["mark"], "U", "{} {part}", source.version);
            }
            let numbers = |part: &str| (decide[part]["numerator"].as_u64(), decide[part]["denominator"].as_u64());
            assert_eq!((numbers("quorum"), numbers("vote")), ((Some(1), Some(2)), (Some(2), Some(3))));
            assert_eq!(decide["response"]["workingDays"], 10);
        }
    }

    #[test]
    fn a_source_that_would_mislead_is_refused() {
        let replaced = |from: &str, to: &str| {
            let text = ALL[3].text;
            assert!(text.contains(from), "{from}");
            read(&text.replacen(from, to, 1))
        };
        assert!(matches!(replaced("interim]", "interims]"), Err(PolicyError::Toml(_))));
        assert!(matches!(replaced("maxDays = 90", "maxDays = 0"), Err(PolicyError::Document(_))));
        assert!(matches!(replaced("denominator = 2", "denominator = 2.5"), Err(PolicyError::Document(_))));
        assert!(matches!(replaced("workingDays = 10", "workingDays = 2024-10-01"), Err(PolicyError::BareDate)));
        assert!(matches!(replaced("NB-02", "NB-01"), Err(PolicyError::CodeRepeated { .. })));
        assert!(matches!(replaced("mark = \"K\" }", "mark = \"X\" }"), Err(PolicyError::Unmarked { .. })));
        assert!(matches!(replaced("mark = \"R\"\nsource", "source"), Err(PolicyError::Unmarked { .. })));
        assert!(matches!(replaced("\"2024-01-01\"", "\"2024-13-01\""), Err(PolicyError::Calendar(_))));
        let unnamed =
            |genesis: &str| format!("[decide.associations]\ngenesis = [\"{genesis}\"]\nmark = \"U\"\n[decide.quorum]");
        assert!(matches!(replaced("[decide.quorum]", &unnamed("another")), Err(PolicyError::Associations)));
        assert!(replaced("[decide.quorum]", &unnamed(&"0a".repeat(32))).is_ok());
        for (from, to) in [
            ("asks = [\"remedy-proof\"", "asks = [\"good will\""),
            ("monthsBeforeEnd = 3", "monthsBeforeEnd = 130"),
            ("probationReportMonths = 3", "probationReportMonths = 0"),
            ("by = [\"person\"", "by = [\"anybody\""),
            ("late = true", "late = \"yes\""),
            ("sharesNobody = true", "sharesNobody = 1"),
            ("staySeats = [{ role = \"chair\", count = 1 }]", "staySeats = []"),
        ] {
            assert!(matches!(replaced(from, to), Err(PolicyError::BehindDecisions(_))), "{to}");
        }
        let objected = replaced("[decide.objection]\nworkingDays = 10", "[decide.objection]\nworkingDays = 0");
        assert!(matches!(objected, Err(PolicyError::BehindDecisions(_))));
        let word = "bar = { zh = \"永久抵制\", en = \"permanent bar\" }";
        assert!(matches!(replaced(word, ""), Err(PolicyError::Words(MeasureKind::Bar))));
    }
}
