//! Failure: why a call or attempt has no response.
//!
//! One closed enum through the whole stack, so that every layer and the gateway's own answers agree on what happened.
//! A response of status 500 is no failure here: it has arrived, and what it means is left to the retry rule and the
//! breaker.

use std::time::Duration;

use upstorm_model::policy::RetryOn;

/// Why there is no (complete) response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No connection was made: refused, unreachable, or slower than the connect timeout.
    #[error("no connection could be made")]
    ConnectFailed,
    /// The connection was reset before the response was complete.
    #[error("the connection was reset before the response was complete")]
    Reset,
    /// The connection was closed before the response was complete.
    #[error("the connection was closed before the response was complete")]
    Closed,
    /// What came was no HTTP.
    #[error("the response was not valid HTTP")]
    Malformed,
    /// The attempt took longer than `deadline.per_try`.
    #[error("the attempt took longer than its timeout")]
    Timeout,
    /// The call took longer than `deadline.total`.
    #[error("the call took longer than its deadline")]
    DeadlineExceeded,
    /// A policy did not let the call through; nothing was sent.
    #[error("rejected: {0}")]
    Rejected(#[from] Rejection),
}

/// Which policy did not let a call through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The rate limit (answered 429).
    #[error("over the rate limit, the next token is there in {retry_after:?}")]
    RateLimited {
        /// Until the bucket holds a token again.
        retry_after: Duration,
    },
    /// The bulkhead and its queue are full (answered 503).
    #[error("as many calls in flight and waiting as there may be")]
    BulkheadFull,
    /// The adaptive throttle holds it back (answered 503).
    #[error("held back, since the upstream turns most calls away")]
    Throttled,
    /// The breaker rejects (answered 503).
    #[error("the circuit breaker rejects, it may let a probe through in {retry_after:?}")]
    BreakerOpen {
        /// Until it lets a probe through; zero where only an outstanding probe decides that.
        retry_after: Duration,
    },
}

impl Failure {
    /// The reason to retry that it is, if it is one. A deadline that is over and a rejection are none: there is no
    /// time left, or the policy meant it.
    #[must_use]
    pub const fn retry_reason(self) -> Option<RetryOn> {
        match self {
            Self::ConnectFailed => Some(RetryOn::ConnectFailure),
            Self::Reset | Self::Closed | Self::Malformed => Some(RetryOn::Reset),
            Self::Timeout => Some(RetryOn::Timeout),
            Self::DeadlineExceeded | Self::Rejected(_) => None,
        }
    }
}
