//! In which language a page is read: `?lang=zh` or `en`, else what the browser prefers, else Chinese.

use axum::http::{HeaderMap, header};
use callboard_federation::{encoding::Time, language::Phrase};
use jiff::tz::TimeZone;

use callboard_api::registry::propagation::{Fulfilment, PushState};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Chinese,
    English,
}

impl Language {
    /// `asked` is what the address says.
    pub fn of(asked: Option<&str>, headers: &HeaderMap) -> Self {
        let preferred = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let wanted = asked.unwrap_or(preferred);
        // The first that is one of ours: browsers write them in the order of preference.
        let known = wanted.split(',').filter_map(|one| match one.trim().get(..2) {
            Some("zh") => Some(Self::Chinese),
            Some("en") => Some(Self::English),
            _ => None,
        });
        known.into_iter().next().unwrap_or(Self::Chinese)
    }

    pub const fn of_both<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Chinese => zh,
            Self::English => en,
        }
    }

    pub const fn acted(&self, acted: &Fulfilment) -> &'static str {
        match acted {
            Fulfilment::InEffect => self.of_both("已执行", "in effect"),
            Fulfilment::Partly => self.of_both("部分执行", "partly in effect"),
            Fulfilment::Declined => self.of_both("未执行（已说明理由）", "declined, with reasons"),
            Fulfilment::Awaited => self.of_both("等待回执", "awaited"),
            Fulfilment::Overdue => self.of_both("逾期未回执", "overdue"),
            Fulfilment::NotAsked => self.of_both("无需回执", "not asked"),
        }
    }

    pub const fn pushed(&self, pushed: &PushState) -> &'static str {
        match pushed {
            PushState::Active => self.of_both("推送", "pushed"),
            PushState::Paused => self.of_both("已暂停推送", "paused"),
            PushState::Disabled => self.of_both("推送失败已停用", "disabled"),
            PushState::None => self.of_both("自行查询", "pulls"),
        }
    }

    /// An instant by the clock of Beijing: a deadline in UTC would read as the day before.
    pub fn time(&self, at: &Time) -> String {
        let civil = TimeZone::fixed(jiff::tz::offset(8)).to_datetime(at.timestamp());
        match self {
            Self::Chinese => civil.strftime("%Y年%-m月%-d日 %H:%M（北京时间）").to_string(),
            Self::English => civil.strftime("%-d %B %Y, %H:%M (Beijing time)").to_string(),
        }
    }

    /// The day of an instant, by the same clock.
    pub fn day(&self, at: &Time) -> String {
        let civil = TimeZone::fixed(jiff::tz::offset(8)).to_datetime(at.timestamp());
        civil.strftime(self.of_both("%Y年%-m月%-d日", "%-d %B %Y")).to_string()
    }

    pub const fn said(&self, phrase: Phrase) -> &'static str {
        self.of_both(phrase.zh, phrase.en)
    }

    /// Its tag, as in `lang="…"`.
    pub const fn tag(&self) -> &'static str {
        self.of_both("zh-CN", "en")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_in_the_language_that_is_asked_for_or_preferred_and_else_chinese() {
        let of = |lang: Option<&str>, accept: &str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, accept.parse().unwrap())]);
            Language::of(lang, &headers)
        };
        assert_eq!(of(None, "en-GB,zh;q=0.5"), Language::English);
        assert_eq!(of(None, "fr,zh-CN;q=0.9,en;q=0.8"), Language::Chinese);
        assert_eq!(of(Some("en"), "zh"), Language::English);
        assert_eq!(of(Some("é"), "en"), Language::Chinese);
    }

    #[test]
    fn an_instant_is_told_by_the_clock_of_beijing() {
        let at = "2026-11-28T23:07:19.717Z".parse().unwrap();
        assert_eq!(Language::Chinese.time(&at), "2026年11月29日 07:07（北京时间）");
        assert_eq!(Language::English.time(&at), "29 November 2026, 07:07 (Beijing time)");
    }
}
