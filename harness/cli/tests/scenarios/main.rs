//! Every built-in scenario over real sockets: a sound subject holds it, and a broken twin fails the right check.
//!
//! A scenario that no subject can fail proves nothing. The runs wait on sockets and timers, not on the processor, so
//! several go side by side.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Stdio};

/// A scenario, what breaks its subject, and the checks that must then fail.
struct Row {
    scenario: &'static str,
    twin: &'static str,
    fails: &'static [&'static str],
}

const ROWS: &[Row] = &[
    Row { scenario: "steady", twin: "gateway.edge.preset=none", fails: &["keeps its promises"] },
    Row {
        scenario: "retry-storm",
        twin: "gateway.edge.preset=naive",
        fails: &["amplification", "retry budget", "jitter"],
    },
    Row { scenario: "brownout", twin: "gateway.edge.preset=no-jitter", fails: &["jitter"] },
    Row {
        scenario: "hard-outage",
        twin: "gateway.edge.preset=stuck-half-open",
        fails: &["breaker", "recovers"],
    },
    Row {
        scenario: "rate-limited",
        twin: "gateway.edge.preset=ignores-retry-after",
        fails: &["waits as long as it was told"],
    },
    Row { scenario: "connection-resets", twin: "gateway.edge.preset=none", fails: &["keeps its promises"] },
    Row {
        scenario: "partition",
        twin: "gateway.edge.preset=stuck-half-open",
        fails: &["breaker", "recovers"],
    },
];

struct Ran {
    code: i32,
    verdicts: Vec<(String, String)>,
    shown: String,
}

fn run(folder: &Path, args: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_upstorm"))
        .args(["run", "--quiet", "--format", "json"])
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    let results: serde_json::Value = serde_json::from_str(&shown)
        .unwrap_or_else(|e| panic!("{args:?}: {e}: {}", String::from_utf8_lossy(&output.stderr)));
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    let findings = results["findings"].as_array().cloned().unwrap_or_default();
    let verdicts = findings.iter().map(|f| (text(&f["check"]), text(&f["verdict"]))).collect();
    let shown = findings.iter().filter(|f| f["verdict"] != "held").map(|f| format!("{f:#}\n")).collect();
    Ran { code: output.status.code().unwrap_or(-1), verdicts, shown }
}

/// Where the tool itself says that the machine was too noisy to tell, it is asked again.
fn run_until_told(folder: &Path, args: &[&str]) -> Ran {
    let mut ran = run(folder, args);
    for _ in 0..2 {
        if ![12, 21].contains(&ran.code) {
            break;
        }
        ran = run(folder, args);
    }
    ran
}

fn a_sound_subject_holds(row: &Row, folder: &Path) {
    let ran = run_until_told(folder, &[row.scenario]);
    assert_eq!(ran.code, 0, "{} with its sound subject:\n{}", row.scenario, ran.shown);
}

fn the_twin_fails_the_right_check(row: &Row, folder: &Path) {
    let ran = run_until_told(folder, &[row.scenario, "--set", row.twin]);
    assert_eq!(ran.code, 10, "{} with {}:\n{}", row.scenario, row.twin, ran.shown);
    for check in row.fails {
        let verdict =
            ran.verdicts.iter().find(|(name, _)| name == check).map(|(_, verdict)| verdict.as_str());
        assert_eq!(verdict, Some("failed"), "{} with {}: `{check}`\n{}", row.scenario, row.twin, ran.shown);
    }
}

#[test]
fn every_built_in_scenario_is_in_the_table() {
    for scenario in upstorm_language::library::BUILT_IN {
        assert!(ROWS.iter().any(|row| row.scenario == scenario.name), "{} has no row", scenario.name);
    }
}

#[test]
fn sound_subjects_hold_and_broken_twins_fail() {
    const AT_ONCE: usize = 4;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path();
    let jobs: Vec<(bool, &Row)> = ROWS.iter().flat_map(|row| [(true, row), (false, row)]).collect();
    for batch in jobs.chunks(AT_ONCE) {
        std::thread::scope(|scope| {
            for (sound, row) in batch {
                scope.spawn(move || {
                    if *sound {
                        a_sound_subject_holds(row, place)
                    } else {
                        the_twin_fails_the_right_check(row, place)
                    }
                });
            }
        });
    }
}
