//! Bad input: a clear error that points at the place, the right exit code, and nothing lost.

use std::net::TcpListener;

use crate::binary::{SHORT, Workplace};

#[test]
fn an_unknown_scenario_names_the_nearest() {
    let ran = Workplace::new().run(&["run", "retry-strom"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("did you mean the built-in `retry-storm`"), "{}", ran.err);
}

#[test]
fn every_error_of_a_file_comes_at_once_with_its_place() {
    let place = Workplace::new();
    let broken = SHORT
        .replace("latency = \"5ms\"", "latency = 5")
        .replace("preset = \"standard\"", "preset = \"standart\"");
    place.write("broken.toml", broken);
    let ran = place.run(&["run", "broken.toml"]);
    assert_eq!(ran.code, 2);
    for part in ["broken.toml:7:", "broken.toml:12:", "did you mean", "\"5ms\"", "S0"] {
        assert!(ran.err.contains(part), "{part} in:\n{}", ran.err);
    }
    assert!(!place.path().join("upstorm-runs").exists(), "nothing was started");
}

#[test]
fn odd_files_are_refused_without_a_panic() {
    let place = Workplace::new();
    place.write("empty.toml", "");
    place.write("bytes.toml", [0xff, 0xfe, 0x00, 0x41]);
    place.write("huge.toml", "# filler\n".repeat(400_000));
    place.write("a.toml", "version = 1\nextends = [\"b.toml\"]\n");
    place.write("b.toml", "version = 1\nextends = [\"a.toml\"]\n");
    for (file, word) in
        [("empty.toml", "version"), ("bytes.toml", "UTF-8"), ("huge.toml", "MiB"), ("a.toml", "circle")]
    {
        let ran = place.run(&["validate", file]);
        assert_eq!(ran.code, 2, "{file}: {}", ran.err);
        assert!(ran.err.contains(word), "{file} says `{word}`:\n{}", ran.err);
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
    }
    assert_eq!(place.run(&["validate", "/"]).code, 2, "a folder is no scenario");
    if std::path::Path::new("/dev/zero").exists() {
        let ran = place.run(&["validate", "/dev/zero"]);
        assert!(ran.code == 2 && ran.err.contains("64 MiB"), "a device that never ends: {}", ran.err);
    }
}

#[test]
fn a_wrong_override_points_at_itself() {
    let place = Workplace::new();
    place.write("short.toml", SHORT);
    let ran = place.run(&["run", "short.toml", "--set", "gateway.edge.preset=nave"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--set") && ran.err.contains("naive"), "{}", ran.err);
}

#[test]
fn what_this_version_cannot_do_is_refused_by_name() {
    let place = Workplace::new();
    place.write("short.toml", SHORT);
    for args in [
        &["run", "short.toml", "--baseline", "x"][..],
        &["compare", "a", "b"],
        &["probe", "http://127.0.0.1:1"],
        &["serve", "short.toml", "--watch"],
    ] {
        let ran = place.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains("not supported by this version"), "{args:?}: {}", ran.err);
    }
}

#[test]
fn a_port_in_use_is_21_and_names_port_and_key() {
    let place = Workplace::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port();
    place.write("short.toml", SHORT);
    let set = format!("upstream.payments.listen=127.0.0.1:{port}");
    let ran = place.run(&["run", "short.toml", "--quiet", "--set", &set]);
    assert_eq!(ran.code, 21, "{}", ran.err);
    assert!(
        ran.err.contains(&port.to_string()) && ran.err.contains("upstream.payments.listen"),
        "{}",
        ran.err
    );
}

#[test]
fn an_unwritable_place_is_said_before_the_run() {
    let place = Workplace::new();
    place.write("short.toml", SHORT);
    place.write("file", "not a folder");
    let ran = place.run(&["run", "short.toml", "--out", "file/below"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("file/below") && !ran.err.contains("running"), "{}", ran.err);
    let ran = place.run(&["run", "short.toml", "--report", "md=nowhere/summary.md"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("nowhere/summary.md") && !ran.err.contains("running"), "{}", ran.err);
    place.write("keep.txt", "mine");
    let ran = place.run(&["run", "short.toml", "--out", "."]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(place.read("keep.txt"), "mine");
}

#[test]
fn a_number_of_seeds_that_makes_no_sense_is_refused() {
    let place = Workplace::new();
    place.write("short.toml", SHORT);
    for seeds in ["0", "-1", "many", "1.5", "4294967296", "1000001"] {
        let ran = place.run(&["run", "short.toml", &format!("--seeds={seeds}")]);
        assert_eq!(ran.code, 2, "{seeds}: {}", ran.err);
        assert!(ran.err.contains("--seeds"), "{seeds}: {}", ran.err);
    }
    let last = u64::MAX.to_string();
    let ran = place.run(&["run", "short.toml", "--seed", &last, "--seeds", "2"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("smaller --seed"), "{}", ran.err);
    assert!(!place.path().join("upstorm-runs").exists(), "nothing was started");
}

/// A caller without a pause, over links without a delay: each call ends when it began, and time never passes.
const STILL: &str = r#"
version = 1
name = "still"

[run]
world = "sim"
network = { delay = "0ms", jitter = "0ms", bandwidth = "1000GiB/s" }

[upstream.payments]
latency = "0ms"
body = { size = "0B" }

[client.shoppers]
target = "payments"
users = 1

[[phase]]
name = "always"
duration = "1s"
"#;

#[test]
fn a_scenario_without_an_end_is_given_up_with_a_reason_and_judged() {
    let place = Workplace::new();
    place.write("still.toml", STILL);
    let ran = place.run(&["run", "still.toml", "--out", "run", "--quiet"]);
    assert_eq!(ran.code, 21, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("given up") && ran.err.contains("time stands still"), "{}", ran.err);
    let results: serde_json::Value = serde_json::from_str(&place.read("run/results.json")).expect("JSON");
    assert_eq!((&results["exit_code"], &results["partial"]), (&21.into(), &"given-up".into()));
    assert!(
        place.path().join("run/report.html").exists()
            && place.read("run/summary.md").contains("was given up")
    );
    let judged = place.run(&["judge", "run"]);
    assert_eq!(judged.code, 21, "it is no better when judged again: {}", judged.out);
}

#[test]
fn other_programs_cannot_reach_the_simulated_world() {
    let place = Workplace::new();
    place.write("short.toml", SHORT);
    let ran = place.run(&["serve", "short.toml", "--world", "sim"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("--world sim") && ran.err.contains("serve"), "{}", ran.err);
}

#[test]
fn judging_a_folder_that_is_no_run_says_so() {
    let place = Workplace::new();
    let ran = place.run(&["judge", "."]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("is not a run folder"), "{}", ran.err);
}
