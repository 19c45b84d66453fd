//! Callers that bound their retries, with their defaults: Envoy, Finagle, gRPC, the AWS SDKs, Google's SRE book.
//!
//! None of them has a breaker: each takes it that bounded retries are harmless, and bounds them by something else.

use crate::policy::{
    Backoff, Budget, BudgetKind, DepositOn, Hint, HintHeader, Jitter, Limits, OnExceed, PolicySettings,
    Retry, Throttle, ThrottleKind,
};
use crate::{Ratio, TimeSpan};

/// Exponential by 2 with full jitter.
fn full(base: TimeSpan, max: TimeSpan) -> Backoff {
    Backoff { base, multiplier: 2.0, max, jitter: Jitter::Full, ..Backoff::default() }
}

fn retrying(retry: Retry) -> PolicySettings {
    PolicySettings { retry, ..PolicySettings::default() }
}

/// One retry, three at once over all calls, limits of 1024 (its circuit breaker's defaults; connections are 1024 anyway).
pub(super) fn envoy() -> PolicySettings {
    let hint = Hint {
        honor: vec![HintHeader::RetryAfterSeconds],
        max: TimeSpan::from_secs(300),
        on_exceed: OnExceed::Ignore,
        jitter_factor: 0.5,
    };
    PolicySettings {
        limits: Limits { max_requests: Some(1024), max_pending: Some(1024), ..Limits::default() },
        retry: Retry {
            max_attempts: 2,
            backoff: full(TimeSpan::from_millis(25), TimeSpan::from_millis(250)),
            hint,
            budget: Budget { kind: BudgetKind::Concurrency, max_retries: Some(3), ..Budget::default() },
            ..Retry::default()
        },
        ..PolicySettings::default()
    }
}

/// The same with its retry budget in place of the fixed number.
pub(super) fn envoy_budget() -> PolicySettings {
    let mut settings = envoy();
    settings.retry.budget = Budget {
        kind: BudgetKind::Concurrency,
        max_retries: None,
        budget_percent: Ratio::new(0.2),
        min_retry_concurrency: 3,
        ..Budget::default()
    };
    settings
}

/// At once and as often as the budget has it.
pub(super) fn finagle() -> PolicySettings {
    retrying(Retry {
        max_attempts: Retry::UNLIMITED,
        backoff: Backoff { base: TimeSpan::ZERO, jitter: Jitter::None, ..Backoff::default() },
        budget: Budget {
            kind: BudgetKind::RatioWindow,
            ratio: Ratio::new(0.2),
            min_per_sec: 10.0,
            ttl: TimeSpan::from_secs(10),
            deposit_on: DepositOn::Request,
            ..Budget::default()
        },
        ..Retry::default()
    })
}

/// Its service config's usual retry policy, and proposal A6's throttling.
pub(super) fn grpc() -> PolicySettings {
    retrying(Retry {
        max_attempts: 4,
        backoff: full(TimeSpan::from_millis(100), TimeSpan::from_secs(1)),
        hint: Hint {
            honor: vec![HintHeader::GrpcRetryPushbackMs],
            // It waits exactly as long as the server says, however long that is.
            max: TimeSpan::from_secs(24 * 3600),
            on_exceed: OnExceed::GiveUp,
            jitter_factor: 0.0,
        },
        budget: Budget {
            kind: BudgetKind::ThresholdBucket,
            max_tokens: 10,
            token_ratio: 0.1,
            ..Budget::default()
        },
        ..Retry::default()
    })
}

/// What all AWS SDKs do from November 2026 on.
pub(super) fn aws_2026() -> PolicySettings {
    retrying(Retry {
        max_attempts: 3,
        backoff: Backoff {
            throttled_base: Some(TimeSpan::from_secs(1)),
            ..full(TimeSpan::from_millis(50), TimeSpan::from_secs(20))
        },
        budget: Budget {
            kind: BudgetKind::TokenBucket,
            capacity: 500,
            retry_cost: 14,
            timeout_cost: 14,
            throttled_cost: 5,
            ..Budget::default()
        },
        ..Retry::default()
    })
}

/// Chapter 21 of the book: at most three attempts, retries under a tenth, and calls held back while they are turned away.
pub(super) fn sre() -> PolicySettings {
    let budget = Budget { kind: BudgetKind::ClientRatio, ratio: Ratio::new(0.1), ..Budget::default() };
    let throttle = Throttle { kind: ThrottleKind::Adaptive, k: 2.0, window: TimeSpan::from_secs(120) };
    PolicySettings {
        throttle,
        ..retrying(Retry { max_attempts: 3, backoff: Backoff::default(), budget, ..Retry::default() })
    }
}
