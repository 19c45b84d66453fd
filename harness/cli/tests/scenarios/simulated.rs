//! In the simulated world, with many seeds: every one of them gives the same verdict.

use std::fmt::Write;
use std::num::NonZero;

use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::library::find;
use upstorm_language::{LoadOptions, load};
use upstorm_model::Plan;
use upstorm_model::scenario::WorldKind;
use upstorm_model::verdict::{SeedRun, Verdict};
use upstorm_runner::{ExitCode, Stop, perform_seeds};

use crate::rows::{ROWS, Twin};

const SEEDS: NonZero<u32> = NonZero::new(20).expect("20 is not zero");

fn planned(scenario: &str, sets: &[String]) -> Plan {
    let text = find(scenario).expect("a built-in scenario").text.as_bytes();
    let nothing = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let options = LoadOptions { sets, env: &|_| None, read: &nothing };
    let loaded = load(scenario, None, text, &options).unwrap_or_else(|e| panic!("{scenario}:\n{e}"));
    let plan = plan(&loaded, &PlanOptions::default()).unwrap_or_else(|e| panic!("{scenario}:\n{e}"));
    assert_eq!(plan.world, WorldKind::Sim, "{scenario} says where it runs");
    plan
}

/// The runs of a scenario with its sound subject or with a twin, one a seed.
fn performed(scenario: &str, twin: Option<&Twin>) -> Vec<SeedRun> {
    let sets: Vec<String> =
        twin.into_iter().flat_map(|twin| twin.sets).map(|set| (*set).to_owned()).collect();
    let seeds = perform_seeds(&planned(scenario, &sets), SEEDS, &Stop::new(), &|_| ());
    let runs = seeds.unwrap_or_else(|e| panic!("{scenario}: {e}")).runs;
    assert_eq!(runs.len(), SEEDS.get() as usize, "{scenario}");
    runs
}

fn verdict(run: &SeedRun, check: &str) -> Option<Verdict> {
    run.findings.iter().find(|finding| finding.check == check).map(|finding| finding.verdict)
}

/// What a run that was not as it should be found, a line for each check that did not hold.
fn told(scenario: &str, with: &str, run: &SeedRun) -> String {
    let mut text = format!("{scenario} with {with}, seed {}: exit {}\n", run.seed, run.exit_code);
    for finding in run.findings.iter().filter(|finding| finding.verdict != Verdict::Held) {
        let (check, verdict) = (&finding.check, finding.verdict);
        writeln!(text, "  `{check}` {verdict:?}: {:?}", finding.observations).expect("a text takes any line");
    }
    text
}

#[test]
fn sound_subjects_hold_with_every_seed() {
    let mut wrong = String::new();
    for row in ROWS {
        for run in performed(row.scenario, None) {
            if run.exit_code != ExitCode::Held.number() {
                wrong += &told(row.scenario, "its sound subject", &run);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn broken_twins_fail_the_right_checks_with_every_seed() {
    let mut wrong = String::new();
    for row in ROWS {
        for twin in row.twins {
            for run in performed(row.scenario, Some(twin)) {
                let all_fail = twin.fails.iter().all(|check| verdict(&run, check) == Some(Verdict::Failed));
                if run.exit_code != ExitCode::Failed.number() || !all_fail {
                    wrong += &told(row.scenario, &twin.told(), &run);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
