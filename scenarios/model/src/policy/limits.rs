//! Pool, bulkhead (at once) and rate limit (per time).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Rate, TimeSpan};

/// Connections kept to the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pool {
    /// Open at once; an attempt beyond waits for one to be free.
    pub max_connections: u32,
    /// An unused connection is closed after this.
    pub idle: TimeSpan,
}

impl Default for Pool {
    fn default() -> Self {
        Self { max_connections: 1024, idle: TimeSpan::from_secs(90) }
    }
}

/// How much is let through. Overflow of the bulkhead answers 503, of the rate limit 429.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Calls at once (the bulkhead).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_requests: Option<u32>,
    /// Calls that may wait for a place in the bulkhead; without it, none waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_pending: Option<u32>,
    /// Calls per time (a token bucket).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Tokens the bucket holds; without it, those of one tenth of a second, at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
}

impl Limits {
    /// The size of the token bucket: what was set, or a tenth of a second's worth, at least 1.
    #[must_use]
    pub fn effective_burst(&self) -> u32 {
        let tenth = self.rate.map_or(1.0, |r| (r.get() / 10.0).max(1.0));
        self.burst.unwrap_or(tenth as u32)
    }
}
