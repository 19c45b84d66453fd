//! Policy settings: every knob of the resilience stack with its effective value, and the presets.
//!
//! These are plain data, because three rooms need the same numbers: the policies obey them, `explain` prints
//! them, and checks take their bounds from them. The machines that act on them are in `harness/policy`.

mod backoff;
mod breaker;
mod budget;
mod deadline;
mod limits;
mod preset;
mod retry;

pub use backoff::{Backoff, Cap, Curve, Jitter};
pub use breaker::{Breaker, BreakerKind, Compare, FailureKind, LateResults, Window};
pub use budget::{Budget, BudgetKind, DepositOn};
pub use deadline::{Deadline, OnPerTryTimeout};
pub use limits::{Limits, Pool};
pub use preset::{PRESETS, Preset, PresetInfo};
pub use retry::{Hint, HintHeader, Methods, OnExceed, Position, Retry, RetryOn};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
