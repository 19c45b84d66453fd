//! The rooms and who may depend on whom. A crate border is a rule that the compiler keeps; this keeps the borders.

use std::collections::BTreeMap;
use std::fs;

use crate::sources::top;

/// What the binary and the benches may depend on.
const EVERY_ROOM: &[&str] =
    &["model", "language", "world", "upstream", "policy", "reference", "load", "checks", "runner", "reports"];

/// Crate, folder, and the rooms it may depend on.
const ROOMS: &[(&str, &str, &[&str])] = &[
    ("upstorm-model", "scenarios/model", &[]),
    ("upstorm-language", "scenarios/language", &["model"]),
    ("upstorm-world", "simulator/world", &["model"]),
    ("upstorm-upstream", "simulator/upstream", &["model", "world"]),
    ("upstorm-policy", "harness/policy", &["model"]),
    ("upstorm-reference", "harness/reference", &["policy", "world", "model"]),
    ("upstorm-load", "harness/load", &["model", "world"]),
    ("upstorm-checks", "harness/checks", &["model", "policy"]),
    (
        "upstorm-runner",
        "harness/runner",
        &["model", "world", "upstream", "policy", "reference", "load", "checks"],
    ),
    ("upstorm-reports", "reports", &["model"]),
    ("upstorm", "harness/cli", EVERY_ROOM),
    ("upstorm-benches", "benches", EVERY_ROOM),
];

/// Libraries that a room must not touch, for what they would let in.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("upstorm-model", &["tokio", "hyper", "socket2", "futures-util", "tower"]),
    ("upstorm-language", &["tokio", "hyper", "tower"]),
    ("upstorm-policy", &["hyper", "hyper-util", "socket2"]),
    ("upstorm-checks", &["tokio", "hyper", "tower"]),
    ("upstorm-reports", &["tokio", "hyper", "tower"]),
];

fn manifest(folder: &str) -> toml::Table {
    let path = top().join(folder).join("Cargo.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn names(manifest: &toml::Table, section: &str) -> Vec<String> {
    manifest
        .get(section)
        .and_then(toml::Value::as_table)
        .map(|t| t.keys().cloned().collect())
        .unwrap_or_default()
}

#[test]
fn every_room_depends_only_on_what_it_may() {
    for (name, folder, may) in ROOMS {
        let manifest = manifest(folder);
        assert_eq!(manifest["package"]["name"].as_str(), Some(*name), "{folder}");
        for dependency in names(&manifest, "dependencies") {
            if let Some(room) = dependency.strip_prefix("upstorm-") {
                assert!(
                    may.contains(&room),
                    "{name} may not depend on {dependency}: see the table in this test"
                );
            }
            let forbidden = FORBIDDEN.iter().find(|(room, _)| room == name).map_or(&[][..], |(_, list)| list);
            assert!(!forbidden.contains(&dependency.as_str()), "{name} must not know {dependency}");
        }
    }
}

#[test]
fn the_workspace_holds_exactly_these_rooms() {
    let workspace = manifest("");
    let members = workspace["workspace"]["members"].as_array().expect("members are a list");
    let mut members: Vec<&str> = members.iter().filter_map(toml::Value::as_str).collect();
    let mut rooms: Vec<&str> = ROOMS.iter().map(|(_, folder, _)| *folder).collect();
    members.sort_unstable();
    rooms.sort_unstable();
    assert_eq!(members, rooms);
}

#[test]
fn every_room_takes_the_lints_of_the_workspace() {
    for (name, folder, _) in ROOMS {
        let lints =
            manifest(folder).get("lints").and_then(|l| l.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(lints, Some(true), "{name} has `[lints] workspace = true`");
    }
}

#[test]
fn no_library_brings_the_entropy_of_the_machine() {
    let workspace = manifest("");
    let libraries = workspace["workspace"]["dependencies"].as_table().expect("a table");
    let by_name: BTreeMap<&str, String> =
        libraries.iter().map(|(k, v)| (k.as_str(), v.to_string())).collect();
    for library in ["rand", "rand_chacha", "rand_distr"] {
        let entry = &by_name[library];
        assert!(entry.contains("default-features = false"), "{library} without its default features");
        for feature in ["thread_rng", "sys_rng", "std_math"] {
            assert!(!entry.contains(feature), "{library} without {feature}");
        }
    }
}
