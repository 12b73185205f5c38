//! A difference as those read it who sign: a line for each thing that changes, in zh-CN and en.

use callboard_client::visible::Visible;
use callboard_federation::encoding::{PublicKey, Time};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{Change, changes, is_named, words};
use crate::language::Language;

/// The association's clock, by which a document is told that names no other.
const ZONE: &str = "Asia/Shanghai";

pub struct DifferenceText {
    language: Language,
    zone: (String, TimeZone),
}

impl DifferenceText {
    /// How a document is told; `zone` is its own, if it has one.
    pub fn new(language: Language, zone: Option<&str>) -> Self {
        let known = |name: &str| TimeZone::get(name).ok().map(|zone| (name.to_owned(), zone));
        let zone = zone.and_then(known).or_else(|| known(ZONE));
        Self { language, zone: zone.unwrap_or_else(|| ("UTC".to_owned(), TimeZone::UTC)) }
    }

    /// A line for each thing that differs; without an earlier document, for each that the later one says.
    pub fn lines(&self, before: Option<&Value>, after: &Value) -> Vec<String> {
        let is_first = before.is_none();
        changes(before, after).iter().map(|change| self.line(change, is_first)).collect()
    }

    fn line(&self, change: &Change, is_first: bool) -> String {
        let colon = self.language.pick("：", ": ");
        let place = self.place(&change.path);
        let value = |value: &Value| self.value(&change.path, value);
        match (&change.before, &change.after) {
            (None, Some(after)) if is_first => format!("  {place}{colon}{}", value(after)),
            (None, Some(after)) => format!("  + {place}{colon}{}", value(after)),
            (Some(before), None) => format!("  - {place}{colon}{}", value(before)),
            (Some(before), Some(after)) => format!("  ~ {place}{colon}{} → {}", value(before), value(after)),
            (None, None) => String::new(),
        }
    }

    /// Where something stands: `seat panel-1 · recipient`.
    fn place(&self, path: &[String]) -> String {
        let mut parts = Vec::new();
        let mut at = 0;
        while at < path.len() {
            let (inside, name) = (&path[..at], &path[at]);
            let label = words::label(self.language, inside, name);
            match path.get(at + 1) {
                Some(item) if is_named(&path[..at + 2]) => {
                    parts.push(format!("{label} {}", Visible(item)));
                    at += 2;
                }
                _ => {
                    parts.push(label);
                    at += 1;
                }
            }
        }
        if parts.is_empty() { self.language.pick("全文", "the whole").to_owned() } else { parts.join(" · ") }
    }

    fn value(&self, path: &[String], value: &Value) -> String {
        let name = path.last().map_or("", String::as_str);
        match value {
            Value::String(text) => self.text(path, text),
            Value::Number(number) => grouped(&number.to_string()),
            Value::Bool(said) => said.to_string(),
            Value::Null => "null".to_owned(),
            Value::Array(values) if values.is_empty() => self.language.pick("（空）", "(none)").to_owned(),
            Value::Array(values) => {
                let all: Vec<String> = values.iter().map(|value| self.value(path, value)).collect();
                all.join(self.language.pick("、", ", "))
            }
            Value::Object(members) if name != "decide" && members.len() == 2 && members.contains_key("role") => {
                let (role, count) = (&members["role"], members.get("count").unwrap_or(&Value::Null));
                let role = self.value(&["role".to_owned()], role);
                match self.language {
                    Language::Zh => format!("{count}名{role}"),
                    Language::En => format!("{count} {role}"),
                }
            }
            Value::Object(members) => {
                let told = members.iter().map(|(name, value)| {
                    let path: Vec<String> = path.iter().chain([name]).cloned().collect();
                    let label = words::label(self.language, &path[..path.len() - 1], name);
                    format!("{label} {}", self.value(&path, value))
                });
                told.collect::<Vec<_>>().join(self.language.pick("；", "; "))
            }
        }
    }

    fn text(&self, path: &[String], text: &str) -> String {
        let name = path.last().map_or("", String::as_str);
        if name == "publicKey" || name == "keys" {
            // A request key, or a seat's: known by its id, as everywhere.
            let key: Option<PublicKey> = serde_json::from_value(Value::from(text)).ok();
            if let Some(key) = key.filter(|_| !path.iter().any(|part| part == "epochs" || part == "witnesses")) {
                return key.id().to_string();
            }
        }
        if let Some(word) = words::value(self.language, path, text) {
            return word.to_owned();
        }
        match text.parse::<Time>() {
            Ok(at) => self.instant(at),
            Err(_) => Visible(text).to_string(),
        }
    }

    /// An instant to the last of its digits that says something.
    fn instant(&self, at: Time) -> String {
        let (name, zone) = &self.zone;
        let civil = zone.to_datetime(at.timestamp());
        let clock = match (civil.second(), civil.millisecond()) {
            (0, 0) => "%H:%M",
            (_, 0) => "%H:%M:%S",
            _ => "%H:%M:%S%.3f",
        };
        let zone = if name == ZONE { self.language.pick("北京时间", "Beijing time") } else { name };
        match self.language {
            Language::Zh => format!("{}（{zone}）", civil.strftime(&format!("%Y年%-m月%-d日 {clock}"))),
            Language::En => format!("{} {zone}", civil.strftime(&format!("%Y-%m-%d {clock}"))),
        }
    }
}

/// A number in groups of three digits: too many zeros are seen.
fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
