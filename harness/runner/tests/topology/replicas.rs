//! Replicas: attempts are spread, a slow one gets fewer, a broken one is left out.

use upstorm_model::recording::Annotation;
use upstorm_model::scenario::WorldKind;

use crate::performed::{Performed, WORLDS, answered, performed};

fn scenario(balance: &str, replica: &str) -> String {
    format!(
        r#"
[upstream.payments]
replicas = 3
latency = "5ms"
{replica}
[gateway.edge]
target = "payments"
balance = "{balance}"
outlier = {{ kind = "consecutive", base_ejection_time = "2s", interval = "500ms" }}
[client.shoppers]
target = "edge"
rate = "200/s"
[[phase]]
name = "steady"
duration = "3s"
"#
    )
}

fn spread(run: &Performed) -> [usize; 3] {
    ["payments#1", "payments#2", "payments#3"].map(|name| run.attempts_at(name).len())
}

#[test]
fn attempts_are_spread_over_the_replicas() {
    for world in WORLDS {
        let turns = spread(&performed(&scenario("round-robin", ""), world));
        let (least, most) = (turns.iter().min().unwrap(), turns.iter().max().unwrap());
        assert!(most - least <= 1 && *least > 100, "{world:?}: {turns:?}");
        for balance in ["p2c", "random"] {
            let drawn = spread(&performed(&scenario(balance, ""), world));
            let all: usize = drawn.iter().sum();
            assert!(drawn.iter().all(|n| *n > all / 5 && *n < all / 2), "{world:?} {balance}: {drawn:?}");
        }
    }
}

#[test]
fn of_two_choices_a_slow_replica_gets_the_fewer_calls() {
    let slow = "[upstream.payments.replica.2]\nlatency = \"500ms\"";
    let [drawn, chosen] = ["random", "p2c"].map(|b| spread(&performed(&scenario(b, slow), WorldKind::Sim)));
    assert!(chosen[1] * 3 < drawn[1], "{chosen:?} against {drawn:?}");
}

#[test]
fn a_broken_replica_is_ejected_and_let_back_in() {
    let broken = "[upstream.payments.replica.2]\nstatus = { 503 = \"100%\" }";
    for world in WORLDS {
        let run = performed(&scenario("round-robin", broken), world);
        let calls = run.calls_of("shoppers");
        let failed = answered(&calls, 503);
        assert!((5..60).contains(&failed), "{world:?}: {failed} of {}", calls.len());
        let said = run.said_by("edge");
        let turned = [Annotation::Ejected, Annotation::Readmitted];
        let turns: Vec<_> = said.into_iter().filter(|what| turned.contains(what)).collect();
        assert!(turns.starts_with(&turned), "{world:?}: {turns:?}");
    }
}

#[test]
fn without_ejection_every_third_call_fails() {
    let broken = "[upstream.payments.replica.2]\nstatus = { 503 = \"100%\" }";
    let off = scenario("round-robin", broken).replace("kind = \"consecutive\"", "kind = \"off\"");
    let run = performed(&off, WorldKind::Sim);
    let calls = run.calls_of("shoppers");
    let share = answered(&calls, 503) as f64 / calls.len() as f64;
    assert!((0.3..0.37).contains(&share), "{share}");
    assert!(!run.said_by("edge").contains(&Annotation::Ejected));
}

#[test]
fn a_retry_on_another_replica_is_a_fresh_draw() {
    let fails = "status = { 200 = \"50%\", 503 = \"50%\" }";
    let text = scenario("random", fails).replace("balance =", "preset = \"naive\"\nbalance =");
    let text = text.replace("kind = \"consecutive\"", "kind = \"off\"");
    let run = performed(&text, WorldKind::Sim);
    let calls = run.calls_of("shoppers");
    let share = answered(&calls, 200) as f64 / calls.len() as f64;
    assert!((0.90..0.97).contains(&share), "1 − 0.5⁴ = 0.9375: {share}");
}
