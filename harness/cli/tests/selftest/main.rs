//! The selftest as a user runs it: the whole sabotage table in the simulated world, and no wrong verdict.
//!
//! A gate is worth what its verdicts are worth. Which subjects each check is tried on stands in the table of the command;
//! that the table leaves out no check and no broken twin is tested beside it.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use upstorm_checks::CHECKS;
use upstorm_reports::SelftestResults;

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_upstorm"));
    command.arg("selftest").args(args).env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// What it prints as JSON, with its exit code.
fn results(args: &[&str]) -> (i32, SelftestResults) {
    let ran = command(args).args(["--format", "json", "--quiet"]).output().expect("the binary starts");
    let text = String::from_utf8_lossy(&ran.stdout);
    let results = upstorm_reports::selftest::json::read(&text);
    let results = results.unwrap_or_else(|e| panic!("{e}: {text}{}", String::from_utf8_lossy(&ran.stderr)));
    (ran.status.code().unwrap_or(-1), results)
}

#[test]
fn every_check_holds_its_sound_subjects_and_fails_its_broken_ones_with_every_seed() {
    let (code, results) = results(&["--seeds", "20"]);
    let page = upstorm_reports::selftest::terminal::render(&results, upstorm_reports::Style::default());
    assert_eq!((code, results.exit_code), (0, 0), "{page}");
    let (n, verdicts) = (results.subjects.len() as u64, results.verdicts);
    assert_eq!((verdicts.right, verdicts.total(), results.partial), (20 * n, 20 * n, false), "{page}");
    let tried: BTreeSet<&str> = results.subjects.iter().map(|row| row.check.as_str()).collect();
    let checks: BTreeSet<&str> = CHECKS.iter().map(|check| check.key).collect();
    assert_eq!(tried, checks);
}

#[test]
fn the_same_seeds_give_the_same_verdicts_and_the_document_keeps_to_its_schema() {
    let args = ["--check", "herd", "--check", "fresh", "--seeds", "3", "--seed", "7"];
    let [first, second] = [0, 1].map(|_| SelftestResults { seconds: 0.0, ..results(&args).1 });
    assert_eq!(first, second);
    assert_eq!(first.command, "upstorm selftest --check herd --check fresh --seeds 3 --seed 7");
    let checks: BTreeSet<&str> = first.subjects.iter().map(|row| row.check.as_str()).collect();
    assert_eq!(checks, BTreeSet::from(["herd", "fresh"]));
    let schema: Value = upstorm_reports::selftest_schema();
    let document = serde_json::to_value(&first).expect("it is JSON");
    let errors: Vec<String> = jsonschema::draft7::new(&schema)
        .expect("a schema")
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn what_is_no_check_is_refused_with_the_one_that_was_meant() {
    let ran = command(&["--check", "retry-budget"]).output().expect("the binary starts");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(2), "{said}");
    assert!(said.contains("did you mean `retry_budget`?"), "{said}");
    assert_eq!(command(&["--seeds", "0"]).output().expect("the binary starts").status.code(), Some(2));
    let last = command(&["--check", "herd", "--seed", &u64::MAX.to_string()]).output().expect("it starts");
    assert_eq!(last.status.code(), Some(2), "{}", String::from_utf8_lossy(&last.stderr));
}

#[test]
fn ctrl_c_prints_what_was_tried_until_then() {
    let mut child = command(&["--check", "herd", "--seeds", "100000", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    wait_until_it_tries(&mut child);
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let mut text = String::new();
    child.stdout.take().expect("stdout is piped").read_to_string(&mut text).expect("it is text");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let results = upstorm_reports::selftest::json::read(&text).expect("results");
    assert_eq!((results.exit_code, results.partial), (130, true));
}

/// Waits for the line that says that it begins, and reads on in the background.
fn wait_until_it_tries(child: &mut Child) {
    let stderr = child.stderr.take().expect("stderr is piped");
    let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("trying")), "it says that it begins");
    std::thread::spawn(move || lines.for_each(drop));
}
