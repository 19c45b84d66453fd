//! Balance: which replica an attempt goes to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a replica is picked for an attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Balance {
    /// Two are drawn, and the one with fewer attempts in flight is taken (Mitzenmacher 2001, the power of two choices).
    #[default]
    P2c,
    /// Each in turn.
    RoundRobin,
    /// One is drawn.
    Random,
}
