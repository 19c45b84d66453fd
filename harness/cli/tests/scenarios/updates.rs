//! What a hundred clients that update one row cost, by the waits between their attempts: the published means, over fifty
//! seeds in the simulated world.
//!
//! After Brooker, "Exponential backoff and jitter", AWS 2015. The published figures are means over a hundred runs; a
//! single run may take half as long again, so the scenarios' own checks are wider on time, and the means are held here.

use std::num::NonZero;

use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::library::find;
use upstorm_language::{LoadOptions, load};
use upstorm_model::verdict::{Measure, SeedRun, Verdict};
use upstorm_runner::{ExitCode, Stop, perform_variants};

const SEEDS: NonZero<u32> = NonZero::new(50).expect("50 is not zero");
/// How far a mean may be from the published one.
const TOLERANCE: f64 = 0.1;

/// What was published: the scenario, the writes, and the seconds until the last client was done.
const PUBLISHED: [(&str, f64, f64); 5] = [
    ("aws-none", 2417.0, 2.017),
    ("aws-exponential", 1863.0, 64.604),
    ("aws-equal", 811.0, 6.695),
    ("aws-full", 795.0, 4.729),
    ("aws-decorrelated", 996.0, 4.389),
];

fn performed(name: &str) -> Vec<SeedRun> {
    let built_in = find(&format!("known-answers/{name}")).expect("a built-in scenario");
    let runs = runs(name, built_in.text, SEEDS);
    assert!(runs.iter().all(|run| run.exit_code == ExitCode::Held.number()), "{name}");
    runs
}

fn runs(name: &str, text: &str, seeds: NonZero<u32>) -> Vec<SeedRun> {
    let nothing = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let options = LoadOptions { sets: &[], env: &|_| None, read: &nothing };
    let loaded = load(name, None, text.as_bytes(), &options).unwrap_or_else(|e| panic!("{e}"));
    let plan = plan(&loaded, &PlanOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    let done = perform_variants(&[plan], seeds, &Stop::new(), &|_, _| ()).unwrap_or_else(|e| panic!("{e}"));
    let runs: Vec<SeedRun> = done.into_iter().flat_map(|seeds| seeds.runs).collect();
    assert_eq!(runs.len(), seeds.get() as usize, "{name}");
    runs
}

/// The mean of what a check measured.
fn mean(runs: &[SeedRun], check: &str) -> f64 {
    let measured = |run: &SeedRun| {
        let finding = run.findings.iter().find(|finding| finding.check == check);
        finding.and_then(|finding| finding.observations.first()?.value).expect("it was measured")
    };
    runs.iter().map(measured).sum::<f64>() / runs.len() as f64
}

#[test]
fn the_published_means_come_out() {
    for (name, writes, seconds) in PUBLISHED {
        let runs = performed(name);
        for (check, published) in [("writes", writes), ("time", seconds)] {
            let ratio = mean(&runs, check) / published;
            assert!((ratio - 1.0).abs() <= TOLERANCE, "{name}, {check}: {ratio} of what was published");
        }
    }
}

/// The checks that a scenario gets beside those of the one it is laid over.
const COUNTED: &str = r#"
extends = ["known-answers/aws-equal"]
version = 1
name = "counted"
[[check]]
name = "retries"
tally = { of = "writers -> table", count = "retries", min = 1 }
[[check]]
name = "waits"
backoff = { of = "writers -> table" }
"#;

#[test]
fn a_read_and_its_write_are_one_attempt() {
    let runs = runs("counted", COUNTED, NonZero::<u32>::MIN);
    let (writes, retries) = (mean(&runs, "writes"), mean(&runs, "retries"));
    assert!((writes - retries - 100.0).abs() < 0.5, "{writes} writes of 100 clients, {retries} retries");
    // From the end of a refused write to the next read: equal jitter waits at least half of each step.
    let waits = runs[0].findings.iter().find(|finding| finding.check == "waits").expect("it was judged");
    let bounds = waits.observations.iter().filter(|o| o.measure == Measure::WaitsOutOfBounds);
    let bounds: Vec<(Verdict, u64)> = bounds.map(|o| (o.verdict, o.n)).collect();
    assert!(bounds.len() > 3 && bounds[0].1 > 90, "{bounds:?}");
    assert!(bounds.iter().all(|(verdict, _)| *verdict == Verdict::Held), "{bounds:?}");
}
