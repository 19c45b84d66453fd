//! The built-in library: every scenario loads, plans the same way twice, warns of nothing and is short enough to watch.

mod loading;

use std::time::Duration;

use loading::load_bytes;
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::library::{BUILT_IN, BuiltIn, find};
use upstorm_language::warn::warnings;
use upstorm_language::{Diagnostics, Loaded};
use upstorm_model::Plan;

fn planned(scenario: &BuiltIn, sets: &[&str]) -> (Loaded, Plan) {
    let loaded = load_bytes(&format!("{}.toml", scenario.name), scenario.text.as_bytes(), sets);
    let loaded = loaded.unwrap_or_else(|e| panic!("{}:\n{e}", scenario.name));
    let plan = plan(&loaded, &PlanOptions::default()).unwrap_or_else(|e| panic!("{}:\n{e}", scenario.name));
    (loaded, plan)
}

#[test]
fn each_is_what_its_entry_says() {
    for scenario in BUILT_IN {
        let (loaded, _) = planned(scenario, &[]);
        assert_eq!(loaded.scenario.name, scenario.name);
        assert_eq!(loaded.scenario.summary, scenario.summary);
        assert_eq!(find(scenario.name), Some(scenario));
        assert!(scenario.text.starts_with("# "), "{} begins with its story", scenario.name);
    }
    assert_eq!(find("nothing"), None);
}

#[test]
fn each_warns_of_nothing() {
    for scenario in BUILT_IN {
        let (loaded, plan) = planned(scenario, &[]);
        let list = Diagnostics::new(&loaded.sources, warnings(&loaded, &plan));
        assert!(list.is_none(), "{}:\n{}", scenario.name, list.unwrap());
    }
}

#[test]
fn each_is_over_within_thirty_seconds() {
    for scenario in BUILT_IN {
        let end = planned(scenario, &[]).1.end.elapsed();
        assert!(end <= Duration::from_secs(30), "{}: {end:?}", scenario.name);
    }
}

#[test]
fn a_plan_survives_its_file_and_comes_out_the_same_twice() {
    for scenario in BUILT_IN {
        let write = |plan: &Plan| serde_json::to_string(plan).unwrap();
        let (first, again) = (planned(scenario, &[]).1, planned(scenario, &[]).1);
        let text = write(&first);
        assert_eq!(text, write(&again), "{}", scenario.name);
        let back: Plan = serde_json::from_str(&text).unwrap();
        assert_eq!(back, first, "{}", scenario.name);
    }
}

#[test]
fn every_twin_that_a_story_names_can_be_planned() {
    let mark = "--set gateway.edge.preset=";
    for scenario in BUILT_IN {
        let twins: Vec<&str> = scenario
            .text
            .match_indices(mark)
            .filter_map(|(at, _)| {
                scenario.text[at + mark.len()..].split(|c: char| c == '`' || c.is_whitespace()).next()
            })
            .collect();
        assert!(!twins.is_empty(), "{} names a broken twin", scenario.name);
        for twin in twins {
            let plan = planned(scenario, &[&format!("gateway.edge.preset={twin}")]).1;
            assert_eq!(plan.gateways[0].preset, twin);
            assert_ne!(
                plan.gateways[0].policy,
                planned(scenario, &[]).1.gateways[0].policy,
                "{}",
                scenario.name
            );
        }
    }
}
