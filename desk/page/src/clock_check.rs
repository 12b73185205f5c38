//! Whether the machine's clock is right: compared with the `Date` that the registry answers with.
//!
//! A signed request of a wrong clock is refused, and a term would begin on another day.

use std::time::Duration;

use callboard_client::{http, pin::Pin};
use callboard_federation::{encoding::Time, zh_en};

use crate::{App, locked};

/// A difference up to here is nobody's trouble.
const LEEWAY_MILLIS: i64 = 60 * 1_000;
const WITHIN: Duration = Duration::from_secs(10);

/// How far the machine's clock is ahead, in milliseconds; behind, below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Skew(i64);

impl Skew {
    /// What is told of it; nothing where it is small.
    pub(crate) fn told(self) -> Option<String> {
        let Self(millis) = self;
        if millis.abs() <= LEEWAY_MILLIS {
            return None;
        }
        let minutes = (millis.abs() + 30_000) / 60_000;
        Some(if millis > 0 {
            zh_en!("本机时钟快{minutes}分钟：请先校准", "this machine's clock is {minutes} minutes fast: set it first")
        } else {
            zh_en!("本机时钟慢{minutes}分钟：请先校准", "this machine's clock is {minutes} minutes slow: set it first")
        })
    }
}

/// Looks, where there is a registry to ask; what it found stays until the next look.
pub(crate) async fn look(app: &App) {
    let Ok(pin) = app.home.pin() else { return };
    if let Some(skew) = skew(app, &pin).await {
        *locked(&app.skew) = Some(skew);
    }
}

async fn skew(app: &App, pin: &Pin) -> Option<Skew> {
    let answer = http::client().ok()?.get(pin.url.at("/healthz")).timeout(WITHIN).send().await.ok()?;
    let date = answer.headers().get("date")?.to_str().ok()?;
    let since = httpdate::parse_http_date(date).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let told = Time::from_seconds(i64::try_from(since.as_secs()).ok()?);
    Some(Skew(app.machine.now().as_millis() - told.as_millis()))
}

#[cfg(test)]
mod tests {
    use callboard_federation::language::Language;

    use super::*;

    #[test]
    fn more_than_a_minute_is_told_in_minutes() {
        let told = |millis| Language::Zh.saying(|| Skew(millis).told());
        assert_eq!((told(60_000), told(-59_000)), (None, None));
        assert!(told(181_000).is_some_and(|told| told.starts_with("本机时钟快3分钟")));
        assert!(told(-150_000).is_some_and(|told| told.starts_with("本机时钟慢3分钟")));
    }
}
