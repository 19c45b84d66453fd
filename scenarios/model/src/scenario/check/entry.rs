//! An entry of `[[check]]`: its name, when it looks, and what it asks.
//!
//! Exactly one kind an entry, whose key is the kind: a check that asks two things could hold for one and fail for the
//! other, and nobody would know which. What each kind asks stands in the files beside this one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AlertCheck, Amplification, BackoffCheck, BreakerCheck, FailoverCheck, Fresh, Herd, JitterCheck,
    LimitCheck, Recovery, RetryAfterCheck, RetryBudgetCheck, RetrySafetyCheck, Slo, Tally, TimeoutCheck,
};

/// `[[check]]`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Check {
    /// Its name, unique.
    pub name: String,
    /// The phases it looks at; without them, everything after warm-up.
    #[serde(default)]
    pub during: Vec<String>,
    /// Whether a failure fails the run.
    #[serde(default)]
    pub severity: Severity,
    /// With fewer samples it is Inconclusive, even where its statistics need less.
    #[serde(default)]
    pub min_samples: Option<u64>,
    /// Exactly one kind.
    #[serde(flatten)]
    pub kind: CheckKind,
}

/// Whether a failure fails the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It does: exit code 10.
    #[default]
    Fail,
    /// It is shown and does not count.
    Warn,
}

/// What is checked. The key is the kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// Latency quantiles from the planned time, errors, throttled share, as the client saw them.
    Slo(Slo),
    /// Whether the breaker opened and closed when it should.
    Breaker(BreakerCheck),
    /// Whether retries of calls that failed together are spread.
    Jitter(JitterCheck),
    /// Whether retries stayed within the budget in every window.
    RetryBudget(RetryBudgetCheck),
    /// Whether Retry-After was waited for.
    RetryAfter(RetryAfterCheck),
    /// Attempts per call.
    Amplification(Amplification),
    /// Whether and how soon it was well again after a phase.
    Recovery(Recovery),
    /// Whether what comes back after a change comes as a herd.
    Herd(Herd),
    /// Whether the waits before retries follow their law.
    Backoff(BackoffCheck),
    /// Whether calls went elsewhere while their upstream was down, and came back.
    Failover(FailoverCheck),
    /// Whether a gateway or client kept its own limits, and used them.
    Limit(LimitCheck),
    /// Whether stale answers were served when, and only when, they may be.
    Fresh(Fresh),
    /// Whether an alert would have fired.
    Alert(AlertCheck),
    /// Whether unsafe requests were only made again where that repeats nothing.
    RetrySafety(RetrySafetyCheck),
    /// Whether attempts were given up when their time was over, and not before.
    Timeout(TimeoutCheck),
    /// Whether a number lies within its range.
    Tally(Tally),
}

impl CheckKind {
    /// The key a scenario writes for it.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Slo(_) => "slo",
            Self::Breaker(_) => "breaker",
            Self::Jitter(_) => "jitter",
            Self::RetryBudget(_) => "retry_budget",
            Self::RetryAfter(_) => "retry_after",
            Self::Amplification(_) => "amplification",
            Self::Recovery(_) => "recovery",
            Self::Herd(_) => "herd",
            Self::Backoff(_) => "backoff",
            Self::Failover(_) => "failover",
            Self::Limit(_) => "limit",
            Self::Fresh(_) => "fresh",
            Self::Alert(_) => "alert",
            Self::RetrySafety(_) => "retry_safety",
            Self::Timeout(_) => "timeout",
            Self::Tally(_) => "tally",
        }
    }

    /// Whom it is about, as written.
    #[must_use]
    pub fn of(&self) -> &str {
        match self {
            Self::Slo(c) => &c.of,
            Self::Breaker(c) => &c.of,
            Self::Jitter(c) => &c.of,
            Self::RetryBudget(c) => &c.of,
            Self::RetryAfter(c) => &c.of,
            Self::Amplification(c) => &c.of,
            Self::Recovery(c) => &c.of,
            Self::Herd(c) => &c.of,
            Self::Backoff(c) => &c.of,
            Self::Failover(c) => &c.of,
            Self::Limit(c) => &c.of,
            Self::Fresh(c) => &c.of,
            Self::Alert(c) => &c.of,
            Self::RetrySafety(c) => &c.of,
            Self::Timeout(c) => &c.of,
            Self::Tally(c) => &c.of,
        }
    }
}
