//! An upstream's part of the plan: its routes, and how each behaves in each segment.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::HostId;
use crate::scenario::{Body, Capacity, Connect, Fault, Limit, RouteMatch, StatusMix};
use crate::{Law, Ratio, Varying};

/// An index into an upstream's routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RouteId(pub u16);

/// An upstream's part of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpstreamPlan {
    /// Which host it is.
    pub host: HostId,
    /// A fixed address; without it, a free port.
    pub listen: Option<SocketAddr>,
    /// The routes, tried in order. The last one has no match and serves the rest.
    pub routes: Vec<RoutePlan>,
    /// Its behaviour in each segment of the plan, by the same index.
    pub timeline: Vec<UpstreamSegment>,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoutePlan {
    /// Its name; `default` for the one that catches the rest.
    pub name: String,
    /// Which requests it serves.
    pub matches: RouteMatch,
}

/// An upstream's behaviour in one segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpstreamSegment {
    /// What happens to connections.
    pub connect: Connect,
    /// The behaviour of each route, by its index.
    pub routes: Vec<RouteBehaviour>,
}

impl UpstreamSegment {
    /// Whether anything is declared to go wrong here: a connect fault, a limit, a capacity, an error status, an
    /// entry of `faults`.
    #[must_use]
    pub fn is_troubled(&self) -> bool {
        let share = |s: &Varying<Ratio>| s.peak() > 0.0;
        let connect = &self.connect;
        let partly = [connect.reset, connect.stall].iter().flatten().any(share);
        connect.refuses()
            || connect.swallows()
            || partly
            || self.routes.iter().any(RouteBehaviour::is_troubled)
    }
}

impl RouteBehaviour {
    /// Whether anything is declared to go wrong on this route.
    #[must_use]
    pub fn is_troubled(&self) -> bool {
        let fails =
            |progress| self.status.shares(progress).iter().any(|(code, share)| *code >= 400 && *share > 0.0);
        let limited = self.limit.as_ref().is_some_and(|limit| limit.key.is_none());
        limited
            || self.capacity.is_some()
            || fails(0.0)
            || fails(1.0)
            || self.faults.iter().any(|f| f.share.peak() > 0.0)
    }
}

/// How much one route can do at once in one segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteCapacity {
    /// True for the upstream's own workers and queue, which all routes with this mark share; false for the route's.
    pub shared: bool,
    /// How much.
    pub setting: Capacity,
}

/// The effective behaviour of one route in one segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteBehaviour {
    /// The rate limit, if any.
    pub limit: Option<Limit>,
    /// How much can be done at once, if that is bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<RouteCapacity>,
    /// How long until the first byte of the response.
    pub latency: Law,
    /// The statuses.
    pub status: StatusMix,
    /// The response body.
    pub body: Body,
    /// What may go wrong; the first that hits wins.
    pub faults: Vec<Fault>,
}
