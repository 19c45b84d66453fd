//! Partitions between any two hosts: what they part is silent, the rest goes on, and afterwards all do.

use upstorm_model::recording::{Call, Outcome};

use crate::performed::{WORLDS, performed};

fn scenario(pair: &str) -> String {
    format!(
        r#"
[run]
drain = "2s"
[upstream.payments]
replicas = 2
[gateway.inner]
target = "payments"
balance = "round-robin"
deadline = {{ per_try = "100ms", connect = "100ms" }}
[gateway.edge]
target = "inner"
deadline = {{ per_try = "200ms", connect = "200ms" }}
[client.far]
target = "edge"
rate = "50/s"
timeout = "400ms"
[client.near]
target = "inner"
rate = "50/s"
timeout = "400ms"
[[phase]]
name = "steady"
duration = "500ms"
[[phase]]
name = "apart"
duration = "1s"
partition = [{pair}]
[[phase]]
name = "recovery"
duration = "2s"
"#
    )
}

/// For each pair: whether the calls of `far` and `near` are cut, by the share that is.
const PAIRS: [(&str, [f64; 2]); 5] = [
    (r#"["far", "edge"]"#, [1.0, 0.0]),
    (r#"["edge", "inner"]"#, [1.0, 0.0]),
    (r#"["inner", "near"]"#, [0.0, 1.0]),
    (r#"["inner", "payments#2"]"#, [0.5, 0.5]),
    (r#"["payments", "inner"]"#, [1.0, 1.0]),
];

#[test]
fn only_what_goes_between_the_two_is_cut() {
    for world in WORLDS {
        for (pair, expected) in PAIRS {
            let run = performed(&scenario(pair), world);
            let [_, apart, recovery] = [0, 1, 2].map(|phase| &run.plan.phases[phase]);
            let failed = |name: &str, from: upstorm_model::Offset, to: upstorm_model::Offset| {
                let calls = run.calls_of(name).into_iter().filter(|c| c.planned >= from && c.planned < to);
                let calls: Vec<&Call> = calls.collect();
                let good = calls.iter().filter(|c| c.outcome == Outcome::Answered(200)).count();
                1.0 - good as f64 / calls.len() as f64
            };
            for (name, expected) in ["far", "near"].into_iter().zip(expected) {
                // The last calls may be answered after the heal, before they are given up.
                let last = apart.start + std::time::Duration::from_millis(500);
                let cut = failed(name, apart.start, last);
                assert!((cut - expected).abs() < 0.15, "{world:?} {pair} {name}: {cut}");
                let steady = upstorm_model::Offset::from_millis(350);
                let before = failed(name, upstorm_model::Offset::ZERO, steady);
                // A partition that has healed is felt until the next retransmission of what was under way.
                let healed = recovery.start + std::time::Duration::from_secs(1);
                let after = failed(name, healed, recovery.end);
                // A busy machine may miss a timeout of 100 ms now and then.
                assert!(
                    before < 0.15 && after < 0.1,
                    "{world:?} {pair} {name}: {before} before, {after} after"
                );
            }
        }
    }
}
