//! `capacity`: so many workers, and a queue before them. Overload then emerges from load instead of being drawn.
//!
//! A server that is asked for more than it can do does not fail by a share: its queue grows, waiting callers give up
//! and ask again, and it works for nobody who still listens. Retries that look harmless beside drawn failures bring
//! such a server down for good (Bronson et al., "Metastable failures in distributed systems", HotOS 2021).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Body, RetryAfter, StatusTable};
use crate::{Law, TimeSpan};

/// How much an upstream can do at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Capacity {
    /// Requests that are worked on at once. With 0 nothing begins: whoever is in the queue waits for a phase with more.
    pub workers: u32,
    /// Requests that may wait for a worker, first come, first served; without it, none.
    #[serde(default)]
    pub queue: u32,
    /// How long a request keeps its worker; the route's latency comes after it. Without it, a worker is kept for the
    /// latency itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Law>,
    /// What a request gets, at once, that finds no worker and no place in the queue.
    #[serde(default)]
    pub overflow: Overflow,
    /// True where the work goes on for callers that have left; without it they give their place free.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_disconnect: bool,
    /// True where work that has begun is finished although its caller has left; who still waits gives its place free.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub finish_begun: bool,
    /// What could not be done within this time of its arrival is not begun: it is turned away when its turn comes, as if
    /// there were no place, and keeps no worker. So do servers that are told how long their callers wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<TimeSpan>,
}

/// What a request gets that there is no place for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Overflow {
    /// The status.
    pub status: u16,
    /// The Retry-After, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfter>,
    /// Headers beside the usual ones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body; without it, none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

impl Default for Overflow {
    fn default() -> Self {
        Self { status: 503, retry_after: None, headers: BTreeMap::new(), body: None }
    }
}

impl Overflow {
    /// What it says beside the status.
    #[must_use]
    pub fn table(&self) -> StatusTable {
        StatusTable {
            share: None,
            retry_after: self.retry_after.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
        }
    }
}
