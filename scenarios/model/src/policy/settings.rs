//! The effective settings of one gateway or client, all policies together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Breaker, Deadline, Limits, Pool, Retry};

/// The effective settings of one gateway or client: its preset with the overrides applied.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PolicySettings {
    /// Timeouts of the call and of each attempt.
    pub deadline: Deadline,
    /// Connections kept to the target.
    pub pool: Pool,
    /// Bulkhead and rate limit.
    pub limits: Limits,
    /// Which attempts are made again, when, and how many may be.
    pub retry: Retry,
    /// The circuit breaker.
    pub breaker: Breaker,
}
