//! Events: what the policies did, for whoever annotates or counts.
//!
//! The machines return them and the layers hand them on. They say what a gateway believes of itself, which is for
//! reports; checks go by what the upstream saw.

use std::fmt;
use std::time::Duration;

use upstorm_model::Offset;
use upstorm_model::recording::Annotation;

/// Something a policy did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyEvent {
    /// The breaker opened: from now on it rejects.
    BreakerOpened,
    /// The breaker half-opened: it lets probes through.
    BreakerHalfOpened,
    /// The breaker closed: everything passes.
    BreakerClosed,
    /// The breaker rejected an attempt.
    BreakerRejected,
    /// A retry was decided on.
    RetryScheduled {
        /// The ordinal the retry will have, from 2.
        ordinal: u32,
        /// How long until it is sent.
        wait: Duration,
    },
    /// The retry budget refused a retry.
    BudgetExhausted,
    /// The rate limit rejected a call.
    RateLimited,
    /// The bulkhead rejected a call.
    BulkheadFull,
    /// The adaptive throttle rejected a call.
    Throttled,
    /// An attempt was cut at its own timeout.
    AttemptTimedOut,
    /// A call was cut at its deadline.
    DeadlineExceeded,
    /// An extra attempt was sent beside a slow one.
    Hedged {
        /// The ordinal it has: those of extra attempts come after all that retries may have.
        ordinal: u32,
    },
    /// A fresh answer was served without asking.
    ServedFresh,
    /// An answer that was no longer fresh was served.
    ServedStale,
    /// A call was answered with the fallback.
    FellBack,
    /// A replica was ejected.
    Ejected {
        /// Which, by its index.
        replica: usize,
    },
    /// A replica that was ejected may be asked again.
    Readmitted {
        /// Which, by its index.
        replica: usize,
    },
    /// A call went on to the next target, the first since one stayed.
    FailedOver {
        /// Which, by its index.
        to: usize,
    },
    /// A call stayed at a target, the first since one went on.
    FailedBack {
        /// Which, by its index.
        to: usize,
    },
}

impl PolicyEvent {
    /// The annotation a recording holds for it, if there is one. The caller thins those out that are kept once a
    /// second only.
    #[must_use]
    pub const fn annotation(self) -> Option<Annotation> {
        match self {
            Self::BreakerOpened => Some(Annotation::BreakerOpened),
            Self::BreakerHalfOpened => Some(Annotation::BreakerHalfOpened),
            Self::BreakerClosed => Some(Annotation::BreakerClosed),
            Self::BudgetExhausted => Some(Annotation::BudgetExhausted),
            Self::RateLimited => Some(Annotation::RateLimited),
            Self::BulkheadFull => Some(Annotation::BulkheadFull),
            Self::Throttled => Some(Annotation::Throttled),
            Self::Hedged { .. } => Some(Annotation::Hedged),
            Self::ServedStale => Some(Annotation::ServedStale),
            Self::FellBack => Some(Annotation::FellBack),
            Self::Ejected { .. } => Some(Annotation::Ejected),
            Self::Readmitted { .. } => Some(Annotation::Readmitted),
            Self::FailedOver { .. } => Some(Annotation::FailedOver),
            Self::FailedBack { .. } => Some(Annotation::FailedBack),
            Self::BreakerRejected
            | Self::RetryScheduled { .. }
            | Self::AttemptTimedOut
            | Self::ServedFresh
            | Self::DeadlineExceeded => None,
        }
    }
}

/// Hears what the policies do. Called from within calls, outside any lock: it must be quick and must not block.
pub trait Listener: Send + Sync {
    /// Something was done at this time. Times of different policies may arrive slightly out of order.
    fn on(&self, at: Offset, event: PolicyEvent);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deaf;

impl Listener for Deaf {
    fn on(&self, _: Offset, _: PolicyEvent) {}
}

impl fmt::Debug for dyn Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
