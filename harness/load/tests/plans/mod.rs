//! Plans with one client, for the tests of this room.

use std::sync::Arc;
use std::time::Duration;

use upstorm_model::plan::{ClientPlan, Host, Load, PLAN_VERSION, Role, Segment, Target};
use upstorm_model::policy::PolicySettings;
use upstorm_model::scenario::{Arrivals, WorldKind};
use upstorm_model::{HostId, Law, Offset, Plan, Ramp, Rate, Seed, Shape, TimeSpan, Varying};

/// Open loop at a steady rate.
pub(crate) fn steady(rate: f64, arrivals: Arrivals) -> Load {
    Load::Open { rate: Varying::Fixed(Rate::per_second(rate)), arrivals }
}

/// Open loop along a ramp.
#[allow(dead_code, reason = "not every test file has ramps")]
pub(crate) fn ramp(from: f64, to: f64, shape: Shape, arrivals: Arrivals) -> Load {
    let (from, to) = (Rate::per_second(from), Rate::per_second(to));
    Load::Open { rate: Varying::Ramp(Ramp { from, to, shape }), arrivals }
}

/// Closed loop with users who always think this long.
#[allow(dead_code, reason = "not every test file has users")]
pub(crate) fn users(users: impl Into<Varying<u32>>, think: u64) -> Load {
    let think = Law::Constant(TimeSpan::from_millis(think).into());
    Load::Closed { users: users.into(), think, calls: None }
}

/// A plan of one client with these loads, each for so many milliseconds; timeout 1 s, drain 2 s, 100 calls at
/// once.
pub(crate) fn plan(seed: u64, loads: &[(u64, Load)]) -> Plan {
    let mut end = Offset::ZERO;
    let segment = |(millis, _): &(u64, Load)| {
        let start = end;
        end += Duration::from_millis(*millis);
        Segment { phase: None, start, end, partitions: Vec::new() }
    };
    let segments = loads.iter().map(segment).collect();
    let client = ClientPlan {
        host: HostId(0),
        target: Target::one("payments", HostId(1)),
        requests: Vec::new(),
        timeout: TimeSpan::from_secs(1),
        max_in_flight: 100,
        connections: None,
        preset: "none".to_owned(),
        policy: PolicySettings::default(),
        timeline: loads.iter().map(|(_, load)| load.clone()).collect(),
    };
    Plan {
        version: PLAN_VERSION,
        scenario: "test".to_owned(),
        summary: String::new(),
        variant: None,
        seed: Seed(seed),
        world: WorldKind::Sim,
        warmup_until: Offset::ZERO,
        end,
        drain: TimeSpan::from_secs(2),
        network: Default::default(),
        hosts: vec![Host { name: "users".to_owned(), role: Role::Client }],
        phases: Vec::new(),
        segments,
        upstreams: Vec::new(),
        gateways: Vec::new(),
        clients: vec![client],
        checks: Vec::new(),
    }
}

/// The same, to be shared.
pub(crate) fn shared(seed: u64, loads: &[(u64, Load)]) -> Arc<Plan> {
    Arc::new(plan(seed, loads))
}
