//! Retry-After and gRPC's pushback: what the upstream asks for, and what is made of it.
//!
//! RFC 9110 section 10.2.3: whole seconds, or an HTTP-date (section 5.6.7: IMF-fixdate, and the obsolete RFC 850 and
//! asctime forms). A client that knows only the seconds form comes back too early on dates; one that compares a date
//! with its own clock is wrong by the skew, so the response's own Date goes first. A constant hint sends everybody
//! back at the same moment, so the wait is spread over U[v, v(1+f)).
//!
//! | hint | condition | decision |
//! |---|---|---|
//! | absent, malformed, past or zero; or not honoured | | none: the backoff decides |
//! | v ≤ max | | wait U[v, v(1+f)) |
//! | v > max | `ignore` / `give-up` / `clamp` | none / give up / wait U[max, max(1+f)) |
//! | pushback, negative or malformed | | give up |
//! | pushback of v milliseconds, zero included | v ≤ max, or as above | wait U[v, v(1+f)), and the backoff begins anew |
//!
//! Pushback is gRPC's header `grpc-retry-pushback-ms` (proposal A6); it goes before a Retry-After where both are honoured.
//! Envoy knows Retry-After's form of seconds only, so `retry-after-seconds` takes a date for no hint.

use std::time::{Duration, SystemTime};

use upstorm_model::policy::{self, HintHeader, OnExceed};
use upstorm_model::{Dice, TimeSpan};

/// How Retry-After is obeyed.
#[derive(Debug, Clone)]
pub struct Hint {
    settings: policy::Hint,
}

/// What follows from a response's hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HintDecision {
    /// Nothing: the backoff decides.
    None,
    /// Wait this long instead of the backoff.
    Wait(Duration),
    /// Wait this long, and let the backoff begin anew after it.
    Pushback(Duration),
    /// Do not retry.
    GiveUp,
}

/// The headers of a response that say when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HintHeaders<'a> {
    /// Its Retry-After, as written.
    pub retry_after: Option<&'a str>,
    /// Its grpc-retry-pushback-ms, as written.
    pub pushback: Option<&'a str>,
    /// Its Date, as written.
    pub date: Option<&'a str>,
    /// The time of day here, for a response without a Date.
    pub wall: SystemTime,
}

impl HintHeaders<'_> {
    /// How long the Retry-After asks to wait; zero for a date that is past; none if absent or malformed.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.seconds().or_else(|| self.until())
    }

    /// The same where it is in seconds.
    fn seconds(&self) -> Option<Duration> {
        let text = self.retry_after?.trim_matches([' ', '\t']);
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        // More digits than a number holds mean a very long time, not a mistake.
        digits.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
    }

    /// The same where it is a date.
    fn until(&self) -> Option<Duration> {
        let at = httpdate::parse_http_date(self.retry_after?.trim_matches([' ', '\t'])).ok()?;
        let now = self.date.and_then(|date| httpdate::parse_http_date(date.trim()).ok()).unwrap_or(self.wall);
        Some(at.duration_since(now).unwrap_or_default())
    }
}

impl Hint {
    /// The rule of these settings.
    #[must_use]
    pub fn new(settings: &policy::Hint) -> Self {
        Self { settings: settings.clone() }
    }

    /// What follows from these headers.
    pub fn decide(&self, headers: &HintHeaders<'_>, dice: &mut Dice) -> HintDecision {
        let honoured = |header| self.settings.honor.contains(&header);
        if honoured(HintHeader::GrpcRetryPushbackMs)
            && let Some(text) = headers.pushback
        {
            return match text.trim().parse().map(Duration::from_millis) {
                Ok(wait) => self.within_max(wait, dice, HintDecision::Pushback),
                Err(_) => HintDecision::GiveUp,
            };
        }
        let wait = match () {
            () if honoured(HintHeader::RetryAfter) => headers.wait(),
            () if honoured(HintHeader::RetryAfterSeconds) => headers.seconds(),
            () => None,
        };
        let wait = wait.filter(|wait| !wait.is_zero());
        wait.map_or(HintDecision::None, |wait| self.within_max(wait, dice, HintDecision::Wait))
    }

    /// A hint that is not too long, and the end of one that is.
    fn within_max(
        &self,
        wait: Duration,
        dice: &mut Dice,
        decided: fn(Duration) -> HintDecision,
    ) -> HintDecision {
        let max = self.settings.max.get();
        match self.settings.on_exceed {
            _ if wait <= max => decided(self.spread(wait, dice)),
            OnExceed::Ignore => HintDecision::None,
            OnExceed::GiveUp => HintDecision::GiveUp,
            OnExceed::Clamp => decided(self.spread(max, dice)),
        }
    }

    fn spread(&self, wait: Duration, dice: &mut Dice) -> Duration {
        let extra = dice.between(0.0, wait.as_secs_f64() * self.settings.jitter_factor);
        wait.saturating_add(TimeSpan::from_secs_f64(extra).get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::UNIX_EPOCH;
    use upstorm_model::{Seed, Stream};

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn noon() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(784_111_777) // the time of DATE
    }

    fn wait(retry_after: &str, date: Option<&str>) -> Option<Duration> {
        HintHeaders { retry_after: Some(retry_after), pushback: None, date, wall: noon() }.wait()
    }

    fn dice(n: u64) -> Dice {
        Seed(n).dice(Stream::named(&["hint"]), 1, 1)
    }

    #[test]
    fn reads_seconds_and_all_three_dates() {
        for text in [
            "30",
            " 30\t",
            "Sun, 06 Nov 1994 08:50:07 GMT",
            "Sunday, 06-Nov-94 08:50:07 GMT",
            "Sun Nov  6 08:50:07 1994",
        ] {
            assert_eq!(wait(text, None), Some(Duration::from_secs(30)), "{text}");
        }
    }

    #[test]
    fn a_date_is_compared_with_the_response_s_own_clock_first() {
        let later = "Sun, 06 Nov 1994 09:00:00 GMT";
        let skewed = "Sun, 06 Nov 1994 08:59:50 GMT";
        assert_eq!(wait(later, Some(skewed)), Some(Duration::from_secs(10)));
        assert_eq!(wait(later, Some("yesterday")), wait(later, None));
        assert_eq!(wait(DATE, Some(later)), Some(Duration::ZERO));
    }

    #[test]
    fn malformed_is_nothing_and_huge_is_for_ever() {
        for text in ["", " ", "-1", "1.5", "soon", "30s", "0x10", "Sun, 06 Nov"] {
            assert_eq!(wait(text, None), None, "{text}");
        }
        assert_eq!(wait("99999999999999999999999", None), Some(Duration::from_secs(u64::MAX)));
    }

    #[test]
    fn a_hint_beyond_the_longest_follows_the_setting() {
        let settings = policy::Hint {
            honor: vec![HintHeader::RetryAfter],
            jitter_factor: 0.0,
            ..policy::Hint::default()
        };
        let decide = |on_exceed, text| {
            let hint = Hint::new(&policy::Hint { on_exceed, ..settings.clone() });
            let headers = HintHeaders { retry_after: Some(text), pushback: None, date: None, wall: noon() };
            hint.decide(&headers, &mut dice(1))
        };
        let longest = HintDecision::Wait(Duration::from_secs(300));
        for on_exceed in [OnExceed::Ignore, OnExceed::GiveUp, OnExceed::Clamp] {
            assert_eq!(decide(on_exceed, "300"), longest);
        }
        assert_eq!(decide(OnExceed::Ignore, "301"), HintDecision::None);
        assert_eq!(decide(OnExceed::GiveUp, "301"), HintDecision::GiveUp);
        assert_eq!(decide(OnExceed::Clamp, "301"), longest);
    }

    #[test]
    fn each_header_is_read_by_those_who_know_it() {
        let date = "Sun, 06 Nov 1994 08:50:07 GMT";
        let decide = |honor, retry_after, pushback| {
            let settings = policy::Hint { honor: vec![honor], jitter_factor: 0.0, ..policy::Hint::default() };
            let headers = HintHeaders { retry_after, pushback, date: None, wall: noon() };
            Hint::new(&settings).decide(&headers, &mut dice(1))
        };
        let (secs, millis) = (Duration::from_secs, Duration::from_millis);
        use HintHeader::{GrpcRetryPushbackMs, RetryAfter, RetryAfterSeconds};
        assert_eq!(decide(RetryAfter, Some(date), None), HintDecision::Wait(secs(30)));
        assert_eq!(decide(RetryAfterSeconds, Some(date), None), HintDecision::None);
        assert_eq!(decide(RetryAfterSeconds, Some("30"), None), HintDecision::Wait(secs(30)));
        assert_eq!(decide(RetryAfter, None, Some("30")), HintDecision::None);
        assert_eq!(decide(GrpcRetryPushbackMs, Some("30"), None), HintDecision::None);
        let pushed = |text| decide(GrpcRetryPushbackMs, Some("30"), Some(text));
        assert_eq!(pushed("250"), HintDecision::Pushback(millis(250)));
        assert_eq!(pushed("0"), HintDecision::Pushback(Duration::ZERO));
        for stop in ["-1", "", "soon", "1.5"] {
            assert_eq!(pushed(stop), HintDecision::GiveUp, "{stop}");
        }
        assert_eq!(pushed("300001"), HintDecision::GiveUp);
    }

    #[test]
    fn what_is_not_honoured_says_nothing() {
        let hint = Hint::new(&policy::Hint::default());
        let headers = HintHeaders { retry_after: Some("5"), pushback: None, date: None, wall: noon() };
        assert_eq!(hint.decide(&headers, &mut dice(1)), HintDecision::None);
    }

    proptest! {
        #[test]
        fn waits_are_never_early_and_are_spread_up_to_the_factor(secs in 1u64..=300, f in 0.0f64..2.0, seed: u64) {
            let settings = policy::Hint { honor: vec![HintHeader::RetryAfter], jitter_factor: f, ..policy::Hint::default() };
            let text = secs.to_string();
            let headers = HintHeaders { retry_after: Some(&text), pushback: None, date: None, wall: noon() };
            let HintDecision::Wait(wait) = Hint::new(&settings).decide(&headers, &mut dice(seed)) else {
                return Err(TestCaseError::fail("it must wait"));
            };
            prop_assert!(wait >= Duration::from_secs(secs));
            prop_assert!(wait.as_secs_f64() <= secs as f64 * (1.0 + f) + 1e-6);
        }

        #[test]
        fn no_text_is_too_strange(text in "\\PC*", date in prop::option::of("\\PC*")) {
            let _ = wait(&text, date.as_deref());
        }
    }
}
