//! Circuit breaker: stop calling what fails, and find out carefully when it works again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Ratio, TimeSpan};

/// The circuit breaker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Breaker {
    /// Which breaker, if any.
    pub kind: BreakerKind,
    /// What is looked back on.
    pub window: Window,
    /// Fewer calls than this in the window never open it.
    pub min_calls: u32,
    /// The share of failures that opens it.
    pub failure_rate: Ratio,
    /// Whether the share itself opens it or only more.
    pub compare: Compare,
    /// A call slower than this counts as slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slow_call: Option<TimeSpan>,
    /// The share of slow calls that opens it.
    pub slow_rate: Ratio,
    /// For the consecutive kind: failures in a row that open it.
    pub failures: u32,
    /// How long it rejects before it lets probes through.
    pub open_for: TimeSpan,
    /// Probes at once while half open; as many good ones close it.
    pub half_open_permits: u32,
    /// A probe without answer counts as failed after this; `"0s"` waits for ever.
    pub half_open_max_wait: TimeSpan,
    /// A probe that ends without an answer never gives its permit back: a defect, there to be shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub half_open_leak: bool,
    /// Answers to calls of an older state.
    pub late_results: LateResults,
    /// What counts as a failure.
    pub failure: Vec<FailureKind>,
}

impl Default for Breaker {
    fn default() -> Self {
        use FailureKind::{ConnectFailure, Reset, ServerError, Timeout};
        Self {
            kind: BreakerKind::Off,
            window: Window::Time(TimeSpan::from_secs(10)),
            min_calls: 20,
            failure_rate: Ratio::new(0.5),
            compare: Compare::Ge,
            slow_call: None,
            slow_rate: Ratio::ONE,
            failures: 5,
            open_for: TimeSpan::from_secs(10),
            half_open_permits: 5,
            half_open_max_wait: TimeSpan::from_secs(10),
            half_open_leak: false,
            late_results: LateResults::Ignore,
            failure: vec![ServerError, Timeout, Reset, ConnectFailure],
        }
    }
}

/// Which breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BreakerKind {
    /// None.
    Off,
    /// Opens on the share of failures (or slow calls) in the window.
    Rate,
    /// Opens on failures in a row.
    Consecutive,
}

/// What the breaker looks back on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// The last so long.
    Time(TimeSpan),
    /// The last so many calls.
    Calls(u32),
}

/// Whether the threshold itself opens the breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Compare {
    /// At the threshold and above (resilience4j, Polly).
    Ge,
    /// Only above (opossum).
    Gt,
}

/// What an answer to a call of an older state does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LateResults {
    /// Nothing.
    Ignore,
    /// It counts in the state of now.
    Count,
}

/// What counts as a failure of an attempt. 429 is none: it is the upstream working as meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// Status 500 to 599.
    #[serde(rename = "5xx")]
    ServerError,
    /// Status 429.
    #[serde(rename = "429")]
    TooManyRequests,
    /// Slower than its timeout.
    Timeout,
    /// The connection broke before the response was complete.
    Reset,
    /// No connection was made.
    ConnectFailure,
}
