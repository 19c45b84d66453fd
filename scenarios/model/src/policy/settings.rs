//! The effective settings of one gateway or client, all policies together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Balance, Breaker, Cache, Deadline, Failover, Fallback, Hedge, Limits, Outlier, Pool, Retry, Throttle,
};

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
    /// The adaptive throttle.
    #[serde(skip_serializing_if = "is_default")]
    pub throttle: Throttle,
    /// Extra attempts beside a slow one.
    #[serde(skip_serializing_if = "is_default")]
    pub hedge: Hedge,
    /// Answers that are kept.
    #[serde(skip_serializing_if = "is_default")]
    pub cache: Cache,
    /// What a call gets when everything else failed.
    #[serde(skip_serializing_if = "is_default")]
    pub fallback: Fallback,
    /// Which replica an attempt goes to.
    #[serde(skip_serializing_if = "is_default")]
    pub balance: Balance,
    /// Which replicas are left out for a while.
    #[serde(skip_serializing_if = "is_default")]
    pub outlier: Outlier,
    /// Who takes over.
    #[serde(skip_serializing_if = "is_default")]
    pub failover: Failover,
}

/// True for what a settings file need not say.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
