//! The connect stage: what a caller meets before it can say anything.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Law, Ratio, Varying};

/// What happens to connections. `refuse` and `blackhole` are all or nothing (a listener is there or it is not);
/// `reset` and `stall` may be shares, drawn for each connection.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Connect {
    /// `"100%"`: no listener, and open connections are reset, as when the process has died (RST to SYN).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refuse: Option<Ratio>,
    /// `"100%"`: SYNs are never answered; open connections go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blackhole: Option<Ratio>,
    /// Reset right after accept (RST).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset: Option<Varying<Ratio>>,
    /// Accepted, then silent for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall: Option<Varying<Ratio>>,
    /// Accepted, then held for so long before anything is read: the first response comes that much later. Drawn for each
    /// connection that is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<Law>,
}

impl Connect {
    /// True when nobody listens.
    #[must_use]
    pub fn refuses(&self) -> bool {
        self.refuse.is_some_and(|share| share.get() > 0.0)
    }

    /// True when SYNs are never answered.
    #[must_use]
    pub fn swallows(&self) -> bool {
        self.blackhole.is_some_and(|share| share.get() > 0.0)
    }
}
