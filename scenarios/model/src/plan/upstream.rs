//! An upstream's part of the plan: its routes, and how each behaves in each segment.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::HostId;
use crate::recording::{Holder, Origin};
use crate::scenario::{
    Behaviour, Body, Capacity, Connect, Ending, Fault, Hold, Limit, Probes, RouteMatch, Row, Script,
    ScriptStep, StatusMix,
};
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
    /// True where a request may say what it meets.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fate_header: bool,
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
    /// Where each of its paths is a row with a version: how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<Row>,
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
    /// Whether anything is declared to go wrong here: a connect fault, a limit, an error status, an
    /// entry of `faults`.
    #[must_use]
    pub fn is_troubled(&self) -> bool {
        self.may_fail_to_connect() || self.routes.iter().any(RouteBehaviour::is_troubled)
    }

    /// Whether connections are declared to fail here, all or some: what fails so is never seen as an attempt.
    #[must_use]
    pub fn may_fail_to_connect(&self) -> bool {
        let share = |s: &Varying<Ratio>| s.peak() > 0.0;
        let connect = &self.connect;
        let partly = [connect.reset, connect.stall].iter().flatten().any(share);
        connect.refuses() || connect.swallows() || partly
    }
}

impl RouteBehaviour {
    /// The step of the script that decided a fate of this origin.
    #[must_use]
    pub fn step(&self, origin: Origin) -> Option<&ScriptStep> {
        match origin {
            Origin::Scripted(index) => self.script.as_ref()?.steps().get(usize::from(index)),
            Origin::Drawn | Origin::Demanded | Origin::Held(_) => None,
        }
    }

    /// How those end that are held so; none where each ends as the route has it.
    #[must_use]
    pub fn ending(&self, by: Holder) -> Option<&Ending> {
        match by {
            Holder::Cohort => self.hold.as_ref()?.then.as_ref(),
            Holder::Probe => self.probes.as_ref()?.then.as_ref(),
        }
    }

    /// Whether status and faults were drawn for a fate of this origin.
    #[must_use]
    pub fn draws_the_end(&self, origin: Origin) -> bool {
        let given = matches!(origin, Origin::Demanded | Origin::Held(_));
        !given && !self.step(origin).is_some_and(ScriptStep::decides_the_end)
    }

    /// The law that the delay was drawn from for a fate of this origin; none where that cannot be told, as where the request may
    /// have said it.
    #[must_use]
    pub fn latency_of(&self, origin: Origin) -> Option<&Law> {
        let given = self.step(origin).and_then(|step| step.latency.as_ref());
        // Of an attempt that was held, nothing tells which step of a script it had met.
        let unknown =
            origin == Origin::Demanded || (matches!(origin, Origin::Held(_)) && self.script.is_some());
        (!unknown).then(|| given.unwrap_or(&self.latency))
    }

    /// This, with what `over` says put over it key by key: a change by hand, while the rest goes on as planned. A capacity
    /// that is put over it is the route's own.
    #[must_use]
    pub fn overlaid(&self, over: &Behaviour) -> Self {
        let Behaviour { limit, capacity, latency, status, body, faults, script, hold, probes, ledger } =
            over.clone();
        let own = |setting| RouteCapacity { shared: false, setting };
        Self {
            limit: limit.or_else(|| self.limit.clone()),
            capacity: capacity.map(own).or_else(|| self.capacity.clone()),
            latency: latency.unwrap_or_else(|| self.latency.clone()),
            status: status.unwrap_or_else(|| self.status.clone()),
            body: body.unwrap_or_else(|| self.body.clone()),
            faults: faults.unwrap_or_else(|| self.faults.clone()),
            script: script.or_else(|| self.script.clone()),
            hold: hold.or_else(|| self.hold.clone()),
            probes: probes.or_else(|| self.probes.clone()),
            ledger: ledger.unwrap_or(self.ledger),
        }
    }

    /// Whether anything is declared to go wrong on this route. Overload of its workers is none of it: that comes of the
    /// load, or does not come.
    #[must_use]
    pub fn is_troubled(&self) -> bool {
        let fails =
            |progress| self.status.shares(progress).iter().any(|(code, share)| *code >= 400 && *share > 0.0);
        let limited = self.limit.as_ref().is_some_and(|limit| limit.key.is_none());
        let ends_badly = |ending: &Ending| ending.fault.is_some() || ending.status.is_some_and(|s| s >= 400);
        limited
            || [Holder::Cohort, Holder::Probe].iter().any(|by| self.ending(*by).is_some_and(ends_badly))
            || self.probes.as_ref().is_some_and(|probes| probes.never)
            || fails(0.0)
            || fails(1.0)
            || self.faults.iter().any(|f| f.share.peak() > 0.0)
            || self
                .script
                .iter()
                .flat_map(Script::steps)
                .any(|step| step.fault.is_some() || step.status.is_some_and(|status| status >= 400))
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
    /// What is met in turn, before all of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<Script>,
    /// So many requests are gathered and answered at one instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// What the first requests after a silence meet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probes: Option<Probes>,
    /// Whether a request with an Idempotency-Key that took effect before takes none and is told the same again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ledger: bool,
}
