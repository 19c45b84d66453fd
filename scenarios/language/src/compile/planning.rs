//! `plan`: the steps from a loaded scenario to a plan, in order.

use upstorm_model::Seed;
use upstorm_model::plan::{Host, HostId, PLAN_VERSION, Place, Plan, Segment};
use upstorm_model::scenario::{AlwaysOn, Scenario, WorldKind};

use super::hosts::{hosts_of, named};
use super::judge::{Judge, always_on};
use super::maze::maze;
use super::network::{differing, usual};
use super::parties::{client, gateway};
use super::replicas::replica_plans;
use super::targets::circle;
use super::timeline::{Stretch, Timeline, timeline};
use super::trouble::{Trouble, limits};
use crate::Loaded;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// What the command line says over the scenario.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanOptions {
    /// Instead of the scenario's seed.
    pub seed: Option<u64>,
    /// Instead of the scenario's world.
    pub world: Option<WorldKind>,
}

/// Makes every choice of a scenario. The same scenario and options give the same plan.
///
/// # Errors
/// When the scenario cannot be planned: a run too long or with too many segments, a name that means nothing, a check
/// about an edge that no call takes, gateways that call each other in a circle. All of them at once.
pub fn plan(loaded: &Loaded, options: &PlanOptions) -> Result<Plan, Diagnostics> {
    let place = |path: &str| place_of(loaded, path);
    compile(&loaded.scenario, options, &place).map_err(|troubles| report(loaded, &troubles))
}

/// The plan of a scenario, or everything that stands in its way.
pub(crate) fn compile(
    scenario: &Scenario,
    options: &PlanOptions,
    place: &dyn Fn(&str) -> Option<Place>,
) -> Result<Plan, Vec<Trouble>> {
    let hosts = hosts_of(scenario);
    if hosts.len() > limits::HOSTS {
        return Err(vec![Trouble::TooManyHosts { hosts: hosts.len() }]);
    }
    let line = timeline(scenario)?;
    let mut troubles: Vec<Trouble> = circle(scenario).into_iter().collect();
    let circular = !troubles.is_empty();
    let mut plan = empty(scenario, options, &line);
    plan.hosts = hosts;
    plan.network.between = keep(&mut troubles, differing(&plan.hosts, scenario).into_iter());
    plan.segments = keep(&mut troubles, line.stretches.iter().map(|s| segment(&plan.hosts, s)));
    parties(&mut plan, &mut troubles, scenario, &line.stretches);
    // Ways that end nowhere cannot be counted.
    troubles.extend(if circular { None } else { maze(&plan) });
    let judge = Judge { plan: &plan, place };
    let checks = scenario.check.iter().enumerate().map(|(index, check)| judge.check(index, check));
    let checks = keep(&mut troubles, checks);
    let troubled = plan.is_troubled();
    // Where nothing is declared to go wrong, a check of the faults would measure nothing.
    let always_on =
        always_on(&scenario.run.off).filter(|c| troubled || c.always_on != Some(AlwaysOn::FaultsInjected));
    plan.checks = checks.into_iter().chain(always_on).collect();
    if troubles.is_empty() { Ok(plan) } else { Err(troubles) }
}

fn empty(scenario: &Scenario, options: &PlanOptions, line: &Timeline<'_>) -> Plan {
    Plan {
        version: PLAN_VERSION,
        scenario: scenario.name.clone(),
        summary: scenario.summary.clone(),
        variant: None,
        seed: Seed(options.seed.unwrap_or(scenario.run.seed)),
        world: options.world.unwrap_or(scenario.run.world),
        warmup_until: line.warmup_until,
        end: line.end,
        network: usual(scenario),
        drain: scenario.run.drain,
        hosts: Vec::new(),
        phases: line.phases.clone(),
        segments: Vec::new(),
        upstreams: Vec::new(),
        gateways: Vec::new(),
        clients: Vec::new(),
        checks: Vec::new(),
    }
}

/// What went well; what did not joins the troubles.
fn keep<T>(troubles: &mut Vec<Trouble>, results: impl Iterator<Item = Result<T, Trouble>>) -> Vec<T> {
    let mut good = Vec::new();
    for result in results {
        match result {
            Ok(value) => good.push(value),
            Err(trouble) => troubles.push(trouble),
        }
    }
    good
}

fn parties(plan: &mut Plan, troubles: &mut Vec<Trouble>, scenario: &Scenario, stretches: &[Stretch<'_>]) {
    let hosts = &plan.hosts;
    let upstreams = scenario.upstream.iter();
    let replicas = upstreams.flat_map(|(name, upstream)| replica_plans(hosts, (name, upstream), stretches));
    plan.upstreams = keep(troubles, replicas);
    plan.gateways = keep(troubles, scenario.gateway.iter().map(|(name, g)| gateway(hosts, name, g)));
    plan.clients = keep(troubles, scenario.client.iter().map(|(name, c)| client(hosts, name, c, stretches)));
}

fn segment(hosts: &[Host], stretch: &Stretch<'_>) -> Result<Segment, Trouble> {
    let path = || stretch.phase.map_or_else(String::new, |index| format!("phase[{index}].partition"));
    let mut partitions = Vec::new();
    for [a, b] in stretch.overlays.iter().flat_map(|o| &o.partition) {
        let known = |name: &String| -> Result<Vec<HostId>, Trouble> {
            let found = named(hosts, name);
            if found.is_empty() { Err(Trouble::unknown_host(path(), name)) } else { Ok(found) }
        };
        let (ones, others) = (known(a)?, known(b)?);
        for pair in ones.iter().flat_map(|one| others.iter().map(|other| [*one, *other])) {
            if pair[0] != pair[1] && !partitions.contains(&pair) {
                partitions.push(pair);
            }
        }
    }
    Ok(Segment { phase: stretch.phase, start: stretch.start, end: stretch.end, partitions })
}

/// Line and column of the value at this path.
fn place_of(loaded: &Loaded, path: &str) -> Option<Place> {
    let position = loaded.sources.position(loaded.spans.nearest(path)?);
    Some(Place { line: position.line, column: position.column })
}

/// The troubles as diagnostics, each with its place.
fn report(loaded: &Loaded, troubles: &[Trouble]) -> Diagnostics {
    let diagnostic = |trouble: &Trouble| {
        let diagnostic = Diagnostic::new(trouble.code(), trouble.to_string()).help(trouble.help());
        match loaded.spans.nearest(&trouble.path()) {
            Some(spot) => diagnostic.at(spot, ""),
            None => diagnostic,
        }
    };
    Diagnostics::sorted(loaded.sources.clone(), troubles.iter().map(diagnostic).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::TimeSpan;
    use upstorm_model::scenario::{
        Check, CheckKind, Client, Gateway, JitterCheck, Link, LinkBetween, LoadShape, Overlay, Phase,
        Recovery, Severity, Slo, Upstream,
    };

    fn gateway_to(target: &str) -> Gateway {
        Gateway {
            target: Some(target.into()),
            routes: Default::default(),
            listen: None,
            preset: String::new(),
            settings: Default::default(),
        }
    }

    /// shoppers -> edge -> payments, for a second.
    fn scenario() -> Scenario {
        let client = Client {
            target: "edge".into(),
            load: LoadShape::default(),
            requests: Vec::new(),
            timeout: TimeSpan::from_secs(1),
            max_in_flight: 10,
            connections: None,
            preset: String::new(),
            settings: Default::default(),
        };
        let phase = Phase {
            name: "steady".into(),
            duration: Some(TimeSpan::from_secs(1)),
            repeat: None,
            steps: Vec::new(),
            overlay: Overlay::default(),
        };
        Scenario {
            version: 1,
            name: "t".into(),
            summary: String::new(),
            run: Default::default(),
            upstream: [("payments".to_owned(), Upstream::default())].into(),
            gateway: [("edge".to_owned(), gateway_to("payments"))].into(),
            client: [("shoppers".to_owned(), client)].into(),
            phase: vec![phase],
            check: Vec::new(),
        }
    }

    fn check(kind: CheckKind) -> Check {
        let during = vec!["steady".to_owned()];
        Check { name: "c".into(), during, severity: Severity::Fail, min_samples: None, kind }
    }

    fn jitter(of: &str) -> Check {
        check(CheckKind::Jitter(JitterCheck { of: of.into(), width: None }))
    }

    fn troubles(change: impl FnOnce(&mut Scenario)) -> Vec<(&'static str, String)> {
        let mut scenario = scenario();
        change(&mut scenario);
        let troubles = compile(&scenario, &PlanOptions::default(), &|_| None).unwrap_err();
        assert!(troubles.iter().all(|t| !t.help().is_empty() && !t.to_string().is_empty()));
        troubles.iter().map(|t| (t.code().id, t.path())).collect()
    }

    #[test]
    fn what_the_parts_do_not_show_is_refused_when_they_are_put_together() {
        let circle = troubles(|s| {
            s.gateway.insert("edge".into(), gateway_to("inner"));
            s.gateway.insert("inner".into(), gateway_to("edge"));
        });
        assert_eq!(circle, [("S018", "gateway.edge.target".to_owned())]);
        let edge = "check[0].jitter.of".to_owned();
        for (of, code) in [
            ("edge", "S025"),
            ("edge -> shoppers", "S028"),
            ("payments -> edge", "S031"),
            ("edge -> nobody", "S028"),
            ("edge -> payments/quota", "S029"),
        ] {
            assert_eq!(troubles(|s| s.check.push(jitter(of))), [(code, edge.clone())], "{of}");
        }
        let not_a_client = Slo { of: "edge".into(), ..Slo::default() };
        let slo = troubles(|s| s.check.push(check(CheckKind::Slo(not_a_client))));
        assert_eq!(slo, [("S028", "check[0].slo.of".to_owned())]);
        let nowhere = Recovery { of: "shoppers".into(), after: "storm".into(), ..Recovery::default() };
        let recovery = troubles(|s| s.check.push(check(CheckKind::Recovery(nowhere))));
        assert_eq!(recovery, [("S030", "check[0].recovery.after".to_owned())]);
    }

    #[test]
    fn all_troubles_come_at_once() {
        let found = troubles(|s| {
            s.gateway.insert("edge".into(), Gateway { listen: Some("here".into()), ..gateway_to("nobody") });
            s.phase[0].overlay.partition.push(["edge".into(), "moon".into()]);
            let hosts = ["moon".into(), "payments".into()];
            s.run.network.between.push(LinkBetween { hosts, link: Link::default() });
            s.check.push(jitter("edge"));
        });
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found.contains(&("S028", "run.network.between[0].hosts[0]".to_owned())), "{found:?}");
    }

    #[test]
    fn a_chain_of_gateways_is_no_circle() {
        let mut scenario = scenario();
        scenario.gateway.insert("inner".into(), gateway_to("payments"));
        scenario.gateway.insert("edge".into(), gateway_to("inner"));
        scenario.check.push(jitter("edge->inner"));
        let plan = compile(&scenario, &PlanOptions::default(), &|_| None).unwrap();
        assert_eq!(plan.gateways[0].targets[0].hosts, [plan.gateways[1].host]);
    }

    /// Gateways in a row, each with so many routes to the next.
    fn row(gateways: usize, routes: usize) -> Scenario {
        let mut scenario = scenario();
        let name = |index| if index == 0 { "edge".to_owned() } else { format!("gateway{index}") };
        for index in 0..gateways {
            let next = if index + 1 < gateways { name(index + 1) } else { "payments".to_owned() };
            let mut gateway = gateway_to(&next);
            gateway.routes = (1..routes).map(|r| (format!("/{r}"), next.clone())).collect();
            scenario.gateway.insert(name(index), gateway);
        }
        scenario
    }

    #[test]
    fn what_can_be_followed_is_planned_and_a_maze_is_refused_at_once() {
        let troubles = |gateways, routes| {
            compile(&row(gateways, routes), &PlanOptions::default(), &|_| None)
                .err()
                .map(|t| t[0].to_string())
        };
        assert_eq!((troubles(31, 1), troubles(8, 3)), (None, None));
        let said =
            |ways, hosts| Some(format!("calls may take {ways} ways from here, over up to {hosts} hosts"));
        assert_eq!(troubles(32, 1), said("1", 33));
        assert_eq!(troubles(9, 3), said("19683", 10));
        assert_eq!(troubles(60, 3), said("18446744073709551615", 61));
    }
}
