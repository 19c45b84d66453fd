//! Sabotage: every check must fail a subject built to break it and hold its sound twin, over twenty seeds.
//!
//! A check never seen to fail proves nothing.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be staged has failed")]

mod cut_off;
mod defects;
mod grouping;
mod kept;
mod odd;
mod orders;
mod outcomes;
mod own_limits;
mod regions;
mod rows;
mod rows_of_breakers;
mod rows_of_numbers;
mod rows_of_orders;
mod rows_of_waits;
mod rows_of_ways;
mod script;
mod stage;
mod turns;

use rows::{Row, rows};
use upstorm_checks::{CHECKS, judge};
use upstorm_model::recording::{Recording, codec::Header};
use upstorm_model::scenario::ALWAYS_ON;
use upstorm_model::verdict::{Finding, Measure, Observation, Verdict};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=20;

/// What no one event decides: too few of something, a rate, or a law as a whole.
const WITHOUT_EVENT: [Measure; 6] = [
    Measure::FaultShare,
    Measure::LatencyLawDistance,
    Measure::LoadSent,
    Measure::Tally,
    Measure::TallyReached,
    Measure::TallyLast,
];

fn finding(row: &Row, seed: u64) -> Finding {
    let script = (row.script)();
    let plan = script.plan(seed);
    let recording = (script.by)(&script, &plan);
    let findings = judge(&plan, &recording);
    assert_eq!(findings.len(), plan.checks.len());
    findings.into_iter().find(|f| f.kind == row.check).expect("the check is in the plan")
}

fn run(check: &str) {
    for row in rows().filter(|r| r.check == check) {
        for seed in SEEDS {
            let found = finding(row, seed);
            assert_eq!(found.verdict, row.verdict, "{check}, {}, seed {seed}: {found:#?}", row.name);
            if let Some(measure) = row.because {
                let failed =
                    found.observations.iter().any(|o| o.measure == measure && o.verdict == Verdict::Failed);
                assert!(failed, "{check}, {}, seed {seed}: not by {measure:?}: {found:#?}", row.name);
            }
            let unshown = |o: &&Observation| {
                o.verdict == Verdict::Failed && o.exhibits.is_empty() && !WITHOUT_EVENT.contains(&o.measure)
            };
            let unshown = found.observations.iter().find(unshown);
            assert!(unshown.is_none(), "{check}, {}, seed {seed}: no event is shown: {unshown:#?}", row.name);
        }
    }
}

macro_rules! each {
    ($($name:ident: $check:literal;)*) => {
        $(#[test] fn $name() { run($check) })*
        const COVERED: &[&str] = &[$($check),*];
    };
}

each! {
    slo: "slo";
    breaker: "breaker";
    jitter: "jitter";
    retry_budget: "retry_budget";
    amplification: "amplification";
    retry_after: "retry_after";
    recovery: "recovery";
    herd: "herd";
    backoff: "backoff";
    failover: "failover";
    limit: "limit";
    fresh: "fresh";
    alert: "alert";
    retry_safety: "retry_safety";
    timeout: "timeout";
    tally: "tally";
    faults_injected: "faults-injected";
    load_delivered: "load-delivered";
    latency_law: "latency-law";
    attempts_accounted: "attempts-accounted";
}

#[test]
fn every_check_has_a_sound_a_broken_and_an_unclear_row() {
    for check in CHECKS {
        let has = |verdict| rows().any(|r| r.check == check.key && r.verdict == verdict);
        assert!(has(Verdict::Held) && has(Verdict::Failed), "{}", check.key);
        assert!(COVERED.contains(&check.key), "{}", check.key);
        assert!(has(Verdict::Inconclusive) || check.key == "latency-law", "{}", check.key);
    }
    assert!(rows().all(|r| CHECKS.iter().any(|c| c.key == r.check)), "a row of no check");
}

#[test]
fn every_kind_of_the_language_has_exactly_one_entry_and_one_file() {
    let kinds = [
        r#"{"slo":{}}"#,
        r#"{"breaker":{}}"#,
        r#"{"jitter":{}}"#,
        r#"{"retry_budget":{}}"#,
        r#"{"retry_after":{}}"#,
        r#"{"amplification":{"of":"a -> b","max":1.5}}"#,
        r#"{"recovery":{"of":"c","after":"p","within":"1s"}}"#,
        r#"{"herd":{}}"#,
        r#"{"backoff":{}}"#,
        r#"{"failover":{"of":"a -> b","to":"c","within":"1s","back_within":"1s"}}"#,
        r#"{"limit":{}}"#,
        r#"{"fresh":{}}"#,
        r#"{"alert":{}}"#,
        r#"{"retry_safety":{}}"#,
        r#"{"timeout":{}}"#,
        r#"{"tally":{}}"#,
    ];
    let asked = kinds.map(|k| script::from_json::<upstorm_model::scenario::CheckKind>(k).key());
    let keys: Vec<&str> = asked.into_iter().chain(ALWAYS_ON.map(|on| on.key())).collect();
    assert_eq!(keys.len(), CHECKS.len());
    for key in keys {
        let entries: Vec<_> = CHECKS.iter().filter(|c| c.key == key).collect();
        assert_eq!(entries.len(), 1, "{key}");
        assert_eq!(entries[0].always_on, ALWAYS_ON.iter().any(|on| on.key() == key), "{key}");
        let file = format!("{}/src/kinds/{}.rs", env!("CARGO_MANIFEST_DIR"), key.replace('-', "_"));
        assert!(std::path::Path::new(&file).exists(), "{file}");
    }
}

#[test]
fn an_empty_recording_proves_nothing() {
    for row in rows() {
        let plan = (row.script)().plan(1);
        for partial in [false, true] {
            let nothing = Recording { partial, header: Header::default(), ..Recording::default() };
            for found in judge(&plan, &nothing) {
                // The one thing an empty recording shows is that the planned load was not sent.
                let load = found.kind == "load-delivered" && !partial;
                assert!(found.verdict == Verdict::Inconclusive || load, "{}: {found:#?}", row.name);
            }
        }
    }
}

#[test]
fn judging_twice_gives_the_same() {
    let row = rows().find(|r| r.check == "amplification").unwrap();
    assert_eq!(finding(row, 3), finding(row, 3));
}
