//! Checks of single attempts at an edge: whether one may be made again, and how long one may last.
//!
//! A repeated order is paid twice, and an attempt that nobody waits for any more is work for nobody. Neither shows in
//! any rate or quantile: one is too many.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::TimeSpan;

/// `retry_safety`: of an edge.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetrySafetyCheck {
    /// The edge, perhaps with a route: `"edge -> payments/charge"`.
    pub of: String,
}

/// `timeout`: of an edge.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TimeoutCheck {
    /// The edge, from who gives up straight to whom it calls.
    pub of: String,
    /// How long one attempt may take; without it, the `per_try` of the subject's own settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_try: Option<TimeSpan>,
}
