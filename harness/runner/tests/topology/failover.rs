//! Failover: calls go on while the first target cannot serve them, and come back.

use upstorm_model::recording::Annotation;
use upstorm_model::scenario::WorldKind;

use crate::performed::{Performed, WORLDS, answered, performed};

fn scenario(method: &str, trouble: &str) -> String {
    format!(
        r#"
[upstream.east]
[upstream.west]
[gateway.edge]
target = "east"
deadline = {{ total = "3s", per_try = "300ms", connect = "300ms" }}
breaker = {{ kind = "consecutive", failures = 5, open_for = "500ms", half_open_permits = 2 }}
failover = {{ to = ["west"] }}
[client.shoppers]
target = "edge"
rate = "100/s"
requests = [{{ method = "{method}", path = "/v1/{{seq}}", headers = {{ x-a = "b" }} }}]
[[phase]]
name = "steady"
duration = "500ms"
[[phase]]
name = "outage"
duration = "1s"
{trouble}
[[phase]]
name = "recovery"
duration = "1500ms"
"#
    )
}

fn moves(run: &Performed) -> Vec<Annotation> {
    let of_failover = [Annotation::FailedOver, Annotation::FailedBack];
    run.said_by("edge").into_iter().filter(|what| of_failover.contains(what)).collect()
}

const REFUSES: &str = "upstream.east.connect = { refuse = \"100%\" }";

#[test]
fn calls_go_over_and_come_back() {
    for world in WORLDS {
        let run = performed(&scenario("GET", REFUSES), world);
        let calls = run.calls_of("shoppers");
        assert!(calls.len() > 200, "{world:?}: {}", calls.len());
        assert_eq!(answered(&calls, 200), calls.len(), "{world:?}: nobody notices");
        let [outage, recovery] = [1, 2].map(|phase| &run.plan.phases[phase]);
        let west = run.attempts_at("west");
        assert!(west.len() > 50, "{world:?}: {}", west.len());
        assert!(west.iter().all(|a| a.head >= outage.start), "{world:?}");
        let after = |at: &upstorm_model::Offset| a_second_into(recovery.start) <= *at;
        assert!(!west.iter().any(|a| after(&a.head)), "{world:?}: it stays after the outage");
        assert!(run.attempts_at("east").iter().any(|a| after(&a.head)), "{world:?}");
        assert_eq!(moves(&run).first(), Some(&Annotation::FailedOver), "{world:?}");
        assert_eq!(moves(&run).last(), Some(&Annotation::FailedBack), "{world:?}");
    }
}

fn a_second_into(start: upstorm_model::Offset) -> upstorm_model::Offset {
    start + std::time::Duration::from_secs(1)
}

#[test]
fn while_the_breaker_is_open_nothing_is_tried_at_the_first() {
    let run = performed(&scenario("GET", "upstream.east.status = { 503 = \"100%\" }"), WorldKind::Sim);
    let outage = &run.plan.phases[1];
    let within = |a: &&upstorm_model::recording::Attempt| a.head >= outage.start && a.head < outage.end;
    let east = run.attempts_at("east").into_iter().filter(within).count();
    let west = run.attempts_at("west").into_iter().filter(within).count();
    assert!(east < 12 && west > 70, "{east} at the first, {west} at the second");
    let calls = run.calls_of("shoppers");
    assert_eq!(answered(&calls, 200), calls.len());
}

#[test]
fn what_may_have_had_an_effect_is_not_sent_elsewhere_and_what_was_not_sent_is() {
    // Without a breaker each call is sent, and its answer passed on.
    let sent = scenario("POST", "upstream.east.status = { 503 = \"100%\" }")
        .replace("kind = \"consecutive\"", "kind = \"off\"")
        .replace("[gateway.edge]\n", "[gateway.edge]\nretry = { methods = \"idempotent\" }\n");
    let run = performed(&sent, WorldKind::Sim);
    assert!(run.attempts_at("west").is_empty());
    assert!(answered(&run.calls_of("shoppers"), 503) > 50);
    // Refused, nothing was sent.
    let refused = scenario("POST", REFUSES)
        .replace("[gateway.edge]\n", "[gateway.edge]\nretry = { methods = \"idempotent\" }\n");
    let run = performed(&refused, WorldKind::Sim);
    let calls = run.calls_of("shoppers");
    assert_eq!(answered(&calls, 200), calls.len());
}

#[test]
fn a_client_fails_over_too() {
    let text = scenario("GET", REFUSES).replace("failover = { to = [\"west\"] }", "");
    let text =
        text.replace("target = \"edge\"\n", "target = \"east\"\nfailover = { to = [\"edge\", \"west\"] }\n");
    for world in WORLDS {
        let run = performed(&text, world);
        let calls = run.calls_of("shoppers");
        assert_eq!(answered(&calls, 200), calls.len(), "{world:?}");
        assert!(!run.attempts_at("west").is_empty(), "{world:?}: the third answers, since the second cannot");
    }
}
