//! Gateways before gateways: what is passed on, and how retries multiply.

use std::collections::BTreeSet;

use upstorm_model::scenario::WorldKind;

use crate::performed::{WORLDS, answered, performed};

/// Three hosts that each make four attempts, before an upstream that always fails.
const NESTED: &str = r#"
[upstream.payments]
status = { 503 = "100%" }
[gateway.inner]
target = "payments"
preset = "naive"
[gateway.edge]
target = "inner"
preset = "naive"
[client.shoppers]
target = "edge"
preset = "naive"
rate = "10/s"
timeout = "30s"
requests = [{ method = "POST", path = "/v1/charges/{seq}" }]
[[phase]]
name = "storm"
duration = "2s"
"#;

#[test]
fn four_attempts_at_each_of_three_hosts_are_sixty_four() {
    let run = performed(NESTED, WorldKind::Sim);
    let counts = run.attempts_by_call();
    assert!(counts.len() > 5, "{counts:?}");
    assert!(counts.values().all(|count| *count == 64), "{counts:?}");
    let ordinals: BTreeSet<u32> = run.attempts_at("payments").iter().map(|a| a.ordinal).collect();
    assert_eq!(ordinals, (1..=64).collect());
}

#[test]
fn ids_pass_through_a_chain() {
    for world in WORLDS {
        let run = performed(NESTED, world);
        let attempts = run.attempts_at("payments");
        for call in run.calls_of("shoppers") {
            let of_call: Vec<_> = attempts.iter().filter(|a| a.keys.call == Some(call.id)).collect();
            let distinct = |key: fn(&upstorm_model::recording::Keys) -> Option<u64>| {
                of_call.iter().map(|a| key(&a.keys)).collect::<BTreeSet<_>>()
            };
            for keys in [distinct(|k| k.idempotency), distinct(|k| k.trace), distinct(|k| k.request)] {
                assert_eq!(keys.len(), 1, "{world:?}: one for all attempts of a call: {keys:?}");
            }
            assert!(of_call.iter().all(|a| a.keys.trace.is_some() && a.keys.idempotency.is_some()));
        }
    }
}

#[test]
fn a_sound_chain_lets_everything_through() {
    for world in WORLDS {
        let run = performed(&NESTED.replacen("503 = \"100%\"", "200 = \"100%\"", 1), world);
        let calls = run.calls_of("shoppers");
        assert!(calls.len() > 5 && answered(&calls, 200) == calls.len(), "{world:?}: {calls:?}");
        assert!(run.attempts_by_call().values().all(|count| *count == 1));
    }
}

#[test]
fn an_inner_hop_draws_anew_for_each_repetition() {
    let waits = NESTED.replacen(
        "target = \"payments\"\npreset = \"naive\"",
        "target = \"payments\"\npreset = \"retry\"\ndeadline = { total = \"60s\" }",
        1,
    );
    let waits = waits.replacen(
        "target = \"inner\"\npreset = \"naive\"",
        "target = \"inner\"\npreset = \"naive\"\ndeadline = { total = \"60s\", per_try = \"30s\" }",
        1,
    );
    let run = performed(&waits, WorldKind::Sim);
    let call = run.calls_of("shoppers")[0].id;
    let mut heads: Vec<_> =
        run.attempts_at("payments").into_iter().filter(|a| a.keys.call == Some(call)).collect();
    heads.sort_by_key(|a| a.head);
    // The wait between the first and second attempt of each repetition, to the microsecond.
    let waits: BTreeSet<u128> =
        heads.chunks(4).map(|four| four[1].head.since(four[0].head).as_micros()).collect();
    assert!(waits.len() > heads.len() / 8, "{waits:?} in {} attempts", heads.len());
}
