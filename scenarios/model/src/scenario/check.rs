//! `[[check]]`: what must hold, and when.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Ratio, TimeSpan};

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
        }
    }
}

/// `slo`: of a client.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Slo {
    /// The client, such as `"shoppers"`.
    pub of: String,
    /// Half of the successful calls are at most this slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50: Option<TimeSpan>,
    /// 90 % of the successful calls are at most this slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p90: Option<TimeSpan>,
    /// 95 % of the successful calls are at most this slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95: Option<TimeSpan>,
    /// 99 % of the successful calls are at most this slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99: Option<TimeSpan>,
    /// 99.9 % of the successful calls are at most this slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p999: Option<TimeSpan>,
    /// At most this share of the calls fails (5xx, transport error, timeout, shed, censored).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Ratio>,
    /// At most this share of the calls is throttled (429).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttled: Option<Ratio>,
    /// At least this share of the calls succeeds (2xx, 3xx, and 4xx other than 429).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<Ratio>,
}

impl Slo {
    /// The quantiles that are asked, as (p, limit).
    pub fn quantiles(&self) -> impl Iterator<Item = (f64, TimeSpan)> {
        [(0.5, self.p50), (0.9, self.p90), (0.95, self.p95), (0.99, self.p99), (0.999, self.p999)]
            .into_iter()
            .filter_map(|(p, limit)| limit.map(|limit| (p, limit)))
    }
}

/// `breaker`: of an edge, such as `"edge -> payments"`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerCheck {
    /// The edge.
    pub of: String,
    /// It opens within this time of the start of the first phase looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_within: Option<TimeSpan>,
    /// It lets calls through for good within this time of the end of the first phase looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closes_within: Option<TimeSpan>,
    /// It must not open at all.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stays_closed: bool,
}

/// `jitter`: of an edge.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JitterCheck {
    /// The edge.
    pub of: String,
    /// The width of the spread of first retries; without it, that of the subject's own settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<TimeSpan>,
}

/// `retry_budget`: of an edge. What is left out comes from the subject's own settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetryBudgetCheck {
    /// The edge.
    pub of: String,
    /// Retries per first attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Ratio>,
    /// Retries per second that are allowed whatever the traffic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_per_sec: Option<f64>,
    /// The window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<TimeSpan>,
}

/// `retry_after`: of an edge.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetryAfterCheck {
    /// The edge, perhaps with a route: `"edge -> payments/quota"`.
    pub of: String,
}

/// `amplification`: of an edge.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Amplification {
    /// The edge.
    pub of: String,
    /// At most so many attempts per call.
    pub max: f64,
}

/// `recovery`: of a client.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Recovery {
    /// The client.
    pub of: String,
    /// The phase after whose end it must be well again.
    pub after: String,
    /// How soon.
    pub within: TimeSpan,
}

/// The checks that need not be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AlwaysOn {
    /// Every declared fault was really injected, as often as declared.
    FaultsInjected,
    /// The planned load was really delivered, on time.
    LoadDelivered,
    /// Injected latency matched its law and was kept.
    LatencyLaw,
    /// Every attempt belongs to a call, and every call came to an end.
    AttemptsAccounted,
}

/// Every always-on check.
pub const ALWAYS_ON: [AlwaysOn; 4] =
    [AlwaysOn::FaultsInjected, AlwaysOn::LoadDelivered, AlwaysOn::LatencyLaw, AlwaysOn::AttemptsAccounted];

impl AlwaysOn {
    /// Its name, as `off` in `[run]` lists it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::FaultsInjected => "faults-injected",
            Self::LoadDelivered => "load-delivered",
            Self::LatencyLaw => "latency-law",
            Self::AttemptsAccounted => "attempts-accounted",
        }
    }
}
