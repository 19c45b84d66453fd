//! Breaker libraries with their defaults: resilience4j 2, Polly 8, opossum 9.
//!
//! They stand for what most services run, and differ where it matters: what the window is, who decides while half open,
//! whether a permit that is lost ever comes back. None of them has a retry budget.

use crate::policy::{
    Backoff, Breaker, BreakerKind, Compare, Curve, Deadline, Evaluate, HalfOpenDecides, HalfOpens, Jitter,
    LateResults, OnClose, PolicySettings, RejectedCalls, Retry, Window,
};
use crate::{Ratio, TimeSpan};

/// Always the same wait.
fn constant(wait: TimeSpan) -> Backoff {
    Backoff { curve: Curve::Constant, base: wait, jitter: Jitter::None, ..Backoff::default() }
}

/// Its count window holds the last hundred calls; ten probes are judged by the same rate.
pub(super) fn resilience4j() -> PolicySettings {
    PolicySettings {
        retry: Retry { max_attempts: 3, backoff: constant(TimeSpan::from_millis(500)), ..Retry::default() },
        breaker: Breaker {
            kind: BreakerKind::Rate,
            window: Window::Calls(100),
            min_calls: 100,
            failure_rate: Ratio::new(0.5),
            compare: Compare::Ge,
            open_for: TimeSpan::from_secs(60),
            half_opens: HalfOpens::NextCall,
            half_open_permits: 10,
            half_open_decides: HalfOpenDecides::Rate,
            half_open_max_wait: TimeSpan::ZERO,
            late_results: LateResults::Count,
            ..Breaker::default()
        },
        ..PolicySettings::default()
    }
}

/// It opens at one failure in ten, over a window that moves on by three seconds.
pub(super) fn polly() -> PolicySettings {
    PolicySettings {
        retry: Retry { max_attempts: 4, backoff: constant(TimeSpan::from_secs(2)), ..Retry::default() },
        breaker: Breaker {
            kind: BreakerKind::Rate,
            window: Window::Time(TimeSpan::from_secs(30)),
            window_buckets: 10,
            min_calls: 100,
            failure_rate: Ratio::new(0.1),
            compare: Compare::Ge,
            evaluate: Evaluate::Failure,
            open_for: TimeSpan::from_secs(5),
            half_open_permits: 1,
            half_open_decides: HalfOpenDecides::FirstFailure,
            half_open_max_wait: TimeSpan::ZERO,
            late_results: LateResults::Count,
            ..Breaker::default()
        },
        ..PolicySettings::default()
    }
}

/// Its window is never emptied, and what it rejects counts in it as calls that did not fail.
pub(super) fn opossum() -> PolicySettings {
    PolicySettings {
        deadline: Deadline { per_try: Some(TimeSpan::from_secs(10)), ..Deadline::default() },
        breaker: Breaker {
            kind: BreakerKind::Rate,
            window: Window::Time(TimeSpan::from_secs(10)),
            window_buckets: 10,
            on_close: OnClose::Keep,
            rejected: RejectedCalls::Count,
            evaluate: Evaluate::Failure,
            min_calls: 0,
            failure_rate: Ratio::new(0.5),
            compare: Compare::Gt,
            open_for: TimeSpan::from_secs(30),
            half_opens: HalfOpens::Timer,
            half_open_permits: 1,
            half_open_max_wait: TimeSpan::ZERO,
            late_results: LateResults::Count,
            ..Breaker::default()
        },
        ..PolicySettings::default()
    }
}
