//! Circuit breaker: stop calling what fails, and find out carefully when it works again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::settings::is_default;
use crate::{Ratio, TimeSpan};

/// The circuit breaker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Breaker {
    /// Which breaker, if any.
    pub kind: BreakerKind,
    /// What is looked back on.
    pub window: Window,
    /// A window of time moves on by one such part of its length: 10 as most libraries have them, 1000 is as good as smooth.
    #[serde(skip_serializing_if = "is_smooth")]
    pub window_buckets: u32,
    /// False: nothing ever leaves the window, so that a long good time hides a bad one: a defect, there to be shown.
    #[serde(skip_serializing_if = "is_true")]
    pub window_slides: bool,
    /// Whether the window is emptied when the breaker closes.
    #[serde(skip_serializing_if = "is_default")]
    pub on_close: OnClose,
    /// Whether calls that the breaker rejects count in the window, as calls that did not fail.
    #[serde(skip_serializing_if = "is_default")]
    pub rejected: RejectedCalls,
    /// Which results make it look at the window.
    #[serde(skip_serializing_if = "is_default")]
    pub evaluate: Evaluate,
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
    /// What ends the time it is open.
    #[serde(skip_serializing_if = "is_default")]
    pub half_opens: HalfOpens,
    /// Probes at once while half open; as many good ones close it, or as many results of any kind decide.
    pub half_open_permits: u32,
    /// What decides while half open.
    #[serde(skip_serializing_if = "is_default")]
    pub half_open_decides: HalfOpenDecides,
    /// True: half open, it lets everything through, so a sick upstream gets the whole load at once: a defect, there to be
    /// shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub half_open_unlimited: bool,
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
            window_buckets: SMOOTH,
            window_slides: true,
            on_close: OnClose::Clear,
            rejected: RejectedCalls::Ignore,
            evaluate: Evaluate::EachResult,
            min_calls: 20,
            failure_rate: Ratio::new(0.5),
            compare: Compare::Ge,
            slow_call: None,
            slow_rate: Ratio::ONE,
            failures: 5,
            open_for: TimeSpan::from_secs(10),
            half_opens: HalfOpens::NextCall,
            half_open_permits: 5,
            half_open_decides: HalfOpenDecides::FirstFailure,
            half_open_unlimited: false,
            half_open_max_wait: TimeSpan::from_secs(10),
            half_open_leak: false,
            late_results: LateResults::Ignore,
            failure: vec![ServerError, Timeout, Reset, ConnectFailure],
        }
    }
}

/// Parts of a window that is as good as smooth.
const SMOOTH: u32 = 1000;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_smooth(buckets: &u32) -> bool {
    *buckets == SMOOTH
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_true(truth: &bool) -> bool {
    *truth
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

/// What becomes of the window when the breaker closes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnClose {
    /// It begins empty.
    #[default]
    Clear,
    /// It goes on, with what happened while open and half open in it (opossum): one more failure may open the breaker
    /// again.
    Keep,
}

/// What a call that the breaker rejects is to the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RejectedCalls {
    /// Nothing.
    #[default]
    Ignore,
    /// A call that did not fail (opossum, whose share is of all calls fired).
    Count,
}

/// Which results make a closed breaker look at its window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Evaluate {
    /// Each.
    #[default]
    EachResult,
    /// Failures and slow calls only (Polly, opossum).
    Failure,
}

/// What ends the time a breaker is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HalfOpens {
    /// The first call after it, which becomes a probe (resilience4j, Polly).
    #[default]
    NextCall,
    /// A timer (opossum): from then on late results count as those of a half-open breaker.
    Timer,
}

/// What decides while half open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HalfOpenDecides {
    /// The first failure opens it, as many good ones as there are permits close it.
    #[default]
    FirstFailure,
    /// As many results as there are permits, by the same rates as the window (resilience4j).
    Rate,
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
