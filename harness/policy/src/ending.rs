//! Ending: how an attempt ended, as the breaker counts it.
//!
//! A breaker that counts an answer the caller did not wait for as a success closes on nothing; one that counts it as
//! a failure opens because callers are impatient. So "nobody heard" ([`Ending::Left`]) is an ending of its own.

use upstorm_model::policy::FailureKind;

use crate::Failure;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// A response of this status: complete, or with a status that decides whatever its body does.
    Answered(u16),
    /// No connection was made.
    ConnectFailed,
    /// The connection broke before the response was complete.
    Broken,
    /// It was cut at its timeout or at the deadline of its call.
    TimedOut,
    /// The caller went away; nobody knows how it would have ended.
    Left,
}

impl From<Failure> for Ending {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::ConnectFailed => Self::ConnectFailed,
            Failure::Reset | Failure::Closed | Failure::Malformed => Self::Broken,
            Failure::Timeout | Failure::DeadlineExceeded => Self::TimedOut,
            Failure::Rejected(_) => Self::Left,
        }
    }
}

impl Ending {
    /// The kind of failure it is, if it is one at all. Which kinds count is a setting.
    #[must_use]
    pub const fn failure_kind(self) -> Option<FailureKind> {
        match self {
            Self::Answered(500..=599) => Some(FailureKind::ServerError),
            Self::Answered(429) => Some(FailureKind::TooManyRequests),
            Self::Answered(_) | Self::Left => None,
            Self::ConnectFailed => Some(FailureKind::ConnectFailure),
            Self::Broken => Some(FailureKind::Reset),
            Self::TimedOut => Some(FailureKind::Timeout),
        }
    }

    /// Whether the upstream answered.
    #[must_use]
    pub const fn is_answer(self) -> bool {
        matches!(self, Self::Answered(_))
    }
}
