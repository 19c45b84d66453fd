//! Over real sockets, once: the runs wait on sockets and timers, not on the processor, so several go side by side.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::rows::{ROWS, Row, Twin};

struct Ran {
    code: i32,
    verdicts: Vec<(String, String)>,
    shown: String,
}

fn run(folder: &Path, args: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_upstorm"))
        .args(["run", "--quiet", "--world", "real", "--format", "json"])
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

fn the_twin_fails_the_right_checks(row: &Row, twin: &Twin, folder: &Path) {
    let with = twin.told();
    let args: Vec<&str> = [row.scenario].into_iter().chain(with.split(' ')).collect();
    let ran = run_until_told(folder, &args);
    assert_eq!(ran.code, 10, "{} with {with}:\n{}", row.scenario, ran.shown);
    for check in twin.fails {
        let verdict =
            ran.verdicts.iter().find(|(name, _)| name == check).map(|(_, verdict)| verdict.as_str());
        let place = format!("{} with {with}: `{check}`", row.scenario);
        assert_eq!(verdict, Some("failed"), "{place}\n{}", ran.shown);
    }
}

#[test]
fn sound_subjects_hold_and_broken_twins_fail() {
    const AT_ONCE: usize = 4;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path();
    let of_row = |row: &'static Row| [(row, None), (row, row.twins.first())];
    let jobs: Vec<(&Row, Option<&Twin>)> = ROWS.iter().flat_map(of_row).collect();
    for batch in jobs.chunks(AT_ONCE) {
        std::thread::scope(|scope| {
            for (row, twin) in batch {
                scope.spawn(move || match twin {
                    None => a_sound_subject_holds(row, place),
                    Some(twin) => the_twin_fails_the_right_checks(row, twin, place),
                });
            }
        });
    }
}
