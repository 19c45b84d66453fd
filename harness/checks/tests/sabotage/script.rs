//! Scripts: a plan with one client, one gateway and one upstream, made in a few words.

use upstorm_model::plan::RouteBehaviour;
use upstorm_model::plan::{
    ClientPlan, GatewayPlan, Host, Load, PLAN_VERSION, PhaseSpan, PlannedCheck, Role, RoutePlan, Segment,
    Subject, Target, UpstreamPlan, UpstreamSegment,
};
use upstorm_model::policy::{PolicySettings, Preset};
use upstorm_model::recording::Recording;
use upstorm_model::scenario::{
    ALWAYS_ON, Arrivals, Body, CheckKind, Connect, Fault, Limit, Request, RouteMatch, Severity, StatusMix,
    WorldKind,
};
use upstorm_model::{ByteSize, HostId, Law, Offset, Plan, Rate, Seed, TimeSpan};

use upstorm_model::scenario::Script as Turns;

use crate::defects::{Defects, NO};

pub(crate) const CLIENT: HostId = HostId(0);
pub(crate) const EDGE: HostId = HostId(1);
pub(crate) const PAYMENTS: HostId = HostId(2);
/// What the gateway sends the upstream.
pub(crate) fn over_edge() -> Subject {
    Subject::Edge { from: EDGE, to: vec![PAYMENTS], route: None }
}

/// What goes wrong in a phase.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    None,
    Statuses(StatusMix),
    Faults(Vec<Fault>),
    Latency(Law),
    Limit(Limit),
    Refuse,
    Partition,
    Turns(Turns),
}

/// A plan in a few words.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) rate: f64,
    pub(crate) latency: Law,
    pub(crate) policy: PolicySettings,
    pub(crate) phases: Vec<(&'static str, u64, Trouble)>,
    pub(crate) check: Option<(CheckKind, Subject, Vec<u16>)>,
    pub(crate) defects: Defects,
    /// Nobody gets an answer in the trouble until it is over; then all at once.
    pub(crate) held_up: bool,
    /// What the plan has beyond one client, one gateway and one upstream.
    pub(crate) shape: fn(&mut Plan),
    /// Who performs it.
    pub(crate) by: fn(&Script, &Plan) -> Recording,
}

pub(crate) fn preset(name: &str) -> PolicySettings {
    let mut policy = Preset::named(name).unwrap().settings();
    // The staged gateway has no bulkhead and no rate limit.
    policy.limits = upstorm_model::policy::Limits::default();
    policy
}

pub(crate) fn from_json<T: serde::de::DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}

impl Script {
    /// One steady phase of these seconds at 200 calls a second, with a gateway of this preset.
    pub(crate) fn steady(seconds: u64, policy: &str) -> Self {
        Self {
            rate: 200.0,
            latency: from_json(r#"{"lognormal":{"median":"5ms","p99":"20ms","max":"100ms"}}"#),
            policy: preset(policy),
            phases: vec![("steady", seconds, Trouble::None)],
            check: None,
            defects: NO,
            held_up: false,
            shape: |_| {},
            by: crate::stage::perform,
        }
    }

    /// Five good seconds, trouble, and so many good seconds.
    pub(crate) fn trouble(policy: &str, trouble: Trouble, (bad, good): (u64, u64)) -> Self {
        let phases =
            vec![("steady", 5, Trouble::None), ("trouble", bad, trouble), ("after", good, Trouble::None)];
        Self { phases, ..Self::steady(5, policy) }
    }

    pub(crate) fn asks(mut self, of: Subject, during: &[u16], json: &str) -> Self {
        self.check = Some((from_json(json), of, during.to_vec()));
        self
    }

    pub(crate) fn with(mut self, defects: Defects) -> Self {
        self.defects = defects;
        self
    }

    pub(crate) fn plan(&self, seed: u64) -> Plan {
        let warmup = Offset::from_millis(1000);
        let mut at = warmup;
        let mut phases = Vec::new();
        let mut segments =
            vec![Segment { phase: None, start: Offset::ZERO, end: at, partitions: Vec::new() }];
        let mut timeline = vec![self.behaviour(&Trouble::None)];
        for (index, (name, seconds, trouble)) in (0_u16..).zip(&self.phases) {
            let end = at + TimeSpan::from_secs(*seconds).get();
            phases.push(PhaseSpan { name: (*name).to_owned(), start: at, end });
            let cut = matches!(trouble, Trouble::Partition).then_some([EDGE, PAYMENTS]);
            segments.push(Segment {
                phase: Some(index),
                start: at,
                end,
                partitions: cut.into_iter().collect(),
            });
            timeline.push(self.behaviour(trouble));
            at = end;
        }
        let load = Load::Open { rate: Rate::per_second(self.rate).into(), arrivals: Arrivals::Poisson };
        let client = ClientPlan { timeline: vec![load; segments.len()], ..client() };
        let mut plan = Plan {
            version: PLAN_VERSION,
            scenario: "staged".to_owned(),
            summary: String::new(),
            variant: None,
            seed: Seed(seed),
            world: WorldKind::Sim,
            warmup_until: warmup,
            end: at,
            drain: TimeSpan::from_secs(5),
            network: Default::default(),
            hosts: hosts(),
            phases,
            segments,
            upstreams: vec![upstream(timeline)],
            gateways: vec![gateway(&self.policy)],
            clients: vec![client],
            checks: self.checks(),
        };
        (self.shape)(&mut plan);
        plan
    }

    fn behaviour(&self, trouble: &Trouble) -> UpstreamSegment {
        let mut route = RouteBehaviour {
            limit: None,
            capacity: None,
            latency: self.latency.clone(),
            status: StatusMix::default(),
            body: Body::of_size(ByteSize::new(100)),
            faults: Vec::new(),
            script: None,
            hold: None,
            probes: None,
            ledger: false,
        };
        let mut connect = Connect::default();
        match trouble {
            Trouble::None | Trouble::Partition => {}
            Trouble::Statuses(mix) => route.status = mix.clone(),
            Trouble::Faults(faults) => route.faults = faults.clone(),
            Trouble::Latency(law) => route.latency = law.clone(),
            Trouble::Limit(limit) => route.limit = Some(limit.clone()),
            Trouble::Turns(turns) => route.script = Some(turns.clone()),
            Trouble::Refuse => connect.refuse = Some(upstorm_model::Ratio::ONE),
        }
        UpstreamSegment { connect, routes: vec![route] }
    }

    fn checks(&self) -> Vec<PlannedCheck> {
        let asked = self.check.iter().map(|(kind, of, during)| PlannedCheck {
            kind: Some(kind.clone()),
            of: of.clone(),
            during: during.clone(),
            ..planned(kind.key())
        });
        let always = ALWAYS_ON.iter().map(|on| PlannedCheck { always_on: Some(*on), ..planned(on.key()) });
        asked.chain(always).collect()
    }
}

pub(crate) fn planned(name: &str) -> PlannedCheck {
    PlannedCheck {
        name: name.to_owned(),
        during: Vec::new(),
        severity: Severity::Fail,
        min_samples: None,
        kind: None,
        always_on: None,
        of: Subject::Run,
        place: None,
    }
}

fn client() -> ClientPlan {
    let request = Request {
        weight: 1.0,
        method: "GET".to_owned(),
        path: "/".to_owned(),
        body: None,
        headers: std::collections::BTreeMap::new(),
        ..Request::default()
    };
    ClientPlan {
        host: CLIENT,
        target: Target::one("edge", EDGE),
        requests: vec![request],
        timeout: TimeSpan::from_secs(10),
        max_in_flight: 1000,
        connections: None,
        preset: "none".to_owned(),
        policy: PolicySettings::default(),
        timeline: Vec::new(),
    }
}

fn hosts() -> Vec<Host> {
    let host = |name: &str, role| Host { name: name.to_owned(), role };
    vec![host("shoppers", Role::Client), host("edge", Role::Gateway), host("payments", Role::Upstream)]
}

fn upstream(timeline: Vec<UpstreamSegment>) -> UpstreamPlan {
    let routes = vec![RoutePlan { name: "default".to_owned(), matches: RouteMatch::default(), row: None }];
    UpstreamPlan { host: PAYMENTS, listen: None, fate_header: false, routes, timeline }
}

fn gateway(policy: &PolicySettings) -> GatewayPlan {
    let preset = "staged".to_owned();
    GatewayPlan {
        host: EDGE,
        targets: vec![Target::one("payments", PAYMENTS)],
        listen: None,
        preset,
        policy: policy.clone(),
    }
}
