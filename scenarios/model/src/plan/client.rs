//! Gateways' and clients' parts of the plan.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{HostId, Target};
use crate::policy::PolicySettings;
use crate::scenario::{Arrivals, Request};
use crate::{Law, Rate, TimeSpan, Varying};

/// A reference gateway's part of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GatewayPlan {
    /// Which host it is.
    pub host: HostId,
    /// Whom it stands before: the longest path prefix first.
    pub targets: Vec<Target>,
    /// A fixed address; without it, a free port.
    pub listen: Option<SocketAddr>,
    /// The preset it was made from.
    pub preset: String,
    /// Its effective settings.
    pub policy: PolicySettings,
}

/// A client population's part of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientPlan {
    /// Which host it is.
    pub host: HostId,
    /// Whom it calls.
    pub target: Target,
    /// What it asks, drawn by weight.
    pub requests: Vec<Request>,
    /// How long it waits for an answer, from the time it sends.
    pub timeout: TimeSpan,
    /// Calls at once; an arrival beyond is shed and counted.
    pub max_in_flight: u32,
    /// Connections it keeps; without it, as many as it has calls in flight.
    pub connections: Option<u32>,
    /// The preset it was made from.
    pub preset: String,
    /// Its effective settings.
    pub policy: PolicySettings,
    /// Its load in each segment of the plan, by the same index.
    pub timeline: Vec<Load>,
}

/// The load of one segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Load {
    /// Calls come whatever becomes of the earlier ones.
    Open {
        /// Calls per second, which may ramp across the segment.
        rate: Varying<Rate>,
        /// How they are spaced.
        arrivals: Arrivals,
    },
    /// Callers wait for their answer, think, and call again.
    Closed {
        /// How many callers.
        users: Varying<u32>,
        /// How long each waits before its next call.
        think: Law,
        /// How many calls each makes in the whole run; without it, as many as there is time for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        calls: Option<u32>,
    },
}
