//! Retry budget: how many retries all calls together may make.
//!
//! Without one, retries multiply the load on an upstream that fails because of load. Finagle's ratio window: each
//! first attempt deposits, a retry withdraws 1/ratio deposits, both expire after `ttl`, and `min_per_sec · ttl`
//! retries are always there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Ratio, TimeSpan};

/// The retry budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// Which budget, if any.
    pub kind: BudgetKind,
    /// Retries per first attempt.
    pub ratio: Ratio,
    /// Retries per second that are allowed whatever the traffic.
    pub min_per_sec: f64,
    /// How long deposits and withdrawals count.
    pub ttl: TimeSpan,
    /// What puts credit in.
    pub deposit_on: DepositOn,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            kind: BudgetKind::None,
            ratio: Ratio::new(0.2),
            min_per_sec: 10.0,
            ttl: TimeSpan::from_secs(10),
            deposit_on: DepositOn::Request,
        }
    }
}

/// Which budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BudgetKind {
    /// No limit.
    None,
    /// Finagle's.
    RatioWindow,
}

/// What puts credit into the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DepositOn {
    /// Each first attempt (Finagle).
    Request,
    /// Each success (Brooker).
    Success,
}
