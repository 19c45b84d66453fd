//! Interrupted and killed runs: what was recorded is still judged.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command};

use crate::binary::{Ran, SHORT, Workplace};

fn long(place: &Workplace) -> Child {
    lasting(place, "2m", "real")
}

/// A run whose second phase lasts so long in this world.
fn lasting(place: &Workplace, duration: &str, world: &str) -> Child {
    place.write(
        "long.toml",
        SHORT
            .replace("duration = \"1s\"", &format!("duration = \"{duration}\""))
            .replace("[[phase]]", "[[phase]]\nname = \"first\"\nduration = \"1s\"\n\n[[phase]]"),
    );
    place.start(&["run", "long.toml", "--out", "run", "--world", world])
}

/// Waits until the first phase is over, which its progress line tells.
fn wait_for_first_phase(child: &mut Child) {
    let stderr = child.stderr.take().expect("stderr is piped");
    let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("first")), "the first phase is reported");
    // Read on in the background, so that the child never waits for a reader.
    std::thread::spawn(move || lines.for_each(drop));
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
}

#[test]
fn ctrl_c_judges_and_writes_and_exits_130() {
    for (name, code) in [("-INT", 130), ("-TERM", 143)] {
        let place = Workplace::new();
        let mut child = long(&place);
        wait_for_first_phase(&mut child);
        signal(&child, name);
        let ran = Ran::from(child.wait_with_output().expect("it ends"));
        assert_eq!(ran.code, code, "{}", ran.out);
        let results: serde_json::Value = serde_json::from_str(&place.read("run/results.json")).expect("JSON");
        assert_eq!(results["exit_code"], code);
        assert!(ran.out.contains("interrupted") || ran.out.contains("partial"), "{}", ran.out);
        assert!(place.path().join("run/report.html").exists());
    }
}

#[test]
fn a_simulated_run_is_interrupted_in_the_same_way_and_its_replay_agrees_up_to_there() {
    let place = Workplace::new();
    let mut child = lasting(&place, "10m", "sim");
    wait_for_first_phase(&mut child);
    signal(&child, "-INT");
    let ran = Ran::from(child.wait_with_output().expect("it ends"));
    assert_eq!(ran.code, 130, "{}", ran.out);
    let results: serde_json::Value = serde_json::from_str(&place.read("run/results.json")).expect("JSON");
    assert_eq!((&results["exit_code"], &results["partial"]), (&130.into(), &"interrupted".into()));
    let replayed = place.run(&["replay", "run", "--quiet"]);
    assert_eq!(replayed.code, 0, "{}{}", replayed.out, replayed.err);
    assert!(replayed.out.contains("up to the interruption"), "{}", replayed.out);
}

#[test]
fn a_killed_run_is_judged_up_to_where_it_got() {
    let place = Workplace::new();
    let mut child = long(&place);
    wait_for_first_phase(&mut child);
    signal(&child, "-KILL");
    child.wait().expect("it ends");
    let judged = place.run(&["judge", "run"]);
    assert!(judged.out.contains("was killed"), "{}{}", judged.out, judged.err);
    let results: serde_json::Value = serde_json::from_str(&place.read("run/results.json")).expect("JSON");
    assert_eq!(results["partial"], "killed");
    let sent: u64 = results["phases"][0]["sent"].as_u64().unwrap_or(0);
    assert!(sent > 50, "most of the first phase was saved: {sent}");
}
