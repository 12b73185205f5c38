//! Why a request came to nothing, in both languages, with what to do.

use std::time::Duration;

use callboard_federation::{
    encoding::Time,
    language::{Language, foreign},
    problems, zh_en,
};
use reqwest::{StatusCode, header::HeaderMap};
use serde::Deserialize;

use super::MAX_BYTES;

/// The most characters of a problem that are shown.
const MAX_PROBLEM: usize = 500;

/// Why there is no answer to use.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The service can't be reached, or broke off.
    #[error("{}", unreachable(_0))]
    Unreachable(#[source] reqwest::Error),
    /// It refused, and said why (RFC 9457).
    #[error("{problem} ({status})")]
    Refused {
        /// The status.
        status: StatusCode,
        /// What it said.
        problem: Box<Problem>,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// It answered with another status than one that was asked for.
    #[error("{}", zh_en!("对方答复 {status}", "the service answered {status}"))]
    Status {
        /// The status.
        status: StatusCode,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// Its answer isn't of the shape that was asked.
    #[error("{}", zh_en!("对方对 {_0} 的答复格式有误", "the service's answer to {_0} is malformed"))]
    Shape(String),
    /// It answered with more than any answer has.
    #[error("{}", zh_en!("对方的答复超过{}MiB", "the service's answer has more than {} MiB", MAX_BYTES >> 20))]
    TooLong,
}

/// Why a service refused, in its own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// What it is, `urn:callboard:problem:CODE`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// In a few words.
    #[serde(default)]
    pub title: String,
    /// In this case.
    #[serde(default)]
    pub detail: String,
    /// Of a spent quota: the points that are left.
    #[serde(default)]
    pub left: Option<u64>,
    /// Of a spent quota: when the day's points are whole again.
    #[serde(default, rename = "resetsAt")]
    pub resets_at: Option<Time>,
}

/// What the token service tells of a member's points, beside an answer that took some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Points a day.
    pub per_day: u64,
    /// Points left, grants among them.
    pub left: u64,
    /// Seconds until the next day begins.
    pub resets_in: u64,
}

impl Allowance {
    /// As the IETF's draft fields say it: `"points";q=10000;w=86400` and `"points";r=9999;t=3600`.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let number = |field: &str, name: &str| {
            let value = headers.get(field)?.to_str().ok()?;
            value.split(';').find_map(|part| part.trim().strip_prefix(name))?.parse().ok()
        };
        Some(Self {
            per_day: number("ratelimit-policy", "q=")?,
            left: number("ratelimit", "r=")?,
            resets_in: number("ratelimit", "t=")?,
        })
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let is_said = |text: &&str| !text.is_empty();
        let in_its_words: Vec<&str> = [self.title.as_str(), &self.detail].into_iter().filter(is_said).collect();
        let said = match problems::told(&self.kind).filter(|_| Language::spoken() == Language::Zh) {
            Some((title, todo)) if in_its_words.len() < 2 => format!("{title}：{todo}"),
            // What it says of this case it says in English.
            Some((title, todo)) => format!("{title}：{todo}（{}）", self.detail),
            None => in_its_words.join(": "),
        };
        // What a service says is shown on a terminal: nothing in it moves the cursor.
        said.chars().filter(|c| !c.is_control()).take(MAX_PROBLEM).try_for_each(|c| write!(f, "{c}"))
    }
}

/// What isn't reached, and what to do: it is theirs or the network's, and nothing of this machine's disk.
fn unreachable(error: &reqwest::Error) -> String {
    let at = error.url().map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    zh_en!(
        "{at} 没有应答：请检查该地址、网络和代理，或者稍后再试；仍不通的，联系其运营方",
        "{at} does not answer: check that address, the network and the proxy, or try again later; if it stays so, ask its \
         operators"
    )
}

/// Why a request came to nothing, in Chinese; `None` in English, which the library speaks itself.
pub(crate) fn of_reqwest(error: &reqwest::Error) -> Option<String> {
    use std::error::Error as _;
    if Language::spoken() == Language::En {
        return None;
    }
    let mut io = None;
    let mut cause = error.source();
    while let Some(error) = cause {
        io = io.or_else(|| error.downcast_ref::<std::io::Error>());
        cause = error.source();
    }
    let what = match io.map(|io| (io, foreign(io))) {
        Some((io, Some(what))) if io.kind() != std::io::ErrorKind::Other => what,
        _ if error.is_timeout() => "超时".to_owned(),
        _ if error.is_connect() => "无法建立连接，域名可能无法解析，或者 TLS 证书不被信任".to_owned(),
        _ if error.is_builder() => "请求无法生成".to_owned(),
        _ if error.is_body() || error.is_decode() => "答复没有传完，或者内容有误".to_owned(),
        _ => "请求没有完成".to_owned(),
    };
    Some(what)
}

impl HttpError {
    /// The refusal of a quota that doesn't reach: how many points are left, and until when.
    pub fn quota_spent(&self) -> Option<(u64, Option<Time>)> {
        match self {
            Self::Refused { problem, .. } if problem.kind == "urn:callboard:problem:quota-spent" => {
                Some((problem.left.unwrap_or(0), problem.resets_at))
            }
            _ => None,
        }
    }

    /// How long the service asks to be left alone, if it can't answer now.
    pub fn retry_after(&self) -> Option<Duration> {
        let (Self::Refused { status, retry_after, .. } | Self::Status { status, retry_after }) = self else {
            return None;
        };
        let is_for_now = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(status);
        retry_after.filter(|_| is_for_now)
    }

    /// Whether it is a matter of a moment: registry or token service have what witnesses haven't seen yet.
    pub fn is_not_yet(&self) -> bool {
        let words = ["urn:callboard:problem:not-witnessed", "urn:callboard:problem:key-not-yet"];
        matches!(self, Self::Refused { status, problem, .. }
            if *status == StatusCode::CONFLICT && words.contains(&problem.kind.as_str()))
    }
}
