//! Plans of one upstream and one caller.

use upstorm_model::plan::{
    Host, Plan, Role, RouteBehaviour, RoutePlan, Segment, UpstreamPlan, UpstreamSegment,
};
use upstorm_model::scenario::{Body, Connect, Fault, FaultKind, RouteMatch, StatusMix, WorldKind};
use upstorm_model::{ByteSize, HostId, Law, Offset, Ratio, Seed, TimeSpan, Varying};

/// Who calls.
pub(crate) const CLIENT: HostId = HostId(0);
/// Who answers.
pub(crate) const UPSTREAM: HostId = HostId(1);

/// Answers 200 and 4 KiB of filler at once, and nothing goes wrong.
pub(crate) fn behaviour() -> RouteBehaviour {
    RouteBehaviour {
        limit: None,
        capacity: None,
        latency: Law::Constant(TimeSpan::ZERO.into()),
        status: StatusMix::default(),
        body: filler(4096),
        faults: Vec::new(),
        script: None,
        hold: None,
        probes: None,
        ledger: false,
    }
}

/// So many bytes with a Content-Length.
pub(crate) fn filler(bytes: u64) -> Body {
    Body::of_size(ByteSize::new(bytes))
}

pub(crate) fn share(part: f64) -> Varying<Ratio> {
    Ratio::new(part).into()
}

/// A fault that hits every attempt.
pub(crate) fn fault(kind: FaultKind) -> Fault {
    Fault { share: share(1.0), kind }
}

/// What happens to connections for a while, while routes behave as usual.
pub(crate) fn connect(connect: Connect) -> UpstreamSegment {
    UpstreamSegment { connect, routes: vec![behaviour()] }
}

/// A route.
pub(crate) fn route(name: &str, matches: RouteMatch) -> RoutePlan {
    RoutePlan { name: name.to_owned(), matches, row: None }
}

/// One route that always behaves so.
pub(crate) fn single(behaviour: RouteBehaviour) -> Plan {
    plan(vec![route("default", RouteMatch::default())], vec![behaviour])
}

/// Routes that always behave so.
pub(crate) fn plan(routes: Vec<RoutePlan>, behaviours: Vec<RouteBehaviour>) -> Plan {
    let segment = UpstreamSegment { connect: Connect::default(), routes: behaviours };
    staged(routes, vec![(0, segment)])
}

/// One route, and segments that begin at these milliseconds.
pub(crate) fn segments(timeline: Vec<(u64, UpstreamSegment)>) -> Plan {
    staged(vec![route("default", RouteMatch::default())], timeline)
}

/// A plan of one upstream: its routes, and when each of its segments begins, in milliseconds.
pub(crate) fn staged(routes: Vec<RoutePlan>, timeline: Vec<(u64, UpstreamSegment)>) -> Plan {
    let starts: Vec<u64> = timeline.iter().map(|(start, _)| *start).collect();
    let ends = starts.iter().skip(1).copied().chain([u64::MAX / 1_000_000]);
    let host = |name: &str, role| Host { name: name.to_owned(), role };
    let segment = |(start, end): (&u64, u64)| Segment {
        phase: None,
        start: Offset::from_millis(*start),
        end: Offset::from_millis(end),
        partitions: Vec::new(),
    };
    Plan {
        version: upstorm_model::plan::PLAN_VERSION,
        scenario: "test".to_owned(),
        summary: String::new(),
        variant: None,
        seed: Seed(1),
        world: WorldKind::Real,
        warmup_until: Offset::ZERO,
        end: Offset::from_millis(1),
        drain: TimeSpan::ZERO,
        network: Default::default(),
        hosts: vec![host("caller", Role::Client), host("payments", Role::Upstream)],
        phases: Vec::new(),
        segments: starts.iter().zip(ends).map(segment).collect(),
        upstreams: vec![UpstreamPlan {
            host: UPSTREAM,
            listen: None,
            fate_header: false,
            routes,
            timeline: timeline.into_iter().map(|(_, segment)| segment).collect(),
        }],
        gateways: Vec::new(),
        clients: Vec::new(),
        checks: Vec::new(),
    }
}
