//! Every command does what its help says, on a run of its own.

use crate::binary::{SHORT, Workplace};

/// An upstream that takes 5 ms cannot keep this.
const STRICT_CHECK: &str = "slo = { of = \"shoppers\", p50 = \"1ms\" }";

fn strict() -> String {
    SHORT.replace("slo = { of = \"shoppers\", availability = \"90%\" }", STRICT_CHECK)
}

#[test]
fn a_run_leaves_a_whole_folder_and_can_be_judged_and_reported_again() {
    let place = Workplace::new();
    place.write("short.toml", SHORT);
    let ran = place.run(&["run", "short.toml", "--out", "run", "--report", "junit=extra.xml"]);
    assert!([0, 12].contains(&ran.code), "{}\n{}", ran.out, ran.err);
    for file in [
        "scenario.toml",
        "plan.json",
        "recording.bin",
        "results.json",
        "report.html",
        "summary.md",
        "junit.xml",
    ] {
        assert!(place.path().join("run").join(file).metadata().is_ok_and(|m| m.len() > 0), "{file}");
    }
    assert_eq!(place.read("run/junit.xml"), place.read("extra.xml"));
    assert_eq!(place.read("run/scenario.toml"), SHORT);
    assert!(ran.out.contains("availability"), "{}", ran.out);

    let judged = place.run(&["judge", "run", "--format", "json"]);
    let results: serde_json::Value = serde_json::from_str(&judged.out).expect("results are JSON");
    assert_eq!(results["scenario"], "short");

    place.write("strict.toml", strict());
    let stricter = place.run(&["judge", "run", "--scenario", "strict.toml"]);
    assert_eq!(
        stricter.code, 10,
        "an upstream that takes 5 ms cannot answer in 1 ms:\n{}{}",
        stricter.out, stricter.err
    );

    std::fs::remove_file(place.path().join("run/report.html")).expect("there is a report");
    let reported = place.run(&["report", "run"]);
    assert_eq!(reported.code, 0, "{}", reported.err);
    assert!(place.read("run/report.html").contains("<svg"));
    let results: serde_json::Value = serde_json::from_str(&place.read("run/results.json")).expect("JSON");
    assert_eq!(results["exit_code"], 10, "rendering again judges nothing anew");

    std::fs::remove_file(place.path().join("run/results.json")).expect("there are results");
    assert_eq!(place.run(&["report", "run"]).code, 0, "without results the recording is judged");
    assert!(place.read("run/results.json").contains("upstorm report run"));
}

#[test]
fn scenarios_are_listed_shown_and_copied() {
    let place = Workplace::new();
    let listed = place.run(&["scenarios", "list", "--all"]).out;
    let names: Vec<&str> =
        listed.lines().filter_map(|line| line.split_once("  ")).map(|(name, _)| name).collect();
    assert_eq!(names, upstorm_language::library::all().map(|s| s.name).collect::<Vec<_>>());
    for scenario in upstorm_language::library::all() {
        let (name, file) = (scenario.name, format!("copy-of-{}.toml", scenario.name.replace('/', "-")));
        let shown = place.run(&["scenarios", "show", name]).out;
        assert!(shown.starts_with('#'), "{name} opens with its story");
        assert_eq!(place.run(&["scenarios", "copy", name, &file]).code, 0);
        assert_eq!(place.read(&file), shown);
        assert_eq!(place.run(&["validate", &file]).code, 0);
    }
    assert_eq!(place.run(&["scenarios", "copy", "steady"]).code, 0, "its own name, without a file");
    let short = place.run(&["scenarios", "list"]).out;
    assert!(short.contains("retry-storm") && !short.contains("sabotage/"), "{short}");
    assert_eq!(place.run(&["scenarios", "copy", "steady"]).code, 2, "a file is never written over");
}

#[test]
fn schemas_explanations_and_completions_are_printed() {
    let place = Workplace::new();
    for args in [&["schema"][..], &["schema", "--results"], &["schema", "--seeds"]] {
        let schema: serde_json::Value = serde_json::from_str(&place.run(args).out).expect("JSON");
        assert!(schema["$schema"].as_str().is_some_and(|s| s.contains("draft-07")), "{args:?}");
    }
    let explained = place.run(&["explain", "retry-storm"]).out;
    assert!(explained.contains("edge") && explained.contains("max_attempts"), "{explained}");
    assert!(place.run(&["explain", "S001"]).out.len() > 40);
    assert_eq!(place.run(&["explain", "S999"]).code, 2);
    for (word, part) in
        [("jitter", "check jitter"), ("connect.refuse", "refused"), ("no-budget", "twin of standard")]
    {
        let told = place.run(&["explain", word]).out;
        assert!(told.contains(part), "{word}: {told}");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(place.run(&["completions", shell]).out.contains("upstorm"), "{shell}");
    }
}

#[test]
fn on_github_failures_become_annotations_and_a_summary() {
    let place = Workplace::new();
    place.write("strict.toml", strict());
    let summary = place.path().join("step.md");
    let mut command = place.command(&["run", "strict.toml", "--quiet", "--format", "json"]);
    let output =
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &summary).output().expect("starts");
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(10), "{out}");
    let results: serde_json::Value = serde_json::from_str(&out).expect("stdout holds the results alone");
    assert_eq!(results["exit_code"], 10);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("::error file=strict.toml,line="), "{err}");
    assert!(place.read("step.md").contains("availability"));
}
