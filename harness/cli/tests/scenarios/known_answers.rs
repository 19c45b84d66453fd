//! The known answers: each comes out within the range of its scenario, and does not where the mechanism is another one.
//!
//! An answer that comes out whatever the subject does is not measured. So each story names a change of the mechanism
//! (`--set …`), and with that the same checks must fail.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Mutex;

use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::library::{BuiltIn, KNOWN_ANSWERS};
use upstorm_language::matrix::plans;
use upstorm_language::{LoadOptions, load};
use upstorm_model::Plan;
use upstorm_model::verdict::SeedRun;
use upstorm_runner::{ExitCode, Stop, Trial, perform_trials};

/// The plan of a scenario with these settings, or those of its variants.
fn planned(scenario: &BuiltIn, sets: &[String]) -> Vec<Plan> {
    let nothing = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let options = LoadOptions { sets, env: &|_| None, read: &nothing };
    let loaded = load(scenario.name, None, scenario.text.as_bytes(), &options);
    let loaded = loaded.unwrap_or_else(|e| panic!("{} with {sets:?}:\n{e}", scenario.name));
    let options = PlanOptions::default();
    let found = match &loaded.matrix {
        Some(matrix) => plans(matrix, &options),
        None => plan(&loaded, &options).map(|plan| vec![plan]),
    };
    found.unwrap_or_else(|e| panic!("{} with {sets:?}:\n{e}", scenario.name))
}

/// The settings that a story names as another mechanism, once or several times, between backquotes.
fn others(scenario: &BuiltIn) -> Vec<Vec<String>> {
    let story = scenario.text.lines().filter(|line| line.starts_with('#'));
    let quoted = story.flat_map(|line| line.split('`').filter(|part| part.starts_with("--set ")));
    let sets = |part: &str| {
        part.split("--set ").map(str::trim).filter(|set| !set.is_empty()).map(str::to_owned).collect()
    };
    quoted.map(sets).collect()
}

/// Performs each once, and gives what is told of those that did not end as they must.
fn astray(subjects: Vec<(String, Plan)>, expected: ExitCode) -> String {
    let (names, plans): (Vec<String>, Vec<Plan>) = subjects.into_iter().unzip();
    let seeds = NonZero::<u32>::MIN;
    let trials: Vec<Trial> =
        plans.into_iter().map(|performed| Trial { performed, taken_for: None, seeds }).collect();
    let wrong = Mutex::new(BTreeMap::new());
    let see = |index: usize, run: SeedRun| {
        if run.exit_code != expected.number() {
            wrong.lock().expect("nobody panicked").insert(index, told(&names[index], &run));
        }
    };
    perform_trials(&trials, &Stop::new(), &see).unwrap_or_else(|e| panic!("{e}"));
    wrong.into_inner().expect("nobody panicked").into_values().collect()
}

fn told(name: &str, run: &SeedRun) -> String {
    let observed =
        |o: &upstorm_model::verdict::Observation| format!("{} {:?} ({:?})", o.part, o.value, o.verdict);
    let findings = run.findings.iter().map(|finding| {
        let observations: Vec<String> = finding.observations.iter().map(observed).collect();
        format!("  `{}` {:?}: {}\n", finding.check, finding.verdict, observations.join(", "))
    });
    format!("{name}: exit {}\n{}", run.exit_code, findings.collect::<String>())
}

#[test]
fn every_known_answer_comes_out() {
    let each = KNOWN_ANSWERS.iter().flat_map(|scenario| {
        let named =
            |plan: Plan| (format!("{} {}", scenario.name, plan.variant.as_deref().unwrap_or("")), plan);
        planned(scenario, &[]).into_iter().map(named)
    });
    let wrong = astray(each.collect(), ExitCode::Held);
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn none_comes_out_where_the_mechanism_is_another_one() {
    let each = KNOWN_ANSWERS.iter().flat_map(|scenario| {
        let others = others(scenario);
        assert!(!others.is_empty(), "{} names no other mechanism", scenario.name);
        others.into_iter().flat_map(|sets| {
            let named = |plan: Plan| (format!("{} with {sets:?}", scenario.name), plan);
            // Of a matrix the last variant: the mechanism is the same in all of them.
            planned(scenario, &sets).pop().into_iter().map(named).collect::<Vec<_>>()
        })
    });
    let wrong = astray(each.collect(), ExitCode::Failed);
    assert!(wrong.is_empty(), "{wrong}");
}
