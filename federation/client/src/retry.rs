//! When a service that can't answer now is asked again: what `Retry-After` says, and the patience of a person's
//! program.
//!
//! What runs in the background pauses as its own loop does, and no shorter than it is told.

use std::time::{Duration, SystemTime};

use callboard_federation::{encoding::Time, zh_en};

use crate::http::HttpError;

/// The longest that `Retry-After` is believed: whoever meant more is asked once a day.
pub const LONGEST: Duration = Duration::from_hours(24);
/// The longest that a verb waits at once: a quota that is spent until tomorrow is told to the person.
const LONGEST_WAIT: Duration = Duration::from_mins(2);
/// How often a verb waits.
const WAITS: u32 = 4;

/// What `Retry-After` asks for: seconds, or an instant in one of the three forms of HTTP (RFC 9110 §5.6.7, §10.2.3).
///
/// `None` for what is neither, and for an instant that is past: the usual pause then. At most [`LONGEST`].
pub fn retry_after(value: &[u8], now: Time) -> Option<Duration> {
    let text = str::from_utf8(value).ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than fits is more than a day.
        text.parse().map_or(LONGEST, Duration::from_secs)
    } else {
        let at = httpdate::parse_http_date(text).ok()?;
        let millis = u64::try_from(now.as_millis()).ok()?;
        let now = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis))?;
        let wait = at.duration_since(now).ok().filter(|wait| !wait.is_zero())?;
        // A part of a second is one more: nobody is asked before the instant.
        Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    };
    Some(wait.min(LONGEST))
}

/// The patience of a person's program with what may be asked twice: it waits for as long as a service says, a few
/// times, and says so on standard error.
#[derive(Debug, Default)]
pub struct Waits(u32);

impl Waits {
    /// Waits, if the service said for how long and there is patience left.
    ///
    /// # Errors
    /// `error` itself, otherwise.
    pub async fn wait(&mut self, error: HttpError) -> Result<(), HttpError> {
        let wait = error.retry_after().filter(|wait| self.0 < WAITS && *wait <= LONGEST_WAIT);
        let Some(wait) = wait else { return Err(error) };
        self.0 += 1;
        crate::eprintln!(
            "{}",
            zh_en!("{error}：{seconds} 秒后再问", "{error}: asked again in {seconds} s", seconds = wait.as_secs())
        );
        tokio::time::sleep(wait).await;
        Ok(())
    }
}

/// The patience of whoever asks for what may be there in a moment: a member's first minute, a docket just logged.
#[derive(Debug, Default)]
pub struct Patience {
    asked_again: usize,
}

impl Patience {
    /// How long to wait before asking again, each time less than a second; after the last it is refused.
    const PAUSES: [Duration; 3] = [Duration::from_millis(250), Duration::from_millis(500), Duration::from_millis(900)];

    /// Waits, if `error` may be over in a moment and there is patience left.
    ///
    /// # Errors
    /// `error` itself, otherwise.
    pub async fn wait(&mut self, error: HttpError) -> Result<(), HttpError> {
        let pause = Self::PAUSES.get(self.asked_again).filter(|_| error.is_not_yet()).ok_or(error)?;
        self.asked_again += 1;
        tokio::time::sleep(*pause).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(value: &str, now: &str) -> Option<u64> {
        retry_after(value.as_bytes(), now.parse().unwrap()).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_the_three_forms_of_a_date_are_read_and_none_is_believed_beyond_a_day() {
        let now = "2026-11-28T23:00:20.000Z";
        for (value, seconds) in [
            ("60", Some(60)),
            (" 60 ", Some(60)),
            ("0", Some(0)),
            ("86401", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
            ("Sat, 28 Nov 2026 23:01:20 GMT", Some(60)),
            ("Saturday, 28-Nov-26 23:01:20 GMT", Some(60)),
            ("Sat Nov 28 23:01:20 2026", Some(60)),
            ("Mon, 30 Nov 2026 23:01:20 GMT", Some(86_400)),
            ("Sat, 28 Nov 2026 23:00:20 GMT", None),
            ("Sat, 28 Nov 2026 22:00:20 GMT", None),
            ("Thursday, 01-Jan-70 00:00:00 GMT", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("2026-11-28T23:01:20Z", None),
        ] {
            assert_eq!(asked(value, now), seconds, "{value}");
        }
        assert_eq!(asked("Sat, 28 Nov 2026 23:01:20 GMT", "2026-11-28T23:00:20.400Z"), Some(60), "never too soon");
    }

    /// A service on loopback that gives these answers, one a connection.
    async fn answering(answers: Vec<String>) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            for answer in answers {
                use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 4_096];
                let _ = stream.read(&mut request).await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        url
    }

    fn answer(status: &str, retry_after: &str) -> String {
        format!("HTTP/1.1 {status}\r\n{retry_after}Content-Length: 0\r\nConnection: close\r\n\r\n")
    }

    #[tokio::test]
    async fn what_may_be_asked_twice_waits_as_told_and_no_longer_than_a_person_would() {
        let client = crate::http::client().unwrap();
        let soon = || answer("429 Too Many Requests", "Retry-After: 0\r\n");
        let url =
            answering(vec![soon(), answer("503 Service Unavailable", "Retry-After: 1\r\n"), answer("200 OK", "")]);
        assert_eq!(crate::http::get(&client, &url.await).await.unwrap(), Some(Vec::new()));
        for refused in [
            answer("503 Service Unavailable", ""),
            answer("429 Too Many Requests", "Retry-After: 43200\r\n"),
            answer("500 Internal Server Error", "Retry-After: 1\r\n"),
        ] {
            // Were it asked again, it would be answered.
            let url = answering(vec![refused, answer("200 OK", "")]).await;
            assert!(crate::http::get(&client, &url).await.is_err());
        }
        let url = answering((0..=WAITS).map(|_| soon()).chain([answer("200 OK", "")]).collect()).await;
        assert!(crate::http::get(&client, &url).await.is_err(), "a few times, and no more");
    }
}
