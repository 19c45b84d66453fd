//! A recognised backoff: which family of waits a subject's retries show, with its settings as estimated from outside.
//!
//! A gateway that is no program of ours tells nobody its settings, and its documentation may be wrong. Its waits are
//! seen all the same, and each family leaves its own shape (Brooker, "Exponential Backoff And Jitter", AWS 2015). Data, not
//! a sentence: reports say it in their words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Estimate;
use crate::policy::{Curve, Jitter};

/// The families that fit the waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecognisedBackoff {
    /// Those that fit, the best first: none, one, or those that cannot be told apart.
    pub families: Vec<BackoffFamily>,
    /// About how many more waits of each retry number would tell the first two apart; none where one stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<u64>,
}

/// A family that fits, with its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BackoffFamily {
    /// How its waits are spread.
    pub jitter: Jitter,
    /// How they grow; none for a family with a course of its own, or where one retry number alone was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curve: Option<Curve>,
    /// The base, in seconds.
    pub base: Estimate,
    /// The factor of the exponential curve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiplier: Option<Estimate>,
    /// The longest wait, in seconds; none where no wait was long enough to meet it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Estimate>,
    /// The f of proportional and additive jitter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter_factor: Option<Estimate>,
    /// The chance of waits that lie at least so far from it, were it the true one.
    pub p_value: f64,
}
