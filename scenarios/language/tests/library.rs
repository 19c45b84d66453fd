//! The built-in library: every scenario loads, plans the same way twice, warns of nothing and is short enough to watch.

mod loading;

use std::collections::BTreeSet;
use std::time::Duration;

use loading::load_bytes;
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::library::{BUILT_IN, BuiltIn, Group, all, find};
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
    for scenario in all() {
        let (loaded, _) = planned(scenario, &[]);
        assert_eq!(loaded.scenario.name, scenario.name);
        assert_eq!(loaded.scenario.summary, scenario.summary());
        assert_eq!(find(scenario.name), Some(scenario));
        assert!(scenario.text.starts_with("# "), "{} begins with its story", scenario.name);
    }
    assert_eq!(find("nothing"), None);
}

#[test]
fn each_lies_in_the_folder_of_its_group_and_each_file_is_listed() {
    let folder = |group| match group {
        Group::Scenario => "",
        Group::KnownAnswer => "known-answers/",
        Group::Sabotage => "sabotage/",
    };
    for group in [Group::Scenario, Group::KnownAnswer, Group::Sabotage] {
        let named = || all().filter(|s| s.group == group).map(|s| s.name.to_owned());
        let listed: BTreeSet<String> = named().collect();
        assert_eq!(listed.len(), named().count(), "each once");
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../library").join(folder(group));
        let entries = std::fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().file_name());
        let files =
            entries.filter_map(|name| name.to_string_lossy().strip_suffix(".toml").map(str::to_owned));
        assert_eq!(listed, files.map(|file| folder(group).to_owned() + &file).collect(), "{group:?}");
    }
}

#[test]
fn each_warns_of_nothing() {
    let mut said = String::new();
    for scenario in all() {
        let (loaded, plan) = planned(scenario, &[]);
        let mut found = warnings(&loaded, &plan);
        // In an experiment on overload more is asked than there is.
        found.retain(|warning| scenario.group != Group::KnownAnswer || warning.code.id != "W006");
        said.extend(
            Diagnostics::new(&loaded.sources, found).map(|list| format!("{}:\n{list}", scenario.name)),
        );
    }
    assert!(said.is_empty(), "{said}");
}

#[test]
fn each_is_over_within_a_minute() {
    for scenario in BUILT_IN {
        let end = planned(scenario, &[]).1.end.elapsed();
        assert!(end <= Duration::from_secs(60), "{}: {end:?}", scenario.name);
    }
}

#[test]
fn a_plan_survives_its_file_and_comes_out_the_same_twice() {
    for scenario in all() {
        let write = |plan: &Plan| serde_json::to_string(plan).unwrap();
        let (first, again) = (planned(scenario, &[]).1, planned(scenario, &[]).1);
        let text = write(&first);
        assert_eq!(text, write(&again), "{}", scenario.name);
        let back: Plan = serde_json::from_str(&text).unwrap();
        assert_eq!(back, first, "{}", scenario.name);
    }
}

/// What a story sets to break its subject: `--set PATH=VALUE`, once or several times, between backquotes.
fn twins(scenario: &BuiltIn) -> Vec<Vec<&'static str>> {
    let story = scenario.text.lines().filter(|line| line.starts_with('#'));
    let quoted = story.flat_map(|line| line.split('`').filter(|part| part.starts_with("--set ")));
    quoted.map(|part| part.split("--set ").map(str::trim).filter(|set| !set.is_empty()).collect()).collect()
}

#[test]
fn every_twin_that_a_story_names_can_be_planned() {
    for scenario in BUILT_IN {
        let (loaded, sound) = planned(scenario, &[]);
        let twins = twins(scenario);
        // The variants of a matrix are each other's twins.
        assert!(!twins.is_empty() || loaded.matrix.is_some(), "{} names a broken twin", scenario.name);
        for sets in twins {
            let twin = planned(scenario, &sets).1;
            assert_eq!(twin.checks, sound.checks, "{}: {sets:?}", scenario.name);
            let differs = (&twin.gateways, &twin.clients) != (&sound.gateways, &sound.clients);
            assert!(differs, "{}: {sets:?}", scenario.name);
        }
    }
}
