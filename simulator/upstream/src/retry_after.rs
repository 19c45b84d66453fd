//! Retry-After in all the forms that occur (RFC 9110 section 10.2.3): seconds, an HTTP-date, and what nobody can read.
//!
//! Clients that parse only one form, or retry at once on a form they cannot read, are found only by sending them all.
//! A date goes with a `Date` header of the same clock (section 6.6.1), so that a caller whose clock is wrong can still
//! take the difference.

use std::time::{Duration, SystemTime};

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue};
use upstorm_model::TimeSpan;
use upstorm_model::recording::Hint;
use upstorm_model::scenario::RetryAfter;

/// A Retry-After, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Advice {
    /// Always these seconds.
    Seconds(u32, HeaderValue),
    /// A date this far ahead.
    Date(TimeSpan),
    /// A text that is none of the two.
    Text(HeaderValue),
    /// Seconds until a token is free.
    Exact,
}

impl Advice {
    /// Makes it ready.
    ///
    /// # Errors
    /// When the text cannot stand in a header: the text.
    pub(crate) fn compile(form: &RetryAfter) -> Result<Self, String> {
        Ok(match form {
            RetryAfter::Seconds(seconds) => Self::Seconds(*seconds, HeaderValue::from(*seconds)),
            RetryAfter::Date(ahead) => Self::Date(*ahead),
            RetryAfter::Text(text) => Self::Text(HeaderValue::from_str(text).map_err(|_| text.clone())?),
            RetryAfter::Exact => Self::Exact,
        })
    }

    /// Puts the headers on a response that is sent when the wall clock shows `wall`, while a token is free after
    /// `free_after`. Returns what was said.
    pub(crate) fn put(&self, headers: &mut HeaderMap, wall: SystemTime, free_after: Duration) -> Hint {
        match self {
            Self::Seconds(seconds, value) => {
                headers.insert(RETRY_AFTER, value.clone());
                Hint::Seconds(*seconds)
            }
            Self::Text(value) => {
                headers.insert(RETRY_AFTER, value.clone());
                Hint::Malformed
            }
            Self::Exact => {
                let seconds = whole_seconds(free_after).clamp(1, u64::from(u32::MAX)) as u32;
                headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
                Hint::Seconds(seconds)
            }
            Self::Date(ahead) => put_date(headers, wall, ahead.get()),
        }
    }
}

fn put_date(headers: &mut HeaderMap, wall: SystemTime, ahead: Duration) -> Hint {
    let since_epoch = wall.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    // httpdate speaks of years up to 9999 and panics beyond.
    let last = Duration::from_secs(253_402_300_799);
    let retry_at = Duration::from_secs(whole_seconds(since_epoch.saturating_add(ahead))).min(last);
    for (name, at) in [(DATE, since_epoch.min(last)), (RETRY_AFTER, retry_at)] {
        let text = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + at);
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
    Hint::Date(TimeSpan::from(retry_at.saturating_sub(since_epoch)))
}

/// Rounded up.
const fn whole_seconds(span: Duration) -> u64 {
    span.as_secs() + if span.subsec_nanos() > 0 { 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-01T00:00:00.400Z.
    fn wall() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_225_600_400)
    }

    fn sent(form: RetryAfter, free_after: Duration) -> (HeaderMap, Hint) {
        let mut headers = HeaderMap::new();
        let hint = Advice::compile(&form).unwrap().put(&mut headers, wall(), free_after);
        (headers, hint)
    }

    #[test]
    fn seconds_and_text_are_sent_as_written() {
        let (headers, hint) = sent(RetryAfter::Seconds(2), Duration::ZERO);
        assert_eq!((headers[RETRY_AFTER].to_str().unwrap(), hint), ("2", Hint::Seconds(2)));
        let (headers, hint) = sent(RetryAfter::Text("soon".into()), Duration::ZERO);
        assert_eq!((headers[RETRY_AFTER].to_str().unwrap(), hint), ("soon", Hint::Malformed));
        assert_eq!(Advice::compile(&RetryAfter::Text("so\non".into())), Err("so\non".to_owned()));
    }

    #[test]
    fn exact_is_rounded_up_and_never_below_one() {
        for (free_after, seconds) in [(0, "1"), (1, "1"), (1000, "1"), (1001, "2"), (86_400_000, "86400")] {
            let (headers, _) = sent(RetryAfter::Exact, Duration::from_millis(free_after));
            assert_eq!(headers[RETRY_AFTER].to_str().unwrap(), seconds, "{free_after} ms");
        }
    }

    #[test]
    fn a_date_is_rounded_up_and_comes_with_the_date_of_the_same_clock() {
        let (headers, hint) = sent(RetryAfter::Date(TimeSpan::from_secs(2)), Duration::ZERO);
        assert_eq!(headers[DATE].to_str().unwrap(), "Thu, 01 Jan 2026 00:00:00 GMT");
        assert_eq!(headers[RETRY_AFTER].to_str().unwrap(), "Thu, 01 Jan 2026 00:00:03 GMT");
        assert_eq!(hint, Hint::Date(TimeSpan::from_millis(2600)));
    }

    #[test]
    fn a_date_beyond_the_calendar_does_not_panic() {
        let far = TimeSpan::from(Duration::from_secs(u64::MAX / 4));
        let (headers, _) = sent(RetryAfter::Date(far), Duration::ZERO);
        assert_eq!(headers[RETRY_AFTER].to_str().unwrap(), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
