//! The presets of the integration guides: from one attempt to the whole stack.
//!
//! The guides agree on connect 1 s, read 3 s, total 5 s; three retries with full jitter from 200 ms to 2 s; 100
//! connections; 200 requests/s with at most 50 in flight; a breaker at 50 %, open for 10 s.

use crate::policy::{
    Backoff, Breaker, BreakerKind, Budget, BudgetKind, Deadline, Hint, HintHeader, Jitter, Limits,
    PolicySettings, Pool, Retry,
};
use crate::{Rate, TimeSpan};

/// The timeouts, pool and error set that the integration guides agree on.
fn guides() -> PolicySettings {
    PolicySettings {
        deadline: Deadline {
            total: Some(TimeSpan::from_secs(5)),
            per_try: Some(TimeSpan::from_secs(3)),
            connect: Some(TimeSpan::from_secs(1)),
            ..Deadline::default()
        },
        pool: Pool { max_connections: 100, ..Pool::default() },
        ..PolicySettings::default()
    }
}

pub(super) fn naive() -> PolicySettings {
    let backoff = Backoff { base: TimeSpan::ZERO, jitter: Jitter::None, ..Backoff::default() };
    PolicySettings { retry: Retry { max_attempts: 4, backoff, ..Retry::default() }, ..guides() }
}

pub(super) fn retry() -> PolicySettings {
    PolicySettings { retry: Retry { max_attempts: 4, ..Retry::default() }, ..guides() }
}

pub(super) fn standard() -> PolicySettings {
    let base = retry();
    PolicySettings {
        limits: Limits {
            max_requests: Some(50),
            max_pending: None,
            rate: Some(Rate::per_second(200.0)),
            burst: Some(50),
        },
        retry: Retry {
            hint: Hint { honor: vec![HintHeader::RetryAfter], ..Hint::default() },
            budget: Budget { kind: BudgetKind::RatioWindow, ..Budget::default() },
            ..base.retry
        },
        breaker: Breaker { kind: BreakerKind::Rate, ..Breaker::default() },
        ..base
    }
}
