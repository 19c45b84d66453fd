//! The plan of the fixture: one client, one gateway, one upstream that fails for ten seconds.

use std::collections::BTreeMap;

use upstorm_model::plan::{
    ClientPlan, GatewayPlan, Host, Load, PLAN_VERSION, PhaseSpan, Role, RouteBehaviour, RoutePlan, Segment,
    Target, UpstreamPlan, UpstreamSegment,
};
use upstorm_model::policy::{PolicySettings, Preset};
use upstorm_model::scenario::{
    Arrivals, Body, Connect, Cut, CutAt, Fault, FaultKind, Request, RouteMatch, StatusEntry, StatusMix,
    WorldKind,
};
use upstorm_model::{ByteSize, DrawnLaw, HostId, Law, Offset, Plan, Rate, Ratio, Seed, TimeSpan, Varying};

fn behaviour(failing: f64, resets: f64) -> UpstreamSegment {
    let share = |part: f64| StatusEntry::Share(Varying::Fixed(Ratio::new(part)));
    let status = if failing > 0.0 {
        StatusMix(BTreeMap::from([(200, share(1.0 - failing)), (503, share(failing))]))
    } else {
        StatusMix::default()
    };
    let at = Cut::At { at: CutAt::BeforeHeaders };
    let reset = Fault { share: Varying::Fixed(Ratio::new(resets)), kind: FaultKind::Reset(at) };
    let latency = DrawnLaw::Lognormal {
        median: Varying::Fixed(TimeSpan::from_millis(40)),
        p99: Some(Varying::Fixed(TimeSpan::from_millis(180))),
        sigma: None,
        max: None,
    };
    UpstreamSegment {
        connect: Connect::default(),
        routes: vec![RouteBehaviour {
            limit: None,
            capacity: None,
            latency: Law::Drawn(latency),
            status,
            body: Body::of_size(ByteSize::new(512)),
            faults: if resets > 0.0 { vec![reset] } else { Vec::new() },
            script: None,
            hold: None,
            probes: None,
            ledger: false,
        }],
    }
}

fn client() -> ClientPlan {
    let request = Request {
        weight: 1.0,
        method: "GET".into(),
        path: "/v1/charges/{seq}".into(),
        body: None,
        headers: BTreeMap::new(),
        ..Request::default()
    };
    let load = || Load::Open { rate: Varying::Fixed(Rate::per_second(200.0)), arrivals: Arrivals::Poisson };
    ClientPlan {
        host: HostId(0),
        target: Target::one("edge", HostId(1)),
        requests: vec![request],
        timeout: TimeSpan::from_secs(2),
        max_in_flight: 1000,
        connections: None,
        preset: "none".into(),
        policy: PolicySettings::default(),
        timeline: (0..4).map(|_| load()).collect(),
    }
}

/// The plan of the fixture.
pub(crate) fn plan() -> Plan {
    let host = |name: &str, role| Host { name: name.into(), role };
    let bounds = [0, 2_000, 12_000, 22_000, 32_000].map(Offset::from_millis);
    let segments = bounds.windows(2).zip([None, Some(0), Some(1), Some(2)]);
    let phases = ["steady", "outage", "recovery"].into_iter().zip(bounds[1..].windows(2));
    Plan {
        version: PLAN_VERSION,
        scenario: "retry-storm".into(),
        summary: "Payments fails for ten seconds; the gateway's retries must not make it worse.".into(),
        variant: None,
        seed: Seed(42),
        world: WorldKind::Sim,
        warmup_until: bounds[1],
        end: bounds[4],
        drain: TimeSpan::from_secs(5),
        network: Default::default(),
        hosts: vec![
            host("shoppers", Role::Client),
            host("edge", Role::Gateway),
            host("payments", Role::Upstream),
        ],
        phases: phases.map(|(name, b)| PhaseSpan { name: name.into(), start: b[0], end: b[1] }).collect(),
        segments: segments
            .map(|(b, phase)| Segment { phase, start: b[0], end: b[1], partitions: Vec::new() })
            .collect(),
        upstreams: vec![UpstreamPlan {
            host: HostId(2),
            listen: None,
            fate_header: false,
            routes: vec![RoutePlan { name: "default".into(), matches: RouteMatch::default(), row: None }],
            timeline: vec![
                behaviour(0.0, 0.0),
                behaviour(0.0, 0.0),
                behaviour(0.9, 0.05),
                behaviour(0.0, 0.0),
            ],
        }],
        gateways: vec![GatewayPlan {
            host: HostId(1),
            targets: vec![Target::one("payments", HostId(2))],
            listen: None,
            preset: "naive".into(),
            policy: Preset::named("naive").map(Preset::settings).unwrap_or_default(),
        }],
        clients: vec![client()],
        checks: Vec::new(),
    }
}
