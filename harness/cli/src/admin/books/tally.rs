//! Tallies: how often each fault could have hit, should have, and did.
//!
//! Counted as the always-on check counts it: an entry of `faults` meets what the entries before it left over, and nothing
//! that was turned away or told by a script what to meet. So a person sees while it runs what the check will say.

use std::collections::BTreeMap;

use upstorm_model::plan::UpstreamSegment;
use upstorm_model::recording::{Attempt, Connection, ConnectionFate, Origin};
use upstorm_model::scenario::Fault;
use upstorm_model::{HostId, Plan, Ratio, RouteId, Varying};

use super::history::History;

/// The place of a reset at accept among the faults of connections.
pub(crate) const CONNECT_RESET: u8 = 0;
/// The place of a stall at accept.
pub(crate) const CONNECT_STALL: u8 = 1;

/// How often a fault was met.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counts {
    /// Attempts or connections that it might have hit.
    pub(crate) met: u64,
    /// How many it should have, by its share when each of them came.
    pub(crate) planned: f64,
    /// How many it did.
    pub(crate) observed: u64,
}

/// Whose faults: an upstream, and a route of it; none for its connections.
pub(super) type Whose = (HostId, Option<RouteId>);
/// Which list of faults: the number of the change that wrote it, or the segment of the plan.
type Which = (u64, Option<u16>);

/// All tallies.
#[derive(Debug, Default)]
pub(super) struct Tallies(BTreeMap<(Whose, Which, u8), Counts>);

/// The faults that a route had when an attempt came.
pub(super) struct Listed<'a> {
    /// In their order.
    pub(super) faults: &'a [Fault],
    which: Which,
}

impl<'a> Listed<'a> {
    /// In this segment, with what was laid over it at that time.
    pub(super) fn at(
        (plan, history): (&'a Plan, &'a History),
        (upstream, route): (HostId, RouteId),
        segment: u16,
        at: upstorm_model::Offset,
    ) -> Option<Self> {
        let version = history.version((upstream, route), at);
        if let Some((version, faults)) = version.and_then(|v| Some((v, v.over.faults.as_ref()?))) {
            return Some(Self { faults, which: (version.number, None) });
        }
        let planned = in_segment(plan, upstream, segment)?.routes.get(usize::from(route.0))?;
        Some(Self { faults: &planned.faults, which: (0, Some(segment)) })
    }
}

fn in_segment(plan: &Plan, upstream: HostId, segment: u16) -> Option<&UpstreamSegment> {
    plan.upstream_of(upstream)?.1.timeline.get(usize::from(segment))
}

impl Tallies {
    fn add(&mut self, key: (Whose, Which, u8), share: f64, hit: bool) {
        let counts = self.0.entry(key).or_default();
        counts.met += 1;
        counts.planned += share;
        counts.observed += u64::from(hit);
    }

    /// Counts an attempt for the faults that it could meet, at this progress through its phase.
    pub(super) fn attempt(&mut self, attempt: &Attempt, listed: &Listed<'_>, progress: f64) {
        let fate = &attempt.fate;
        if !fate.is_admitted() || fate.origin != Origin::Drawn {
            return;
        }
        let whose = (attempt.upstream, Some(attempt.route));
        for (index, fault) in (0_u8..).zip(listed.faults) {
            let hit = fate.fault == Some(index);
            self.add((whose, listed.which, index), share(&fault.share, progress), hit);
            if hit {
                break;
            }
        }
    }

    /// The same for a connection: a stall meets what the reset left over.
    pub(super) fn connection(&mut self, plan: &Plan, connection: &Connection, progress: f64) {
        let Some(segment) = in_segment(plan, connection.upstream, connection.segment) else { return };
        let (whose, which) = ((connection.upstream, None), (0, Some(connection.segment)));
        let was_reset = connection.fate == ConnectionFate::Reset;
        if let Some(reset) = &segment.connect.reset {
            self.add((whose, which, CONNECT_RESET), share(reset, progress), was_reset);
        }
        if let Some(stall) = segment.connect.stall.as_ref().filter(|_| !was_reset) {
            let stalled = connection.fate == ConnectionFate::Stalled;
            self.add((whose, which, CONNECT_STALL), share(stall, progress), stalled);
        }
    }

    /// The counts of the fault at a place of a list.
    pub(super) fn of(&self, whose: Whose, listed: &Listed<'_>, index: u8) -> Counts {
        self.0.get(&(whose, listed.which, index)).copied().unwrap_or_default()
    }

    /// The counts of a fault of connections in a segment.
    pub(super) fn of_connections(&self, upstream: HostId, segment: u16, index: u8) -> Counts {
        self.0.get(&((upstream, None), (0, Some(segment)), index)).copied().unwrap_or_default()
    }
}

fn share(share: &Varying<Ratio>, progress: f64) -> f64 {
    share.at(progress).get().min(1.0)
}
