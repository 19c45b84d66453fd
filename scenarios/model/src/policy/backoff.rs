//! Backoff and jitter: how long to wait before the k-th retry.
//!
//! Without jitter, callers that failed together come back together. See policies.md's table of delays;
//! v_k = min(max, base · multiplier^(k−1)), k = 1 for the first retry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::settings::is_default;
use crate::TimeSpan;

/// The wait before a retry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Backoff {
    /// How the wait grows with each retry.
    pub curve: Curve,
    /// The first wait; zero retries at once.
    pub base: TimeSpan,
    /// The factor of the exponential curve.
    pub multiplier: f64,
    /// No wait is longer (before jitter, unless `cap` says otherwise).
    pub max: TimeSpan,
    /// How the wait is spread.
    pub jitter: Jitter,
    /// The f of proportional and additive jitter.
    pub jitter_factor: f64,
    /// Whether `max` is applied before or after the jitter.
    pub cap: Cap,
    /// The base after a 429, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttled_base: Option<TimeSpan>,
    /// Whose draws the jitter takes, that of hints included.
    #[serde(skip_serializing_if = "is_default")]
    pub sequence: Sequence,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            curve: Curve::Exponential,
            base: TimeSpan::from_millis(200),
            multiplier: 2.0,
            max: TimeSpan::from_secs(2),
            jitter: Jitter::Full,
            jitter_factor: 0.5,
            cap: Cap::BeforeJitter,
            throttled_base: None,
            sequence: Sequence::PerCall,
        }
    }
}

/// How the wait grows with each retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Curve {
    /// Always the base.
    Constant,
    /// The base, twice the base, three times the base.
    Linear,
    /// The base times a power of the multiplier.
    Exponential,
}

/// How the wait is spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Jitter {
    /// Not at all: v.
    None,
    /// U(0, v).
    Full,
    /// v/2 + U(0, v/2).
    Equal,
    /// min(max, U(base, 3 · the wait before)).
    Decorrelated,
    /// U(v(1−f), v(1+f)).
    Proportional,
    /// v + U(0, f·v).
    Additive,
    /// Polly's second: differences of 2^t·tanh(√(4t)), times base/1.4.
    PollyV2,
}

/// Whether `max` is applied before or after the jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cap {
    /// The spread lies below `max`.
    BeforeJitter,
    /// What the jitter pushed beyond `max` is exactly `max`: an atom, where callers meet again.
    AfterJitter,
}

/// Whose draws the jitter takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sequence {
    /// Each call has its own.
    #[default]
    PerCall,
    /// One sequence for all calls: the k-th retry of each waits as long as that of any other, so what failed together
    /// comes back together, jitter or not. A defect, there to be shown.
    Shared,
}
