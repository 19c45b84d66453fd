//! Checks of what keeps an upstream from its callers, or sends them elsewhere: limits, failover.
//!
//! Each can do harm by acting too late as well as by never letting go.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Rate, Ratio, TimeSpan};

/// `limit`: of an edge. What is left out comes from the subject's own settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitCheck {
    /// The edge: who limits, and whom that protects.
    pub of: String,
    /// Calls per time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Calls that may come at once after a pause, whatever the rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
    /// Calls at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent: Option<u32>,
}

/// `failover`: of an edge.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FailoverCheck {
    /// The edge that calls usually take.
    pub of: String,
    /// Where they go instead.
    pub to: String,
    /// They go there within this time of the start of the first phase looked at.
    pub within: TimeSpan,
    /// They are back within this time of its end.
    pub back_within: TimeSpan,
    /// At least this share of the calls in between succeeds; without it, 90 %.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub served: Option<Ratio>,
}
