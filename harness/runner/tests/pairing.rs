//! Variants under one seed meet the same arrivals and the same fates: that is what makes their difference theirs.

#![expect(clippy::unwrap_used, reason = "a test may panic where it is set up wrongly")]

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Mutex;

use upstorm_language::compile::PlanOptions;
use upstorm_language::{LoadOptions, load, matrix};
use upstorm_model::Plan;
use upstorm_model::recording::{CallId, Decoder, Fate, Record};
use upstorm_runner::{ExitCode, KeptSeed, Stop, perform_variants};

const STORM: &str = r#"
version = 1
name = "storm"

[run]
world = "sim"
warmup = "200ms"

[upstream.payments]
latency = { lognormal = { median = "8ms", p99 = "40ms" } }
status = { 200 = "60%", 503 = "40%" }
faults = [{ share = "5%", close = { at = "mid-body" } }]

[gateway.edge]
target = "payments"

[client.shoppers]
target = "edge"
rate = "200/s"
timeout = "2s"

[[phase]]
name = "steady"
duration = "1800ms"

[[check]]
name = "availability"
slo = { of = "shoppers", availability = "90%" }

[matrix]
axes = { "gateway.edge.preset" = ["none", "retry", "standard"] }
"#;

fn plans() -> Vec<Plan> {
    let read = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let options = LoadOptions { sets: &[], env: &|_| None, read: &read };
    let loaded = load("storm.toml", None, STORM.as_bytes(), &options).unwrap();
    matrix::plans(&loaded.matrix.unwrap(), &PlanOptions::default()).unwrap()
}

/// When each call was planned, what it asked, and what the upstream decided for its first attempt.
type Met = BTreeMap<CallId, (u64, u16, Option<Fate>)>;

fn met(kept: &KeptSeed) -> Met {
    let records: Vec<Record> = Decoder::new(&kept.recording[..]).unwrap().collect();
    let mut met = Met::new();
    for record in &records {
        if let Record::Call(call) = record {
            met.insert(call.id, (call.planned.as_nanos(), call.request, None));
        }
    }
    for record in &records {
        if let Record::Attempt(attempt) = record
            && attempt.ordinal == 1
            && let Some(call) = attempt.keys.call.and_then(|id| met.get_mut(&id))
        {
            call.2 = Some(attempt.fate);
        }
    }
    met
}

#[test]
fn variants_under_one_seed_meet_the_same_arrivals_and_the_same_fates() {
    let plans = plans();
    let done = perform_variants(&plans, NonZero::<u32>::MIN, &Stop::new(), &|_, _| ()).unwrap();
    let met: Vec<Met> = done.iter().map(|variant| met(&variant.kept[0])).collect();
    assert!(met[0].len() > 300, "{}", met[0].len());
    for other in &met[1..] {
        assert_eq!(met[0].keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
        let mut both = 0;
        for ((planned, request, fate), (planned_too, request_too, fate_too)) in
            met[0].values().zip(other.values())
        {
            assert_eq!((planned, request), (planned_too, request_too));
            // A breaker may have kept one of the two from being tried at all.
            if let (Some(one), Some(other)) = (fate, fate_too) {
                assert_eq!(one, other);
                both += 1;
            }
        }
        assert!(both > 200, "{both}");
    }
}

#[test]
fn every_variant_is_run_with_every_seed_whichever_thread_was_first() {
    let plans = plans();
    let seen = Mutex::new(Vec::new());
    let count = NonZero::new(4).unwrap();
    let run = || {
        perform_variants(&plans, count, &Stop::new(), &|variant, run| {
            seen.lock().unwrap().push((variant, run.seed));
        })
        .unwrap()
    };
    let (first, second) = (run(), run());
    let mut seen = seen.into_inner().unwrap();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 12);
    for (one, other) in first.iter().zip(&second) {
        assert_eq!((&one.runs, &one.figures, one.exit), (&other.runs, &other.figures, other.exit));
        assert_eq!(one.runs.iter().map(|run| run.seed).collect::<Vec<_>>(), [1, 2, 3, 4]);
        let kept = |seeds: &upstorm_runner::Seeds| -> Vec<(u64, Vec<u8>)> {
            seeds.kept.iter().map(|kept| (kept.plan.seed.0, kept.recording.clone())).collect()
        };
        assert!(!one.interrupted && kept(one) == kept(other));
    }
    assert_eq!(first[0].exit, ExitCode::Failed, "three in five are not nine in ten");
    assert!(first.iter().all(|variant| !variant.kept.is_empty()), "each has a run to look into");
}

#[test]
fn a_stop_ends_all_variants_alike() {
    let plans = plans();
    let stop = Stop::new();
    stop.stop();
    let done = perform_variants(&plans, NonZero::new(3).unwrap(), &stop, &|_, _| ()).unwrap();
    assert!(done.iter().all(|variant| variant.interrupted && variant.runs.is_empty()));
    assert!(done.iter().all(|variant| variant.exit == ExitCode::Inconclusive), "nothing judged is no pass");
}
