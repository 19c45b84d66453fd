//! Checks of what is tried again at an edge: how often, when, and how many at once.
//!
//! Retries turn a stumble into an outage where nobody bounds, spreads or delays them (Google SRE book, chapter 22).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::{Curve, Jitter};
use crate::{Ratio, TimeSpan};

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

/// `herd`: of an edge.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Herd {
    /// The edge.
    pub of: String,
    /// How long after each change arrivals are looked at; without it, the width of the subject's own first wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<TimeSpan>,
    /// The busiest twentieth of that time has at most so many times the mean; without it, 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_peak: Option<f64>,
}

/// `backoff`: of an edge. What is left out comes from the subject's own settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BackoffCheck {
    /// The edge, from who retries straight to whom it calls.
    pub of: String,
    /// How the wait grows with each retry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curve: Option<Curve>,
    /// The first wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<TimeSpan>,
    /// The factor of the exponential curve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiplier: Option<f64>,
    /// No wait is longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<TimeSpan>,
    /// How the wait is spread.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter: Option<Jitter>,
    /// The f of proportional and additive jitter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter_factor: Option<f64>,
    /// Whether to say which family of backoff the waits show, with its settings; that of a subject whose settings nobody
    /// knows is always said.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub recognise: bool,
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
