//! What extra attempts, kept answers and fallbacks do for callers and upstream, seen from both ends of a simulated run.

#![expect(clippy::unwrap_used, reason = "a test may panic where it is set up wrongly")]

use std::num::NonZero;
use std::time::Duration;

use upstorm_language::compile::PlanOptions;
use upstorm_language::{LoadOptions, load, matrix};
use upstorm_model::Offset;
use upstorm_model::recording::{Attempt, Call, Decoder, Record};
use upstorm_runner::{Stop, perform_variants};

const BASE: &str = r#"
version = 1
name = "spared"

[run]
world = "sim"

[gateway.edge]
target = "payments"

[client.shoppers]
target = "edge"
timeout = "3s"
"#;

/// A tail: one answer in twenty is slow.
const TAIL: &str = r#"
[upstream.payments]
latency = { mixture = [{ weight = 95, uniform = { min = "9ms", max = "11ms" } }, { weight = 5, uniform = { min = "790ms", max = "810ms" } }] }

[[phase]]
name = "steady"
duration = "20s"

[matrix]
axes = { "gateway.edge.hedge.kind" = ["off", "delay"] }
"#;

/// Nobody listens for a while, between two times when somebody does.
const OUTAGE: &str = r#"
[upstream.payments]
latency = "10ms"

[[phase]]
name = "before"
duration = "5s"

[[phase]]
name = "outage"
duration = "20s"
upstream.payments.connect.refuse = "100%"

[matrix]
axes = { "gateway.edge.cache.kind" = ["off", "memory"] }
"#;

/// What each variant recorded.
fn recorded(scenario: &str) -> Vec<(Vec<Call>, Vec<Attempt>)> {
    let read = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let options = LoadOptions { sets: &[], env: &|_| None, read: &read };
    let loaded = load("spared.toml", None, scenario.as_bytes(), &options).unwrap();
    let plans = matrix::plans(&loaded.matrix.unwrap(), &PlanOptions::default()).unwrap();
    let done = perform_variants(&plans, NonZero::<u32>::MIN, &Stop::new(), &|_, _| ()).unwrap();
    let parts = done.iter().map(|variant| {
        let records: Vec<Record> = Decoder::new(&variant.kept[0].recording).unwrap().collect();
        let (mut calls, mut attempts) = (Vec::new(), Vec::new());
        for record in records {
            match record {
                Record::Call(call) => calls.push(call),
                Record::Attempt(attempt) => attempts.push(attempt),
                _ => {}
            }
        }
        (calls, attempts)
    });
    parts.collect()
}

fn share(calls: &[Call], is: impl Fn(&Call) -> bool) -> f64 {
    calls.iter().filter(|call| is(call)).count() as f64 / calls.len() as f64
}

#[test]
fn a_hedge_cuts_the_tail_for_a_few_more_attempts() {
    let scenario = format!("{BASE}rate = \"100/s\"\n{TAIL}")
        .replace("target = \"payments\"", "target = \"payments\"\nhedge = { after = \"50ms\" }");
    let runs = recorded(&scenario);
    let slow = |calls: &[Call]| share(calls, |call| call.latency() > Duration::from_millis(500));
    let [(without, single), (with, doubled)] = runs.as_slice() else { panic!("two variants") };
    assert!((0.035..0.065).contains(&slow(without)), "{}", slow(without));
    // Both attempts are slow with a chance of 0.25 %.
    assert!(slow(with) < 0.01, "{}", slow(with));
    let amplification = doubled.len() as f64 / single.len() as f64;
    assert!((1.03..1.07).contains(&amplification), "{amplification}");
    let left = doubled.iter().filter(|a| a.ended == upstorm_model::recording::End::CallerLeft).count();
    let extra = doubled.len() - single.len();
    assert!(left as f64 > 0.9 * extra as f64, "{left} of {extra} losers were seen to leave");
}

#[test]
fn a_cache_bridges_an_outage_for_as_long_as_it_may_and_calls_tell_the_age() {
    let scenario = format!("{BASE}rate = \"50/s\"\n{OUTAGE}").replace(
        "target = \"payments\"",
        "target = \"payments\"\ncache = { fresh = \"2s\", stale_if_error = \"10s\" }",
    );
    let runs = recorded(&scenario);
    let [(without, asked), (with, spared)] = runs.as_slice() else { panic!("two variants") };
    assert!(share(without, |call| call.outcome.is_success()) < 0.25);
    assert!(spared.len() * 20 < asked.len(), "{} of {}", spared.len(), asked.len());
    let age = |call: &Call| call.made.map(|made| call.sent.since(made));
    let oldest = with.iter().filter_map(age).max().unwrap();
    assert!(oldest <= Duration::from_secs(12), "{oldest:?}");
    let (bridged, after) = (Offset::from_millis(13_000), Offset::from_millis(17_500));
    assert!(with.iter().filter(|call| call.sent < bridged).all(|call| call.outcome.is_success()));
    assert!(with.iter().filter(|call| call.sent > after).all(|call| !call.outcome.is_success()));
    assert!(with.iter().all(|call| call.outcome.is_success() == call.made.is_some()));
    assert!(without.iter().filter_map(|call| call.made.map(|made| (made, call.sent))).all(|(m, s)| m >= s));
}

#[test]
fn a_herd_lets_one_through() {
    let herd = r#"
[upstream.payments]
latency = "300ms"

[[phase]]
name = "herd"
duration = "9s"

[matrix]
axes = { "gateway.edge.cache.coalesce" = [false, true] }
"#;
    let scenario = format!("{BASE}rate = \"200/s\"\n{herd}").replace(
        "target = \"payments\"",
        "target = \"payments\"\ncache = { kind = \"memory\", fresh = \"3s\" }",
    );
    let runs = recorded(&scenario);
    let [(_, herd), (calls, one)] = runs.as_slice() else { panic!("two variants") };
    assert!(calls.iter().all(|call| call.outcome.is_success()));
    assert!(herd.len() > 100, "{}", herd.len());
    assert!((3..=4).contains(&one.len()), "{}", one.len());
}
