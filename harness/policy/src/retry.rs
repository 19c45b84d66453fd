//! Retry: whether an attempt is made again, and when.
//!
//! Retrying what is not worth it, or not safe, does more harm than the failure: an unsafe method without a key repeats
//! its effect (RFC 9110 section 9.2.2), a retry that cannot begin before the deadline is work for nobody.
//!
//! | asked in this order | refuses |
//! |---|---|
//! | may the method be sent again? | [`GiveUp::Unsafe`] |
//! | is it not the last of `max_attempts`? | [`GiveUp::LastAttempt`] |
//! | is the outcome in `retry_on`? | [`GiveUp::NotWorth`] |
//! | does the Retry-After leave a chance? | [`GiveUp::HintTooLong`] |
//! | does the retry begin before the deadline? | [`GiveUp::TooLate`] |
//!
//! An unsafe request is not sent again even when no connection was made: the rule is the method's, not the failure's.
//! The budget is asked last, by the layer, so that what is refused here costs none of it.

use std::time::Duration;

use http::Method;
use upstorm_model::policy::{self, Methods, RetryOn, Sequence};
use upstorm_model::{Offset, Seed, Stream};

use crate::backoff::{Backoff, Course};
use crate::deadline::begins_in_time;
use crate::hint::{Hint, HintDecision, HintHeaders};

/// The retry rule, with its backoff and its obedience to hints.
#[derive(Debug, Clone)]
pub struct Retry {
    max_attempts: u32,
    retry_on: Vec<RetryOn>,
    methods: Methods,
    backoff: Backoff,
    hint: Hint,
    sequence: Sequence,
    seed: Seed,
    streams: Streams,
}

#[derive(Debug, Clone, Copy)]
struct Streams {
    backoff: Stream,
    hint: Stream,
}

/// An attempt that has an outcome.
#[derive(Debug, Clone, Copy)]
pub struct Tried<'a> {
    /// Its call: draws are keyed by it.
    pub call: u64,
    /// Which attempt of its call it was, from 1.
    pub ordinal: u32,
    /// Its outcome, as a reason to retry; none if it is no reason.
    pub reason: Option<RetryOn>,
    /// The hint of its response, if it had a response.
    pub hint: Option<HintHeaders<'a>>,
    /// When it ended: now.
    pub now: Offset,
    /// When its call is over, if ever.
    pub deadline: Option<Offset>,
}

/// Why there is no retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GiveUp {
    /// The outcome is none that is retried.
    NotWorth,
    /// The method may not be sent again.
    Unsafe,
    /// There are no attempts left.
    LastAttempt,
    /// The upstream asks for a longer wait than is followed.
    HintTooLong,
    /// The retry could not begin before the deadline.
    TooLate,
}

impl Retry {
    /// The rule of these settings. Draws are keyed by the seed and the name of the host that retries.
    #[must_use]
    pub fn new(settings: &policy::Retry, seed: Seed, host: &str) -> Self {
        Self {
            max_attempts: settings.max_attempts,
            retry_on: settings.retry_on.clone(),
            methods: settings.methods,
            backoff: Backoff::new(&settings.backoff),
            hint: Hint::new(&settings.hint),
            sequence: settings.backoff.sequence,
            seed,
            streams: Streams {
                backoff: Stream::named(&[host, "backoff"]),
                hint: Stream::named(&[host, "hint"]),
            },
        }
    }

    /// Whether a request may be sent again at all after this many attempts: only then is it worth keeping a copy.
    ///
    /// # Errors
    /// Why not.
    pub fn may_repeat(&self, method: &Method, keyed: bool, ordinal: u32) -> Result<(), GiveUp> {
        match may_be_repeated(self.methods, method, keyed) {
            false => Err(GiveUp::Unsafe),
            true if ordinal >= self.max_attempts => Err(GiveUp::LastAttempt),
            true => Ok(()),
        }
    }

    /// Whether this outcome is one that is retried.
    #[must_use]
    pub fn is_worth(&self, reason: RetryOn) -> bool {
        self.retry_on.contains(&reason)
    }

    /// How long to wait before the next attempt of a request that may be repeated.
    ///
    /// # Errors
    /// Why there is none.
    pub fn next(&self, course: &mut Course, tried: &Tried<'_>) -> Result<Duration, GiveUp> {
        let reason = tried.reason.filter(|reason| self.is_worth(*reason)).ok_or(GiveUp::NotWorth)?;
        let whose = match self.sequence {
            Sequence::PerCall => tried.call,
            // The defect: as if each call had a copy of one generator.
            Sequence::Shared => 0,
        };
        let dice = |stream| self.seed.dice(stream, whose, u64::from(tried.ordinal));
        let hinted = match &tried.hint {
            Some(headers) => self.hint.decide(headers, &mut dice(self.streams.hint)),
            None => HintDecision::None,
        };
        let throttled = reason == RetryOn::Status(429);
        let backoff = self.backoff.next(course, throttled, &mut dice(self.streams.backoff));
        let wait = match hinted {
            HintDecision::GiveUp => return Err(GiveUp::HintTooLong),
            HintDecision::Wait(wait) => wait,
            HintDecision::Pushback(wait) => {
                *course = Course::default();
                wait
            }
            HintDecision::None => backoff,
        };
        if begins_in_time(tried.now + wait, tried.deadline) { Ok(wait) } else { Err(GiveUp::TooLate) }
    }
}

/// Whether a request of this method, keyed or not, may be sent more than once.
pub(crate) fn may_be_repeated(methods: Methods, method: &Method, keyed: bool) -> bool {
    match methods {
        Methods::All => true,
        Methods::Idempotent => method.is_idempotent(),
        Methods::IdempotentOrKeyed => method.is_idempotent() || keyed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::UNIX_EPOCH;
    use upstorm_model::TimeSpan;
    use upstorm_model::policy::{HintHeader, Jitter};

    fn settings() -> policy::Retry {
        policy::Retry {
            max_attempts: 3,
            backoff: policy::Backoff { jitter: Jitter::None, ..policy::Backoff::default() },
            hint: policy::Hint {
                honor: vec![HintHeader::RetryAfter],
                jitter_factor: 0.0,
                ..policy::Hint::default()
            },
            ..policy::Retry::default()
        }
    }

    fn rule(settings: &policy::Retry) -> Retry {
        Retry::new(settings, Seed(1), "edge")
    }

    fn tried(reason: RetryOn) -> Tried<'static> {
        Tried { call: 1, ordinal: 1, reason: Some(reason), hint: None, now: Offset::ZERO, deadline: None }
    }

    fn hinted(text: &str) -> Option<HintHeaders<'_>> {
        Some(HintHeaders { retry_after: Some(text), pushback: None, date: None, wall: UNIX_EPOCH })
    }

    #[test]
    fn only_safe_or_keyed_requests_are_sent_again() {
        let may = |methods, method: &Method, keyed| {
            rule(&policy::Retry { methods, ..settings() }).may_repeat(method, keyed, 1).is_ok()
        };
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE, Method::PUT, Method::DELETE]
        {
            assert!(may(Methods::Idempotent, &method, false), "{method}");
        }
        for method in [Method::POST, Method::PATCH] {
            assert!(!may(Methods::Idempotent, &method, true));
            assert!(!may(Methods::IdempotentOrKeyed, &method, false));
            assert!(may(Methods::IdempotentOrKeyed, &method, true));
            assert!(may(Methods::All, &method, false));
        }
    }

    #[test]
    fn the_hint_replaces_the_backoff_or_ends_the_call() {
        let next = |text| {
            rule(&settings())
                .next(&mut Course::default(), &Tried { hint: hinted(text), ..tried(RetryOn::Status(429)) })
        };
        assert_eq!(next("7"), Ok(Duration::from_secs(7)));
        assert_eq!(next("0"), Ok(Duration::from_millis(200)));
        assert_eq!(next("later"), Ok(Duration::from_millis(200)));
        assert_eq!(next("301"), Err(GiveUp::HintTooLong));
    }

    #[test]
    fn a_throttled_attempt_waits_from_the_throttled_base() {
        let mut s = settings();
        s.backoff.throttled_base = Some(TimeSpan::from_secs(1));
        let next = |status| rule(&s).next(&mut Course::default(), &tried(RetryOn::Status(status)));
        assert_eq!(next(429), Ok(Duration::from_secs(1)));
        assert_eq!(next(503), Ok(Duration::from_millis(200)));
    }

    #[test]
    fn with_a_shared_sequence_every_call_waits_alike() {
        let mut s = settings();
        (s.backoff.jitter, s.backoff.sequence) = (Jitter::Full, Sequence::Shared);
        let draw = |call, ordinal| {
            rule(&s).next(&mut Course::default(), &Tried { call, ordinal, ..tried(RetryOn::Reset) })
        };
        assert_eq!(draw(5, 1), draw(6, 1));
        assert_ne!(draw(5, 1), draw(5, 2));
    }

    #[test]
    fn after_a_pushback_the_backoff_begins_anew() {
        let mut s = settings();
        s.hint.honor = vec![HintHeader::GrpcRetryPushbackMs];
        let mut course = Course::default();
        let mut next = |pushback| {
            let hint = Some(HintHeaders { retry_after: Some("9"), pushback, date: None, wall: UNIX_EPOCH });
            rule(&s).next(&mut course, &Tried { hint, ..tried(RetryOn::Status(503)) })
        };
        assert_eq!(next(None), Ok(Duration::from_millis(200)));
        assert_eq!(next(None), Ok(Duration::from_millis(400)));
        assert_eq!(next(Some("37")), Ok(Duration::from_millis(37)));
        assert_eq!(next(None), Ok(Duration::from_millis(200)));
        assert_eq!(next(Some("-1")), Err(GiveUp::HintTooLong));
    }

    #[test]
    fn the_same_call_draws_the_same_wait_and_another_call_another() {
        let mut s = settings();
        s.backoff.jitter = Jitter::Full;
        let draw = |call, ordinal| {
            rule(&s).next(&mut Course::default(), &Tried { call, ordinal, ..tried(RetryOn::Reset) })
        };
        assert_eq!(draw(5, 1), draw(5, 1));
        assert_ne!(draw(5, 1), draw(6, 1));
        assert_ne!(draw(5, 1), draw(5, 2));
    }

    proptest! {
        /// The model: the five questions of the header, in order, for waits without jitter.
        #[test]
        fn asks_the_five_questions(
            ordinal in 1u32..6,
            max_attempts in 0u32..6,
            reason in prop::option::of(prop::sample::select(vec![RetryOn::Reset, RetryOn::Status(500), RetryOn::Status(503)])),
            now in 0u64..3000, deadline in prop::option::of(0u64..3000), post: bool, keyed: bool,
        ) {
            let s = policy::Retry { max_attempts, ..settings() };
            let method = if post { Method::POST } else { Method::GET };
            let expected = if post && !keyed {
                Err(GiveUp::Unsafe)
            } else if ordinal >= max_attempts {
                Err(GiveUp::LastAttempt)
            } else if reason.is_none() || reason == Some(RetryOn::Status(500)) {
                Err(GiveUp::NotWorth)
            } else if deadline.is_some_and(|d| now + 200 >= d) {
                Err(GiveUp::TooLate)
            } else {
                Ok(Duration::from_millis(200))
            };
            let t = Tried {
                call: 1, ordinal, reason, hint: None,
                now: Offset::from_millis(now), deadline: deadline.map(Offset::from_millis),
            };
            let r = rule(&s);
            let got = r.may_repeat(&method, keyed, ordinal).and_then(|()| r.next(&mut Course::default(), &t));
            prop_assert_eq!(got, expected);
        }
    }
}
