//! Adaptive throttle: a caller that holds its own calls back while its upstream turns them away.
//!
//! Turning a call away costs an upstream work too, and beyond some load it does nothing else. So each caller counts its
//! requests and how many of them were accepted, and turns away a call itself with the probability
//! p = max(0, (requests − `k` · accepts) / (requests + 1)) (Google SRE book, chapter 21, "client-side throttling").

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::TimeSpan;

/// The adaptive throttle. Overflow answers 503.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Throttle {
    /// Which throttle, if any.
    pub kind: ThrottleKind,
    /// Requests let through for each that is accepted; at 2, as many are wasted on the upstream as it serves.
    pub k: f64,
    /// How long requests and accepts count.
    pub window: TimeSpan,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { kind: ThrottleKind::Off, k: 2.0, window: TimeSpan::from_secs(120) }
    }
}

/// Which throttle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ThrottleKind {
    /// None.
    Off,
    /// Google's: by the share of requests that are accepted.
    Adaptive,
}
