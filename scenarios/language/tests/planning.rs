//! Planning from text: what a scenario means, and what is refused although each table alone is right.

mod loading;

use loading::load_text;
use upstorm_language::Diagnostics;
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_model::plan::{Load, Plan, Subject};
use upstorm_model::scenario::{ALWAYS_ON, AlwaysOn, WorldKind};
use upstorm_model::{HostId, Law, Offset, RouteId, Seed, Varying};

const BASE: &str = r#"
version = 1
name = "base"
[run]
seed = 7
warmup = "1s"
off = ["latency-law"]
[upstream.payments]
latency = "5ms"
[[upstream.payments.route]]
name = "charge"
match = { path = "/v1/charges/{id}" }
latency = "10ms"
[upstream.accounts]
[gateway.edge]
target = "payments"
preset = "standard"
[client.shoppers]
target = "edge"
rate = "50/s"
arrivals = "constant"
requests = [{ path = "/v1/charges/{seq}" }]
[client.auditors]
target = "accounts"
users = 3
[[phase]]
name = "steady"
duration = "2s"
[[phase]]
name = "flapping"
repeat = 2
partition = [["edge", "payments"]]
steps = [
  { duration = "1s", upstream = { payments = { latency = "20ms", route = { charge = { latency = "30ms" } } } } },
  { duration = "500ms", client = { shoppers = { rate = "10/s" } } },
]
"#;

fn planned(text: &str) -> Result<Plan, Diagnostics> {
    load_text(text, &[]).and_then(|loaded| plan(&loaded, &PlanOptions::default()))
}

fn good(more: &str) -> Plan {
    planned(&format!("{BASE}{more}")).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn hosts_stand_in_an_order_that_the_file_does_not_decide() {
    let names: Vec<String> = good("").hosts.into_iter().map(|h| h.name).collect();
    assert_eq!(names, ["auditors", "shoppers", "edge", "accounts", "payments"]);
}

#[test]
fn repeats_and_steps_are_laid_end_to_end() {
    let plan = good("");
    let ends: Vec<u64> = plan.segments.iter().map(|s| s.end.as_nanos() / 1_000_000).collect();
    assert_eq!(ends, [1000, 3000, 4000, 4500, 5500, 6000]);
    let phases: Vec<Option<u16>> = plan.segments.iter().map(|s| s.phase).collect();
    assert_eq!(phases, [None, Some(0), Some(1), Some(1), Some(1), Some(1)]);
    assert_eq!((plan.warmup_until, plan.end), (Offset::from_millis(1000), Offset::from_millis(6000)));
    let cut = [HostId(2), HostId(4)];
    assert!(plan.segments[..2].iter().all(|s| s.partitions.is_empty()));
    assert!(plan.segments[2..].iter().all(|s| s.partitions == [cut]));
}

#[test]
fn nothing_leaks_from_one_segment_into_the_next() {
    let plan = good("");
    let payments = &plan.upstreams[1];
    let ms = |law: &Law| law.median(0.0).as_millis();
    let latencies: Vec<_> =
        payments.timeline.iter().map(|s| (ms(&s.routes[0].latency), ms(&s.routes[1].latency))).collect();
    assert_eq!(latencies, [(10, 5), (10, 5), (30, 20), (10, 5), (30, 20), (10, 5)]);
    let names: Vec<&str> = payments.routes.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["charge", "default"]);
    let rates: Vec<f64> = plan.clients[1]
        .timeline
        .iter()
        .map(|load| match load {
            Load::Open { rate: Varying::Fixed(rate), .. } => rate.get(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(rates, [50.0, 50.0, 50.0, 10.0, 50.0, 10.0]);
    assert!(
        plan.clients[0]
            .timeline
            .iter()
            .all(|load| matches!(load, Load::Closed { users: Varying::Fixed(3), .. }))
    );
}

#[test]
fn checks_are_resolved_and_know_their_place() {
    let plan = good(
        r#"
[[check]]
name = "jitter"
during = ["flapping"]
jitter = { of = "edge->payments/charge" }
[[check]]
name = "slo"
slo = { of = "shoppers", p95 = "1s" }
"#,
    );
    let edge = Subject::Edge { from: HostId(2), to: vec![HostId(4)], route: Some(RouteId(0)) };
    assert_eq!((&plan.checks[0].of, plan.checks[0].during.as_slice()), (&edge, &[1_u16][..]));
    assert_eq!(plan.checks[1].of, Subject::Client(HostId(1)));
    let line = |i: usize| plan.checks[i].place.unwrap().line as usize;
    let text = format!("{BASE}\n[[check]]\nname = \"jitter\"");
    let written = text.lines().position(|l| l == "[[check]]").unwrap() + 1;
    assert!((written..written + 2).contains(&line(0)), "{} {written}", line(0));
    assert!(line(1) > line(0));
    let always: Vec<AlwaysOn> = plan.checks.iter().filter_map(|c| c.always_on).collect();
    assert_eq!(always.len(), ALWAYS_ON.len() - 1);
    assert!(!always.contains(&AlwaysOn::LatencyLaw), "it is switched off");
    assert!(plan.checks[2..].iter().all(|c| c.of == Subject::Run && c.place.is_none()));
}

#[test]
fn the_command_line_wins_over_seed_and_world() {
    let loaded = load_text(BASE, &[]).unwrap();
    assert_eq!(plan(&loaded, &PlanOptions::default()).unwrap().seed, Seed(7));
    let options = PlanOptions { seed: Some(9), world: Some(WorldKind::Sim) };
    let plan = plan(&loaded, &options).unwrap();
    assert_eq!((plan.seed, plan.world), (Seed(9), WorldKind::Sim));
}

#[test]
fn what_is_too_much_is_refused_with_its_place() {
    let many = "[[phase]]\nname = \"many\"\nrepeat = 100000\nsteps = [{ duration = \"1ms\" }, { duration = \"1ms\" }]\n";
    let long = "[[phase]]\nname = \"long\"\nduration = \"200h\"\n";
    for (more, said) in [(many, "too many segments"), (long, "too long")] {
        let refused = planned(&format!("{BASE}{more}")).unwrap_err();
        let first = refused.iter().next().unwrap();
        assert_eq!(first.code.id, "S020", "{said}");
        assert!(first.spot().is_some());
    }
}
