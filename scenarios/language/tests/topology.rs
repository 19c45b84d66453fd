//! Topology: replicas, routes, chains and failover, from the scenario to the plan, and what is said of mistakes in them.

#![expect(clippy::unwrap_used, reason = "a test may panic where it is set up wrongly")]

mod loading;

use loading::{fixtures, good, load_bytes, load_text};
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::explain::explain;
use upstorm_language::warn::warnings;
use upstorm_model::plan::{Plan, Subject, Target};
use upstorm_model::{Law, TimeSpan, Varying};

/// What every scenario here is laid over.
const BASE: &str = "extends = [\"base.toml\"]\n";

fn planned(text: &str) -> Plan {
    plan(&good(text, &[]), &PlanOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn trouble(text: &str) -> String {
    plan(&good(text, &[]), &PlanOptions::default()).unwrap_err().render(false)
}

fn names(plan: &Plan, target: &Target) -> Vec<Vec<String>> {
    let named =
        |hosts: &[upstorm_model::HostId]| hosts.iter().map(|h| plan.host_name(*h).to_owned()).collect();
    target.tiers().map(named).collect()
}

/// Three replicas, the second of them slow, and slower in the phase.
const REPLICAS: &str = r#"
[upstream.payments]
replicas = 3
listen = "127.0.0.1:9101"
latency = "10ms"
[upstream.payments.replica.2]
latency = "30ms"
[upstream.payments.replica.2.route.charge]
latency = "40ms"
[[phase]]
name = "storm"
duration = "5s"
partition = [["edge", "payments"]]
[phase.upstream.payments]
latency = "20ms"
[phase.upstream.payments.replica.2]
latency = "900ms"
[phase.upstream.payments.replica.3]
connect = { refuse = "100%" }
[[phase]]
name = "one away"
duration = "5s"
partition = [["shoppers", "edge"], ["edge", "payments#2"]]
[[check]]
name = "jitter"
jitter = { of = "edge -> payments" }
[[check]]
name = "jitter of one"
jitter = { of = "shoppers -> payments#2/charge" }
"#;

#[test]
fn a_replica_is_a_host_with_an_address_and_a_behaviour_of_its_own() {
    let plan = planned(&format!("{BASE}{REPLICAS}"));
    let hosts: Vec<&str> = plan.hosts.iter().map(|h| h.name.as_str()).collect();
    assert_eq!(hosts, ["shoppers", "edge", "payments#1", "payments#2", "payments#3"]);
    assert_eq!(names(&plan, &plan.gateways[0].targets[0]), [["payments#1", "payments#2", "payments#3"]]);
    let ports: Vec<u16> = plan.upstreams.iter().map(|u| u.listen.unwrap().port()).collect();
    assert_eq!(ports, [9101, 9102, 9103]);
    let law = |ms| Law::Constant(Varying::Fixed(TimeSpan::from_millis(ms)));
    let latency = |upstream: usize, segment: usize, route: usize| {
        plan.upstreams[upstream].timeline[segment].routes[route].latency.clone()
    };
    // `charge` has 15 ms of its own, which only what is said of it overrides.
    let all = |segment| [0, 1, 2].map(|upstream| [0, 1].map(|route| latency(upstream, segment, route)));
    assert_eq!(all(0), [[law(15), law(10)], [law(40), law(30)], [law(15), law(10)]]);
    assert_eq!(all(1), [[law(15), law(20)], [law(40), law(900)], [law(15), law(20)]]);
    let refuses = |upstream: usize| plan.upstreams[upstream].timeline[1].connect.refuses();
    assert_eq!([refuses(0), refuses(1), refuses(2)], [false, false, true]);
}

#[test]
fn a_name_means_all_replicas_and_a_number_one_of_them() {
    let plan = planned(&format!("{BASE}{REPLICAS}"));
    let id = |name: &str| plan.host_named(name).unwrap();
    let (edge, second) = (id("edge"), id("payments#2"));
    let all = ["payments#1", "payments#2", "payments#3"].map(id);
    assert_eq!(plan.segments[1].partitions, all.map(|one| [edge, one]));
    assert_eq!(plan.segments[2].partitions, [[id("shoppers"), edge], [edge, second]]);
    let of: Vec<&Subject> = plan.checks.iter().skip(1).take(2).map(|check| &check.of).collect();
    assert_eq!(of[0], &Subject::Edge { from: edge, to: all.to_vec(), route: None });
    let route = Some(upstorm_model::RouteId(0));
    assert_eq!(of[1], &Subject::Edge { from: id("shoppers"), to: vec![second], route });
}

#[test]
fn one_replica_is_a_host_of_that_name() {
    let plan = planned(&format!("{BASE}\n[upstream.payments]\nreplicas = 1\n"));
    assert_eq!(plan.host_name(plan.upstreams[0].host), "payments");
    assert_eq!(plan, planned(BASE), "as if nothing had been said");
}

const ROUTES: &str = r#"
[upstream.auth]
[upstream.west]
[gateway.inner]
target = "payments"
[gateway.front]
routes = { "/" = "auth", "/v1" = "inner", "/v1/admin" = "west" }
failover = { to = ["payments"], on = ["503"] }
"#;

#[test]
fn the_longest_prefix_comes_first_and_each_target_has_its_backups() {
    let plan = planned(&format!("{BASE}{ROUTES}"));
    let gateway = plan.gateways.iter().find(|g| plan.host_name(g.host) == "front").unwrap();
    let prefixes: Vec<&str> = gateway.targets.iter().map(|t| t.prefix.as_str()).collect();
    assert_eq!(prefixes, ["/v1/admin", "/v1", "/"]);
    assert_eq!(names(&plan, &gateway.targets[1]), [["inner"], ["payments"]]);
}

#[test]
fn gateways_in_a_circle_are_told_with_the_way_round() {
    let said = trouble(&format!(
        "{BASE}[gateway.edge]\ntarget = \"inner\"\n\
         [gateway.inner]\nroutes = {{ \"/v1\" = \"payments\", \"/\" = \"edge\" }}\n"
    ));
    assert!(said.contains("error[S018]") && said.contains("edge -> inner -> edge"), "{said}");
    assert!(said.contains("target = \"inner\""), "the caret stands under it: {said}");
    let over = trouble(&format!(
        "{BASE}[gateway.inner]\ntarget = \"edge\"\n[gateway.edge.failover]\nto = [\"inner\"]\n"
    ));
    assert!(over.contains("error[S018]") && over.contains("to = [\"inner\"]"), "{over}");
}

#[test]
fn mistakes_are_told_at_once_and_where_they_are() {
    let bytes = std::fs::read(fixtures().join("topology-mistakes.toml")).unwrap();
    let said = load_bytes("topology-mistakes.toml", &bytes, &[]).unwrap_err();
    insta::assert_snapshot!("mistakes", said.render(false));
}

#[test]
fn a_route_of_a_replica_must_be_one_of_the_upstream() {
    let text = format!(
        "{BASE}[upstream.payments]\nreplicas = 2\n[upstream.payments.replica.1.route.chrage]\nlatency = \"1s\"\n"
    );
    let said = load_text(&text, &[]).unwrap_err();
    assert_eq!(said.iter().map(|d| d.code.id).collect::<Vec<_>>(), ["S029"]);
}

#[test]
fn a_backup_is_waited_for_and_not_called_unreached() {
    let text = "extends = [\"calm.toml\"]\n[upstream.west]\n[gateway.edge.failover]\nto = [\"west\"]\n\
                [[check]]\nname = \"west\"\namplification = { of = \"edge -> west\", max = 1.5 }\n";
    let loaded = good(text, &[]);
    let plan = plan(&loaded, &PlanOptions::default()).unwrap();
    let warned: Vec<&str> = warnings(&loaded, &plan).iter().map(|d| d.code.id).collect();
    assert!(warned.is_empty(), "{warned:?}");
}

#[test]
fn an_explanation_shows_replicas_routes_and_who_takes_over() {
    let text = format!("{BASE}{REPLICAS}\n[upstream.west]\n[gateway.edge.failover]\nto = [\"west\"]\n");
    let loaded = good(&text, &[]);
    let plan = plan(&loaded, &PlanOptions::default()).unwrap();
    insta::assert_snapshot!("explained", explain(&loaded, &plan));
}
