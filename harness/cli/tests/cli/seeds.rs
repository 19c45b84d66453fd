//! `upstorm run --seeds N`: how often each check held, and which seed to look into.

use std::io::{BufRead, BufReader};
use std::process::Command;

use serde_json::Value;

use crate::binary::{Ran, SHORT, Workplace};

/// One call in seven fails, and a hundred calls just do not always tell that from one in thirty.
fn undecided() -> String {
    SHORT
        .replace("latency = \"5ms\"", "latency = \"5ms\"\nstatus = { 200 = \"86%\", 503 = \"14%\" }")
        .replace("preset = \"standard\"", "preset = \"none\"")
        .replace("[[phase]]", "[run]\nworld = \"sim\"\nwarmup = \"100ms\"\n\n[[phase]]")
        .replace("availability = \"90%\"", "availability = \"97%\"")
}

fn seeds_of(place: &Workplace, out: &str) -> Value {
    serde_json::from_str(&place.read(&format!("{out}/seeds.json"))).expect("seeds.json is JSON")
}

/// Without what differs from machine to machine.
fn told(ran: &Ran) -> Vec<String> {
    ran.out.lines().filter(|line| !line.contains("virtual seconds")).map(str::to_owned).collect()
}

#[test]
fn the_outcome_is_the_same_whichever_thread_was_first() {
    let place = Workplace::new();
    place.write("undecided.toml", undecided());
    let run = |out: &str| place.run(&["run", "undecided.toml", "--seeds", "12", "--out", out, "--quiet"]);
    let (first, second) = (run("first"), run("second"));
    assert_eq!((first.code, told(&first)), (second.code, told(&second)));
    let [mut one, mut two] = ["first", "second"].map(|out| seeds_of(&place, out));
    for seeds in [&mut one, &mut two] {
        let pace = seeds.as_object_mut().and_then(|s| s.remove("pace")).expect("the pace is told");
        assert!(pace["wall_seconds"].as_f64().is_some_and(|wall| wall > 0.0));
    }
    assert_eq!(one, two);
    let runs: Vec<u64> =
        one["runs"].as_array().expect("runs").iter().filter_map(|run| run["seed"].as_u64()).collect();
    assert_eq!(runs, (1..=12).collect::<Vec<u64>>());
}

#[test]
fn the_first_seed_that_failed_has_its_folder_and_its_command_reproduces_it() {
    let place = Workplace::new();
    place.write("undecided.toml", undecided());
    let ran = place.run(&["run", "undecided.toml", "--seeds", "12", "--out", "run", "--quiet"]);
    assert_eq!(ran.code, 10, "{}{}", ran.out, ran.err);
    for file in ["scenario.toml", "plan.json", "seeds.json", "report.html", "summary.md", "junit.xml"] {
        assert!(place.path().join("run").join(file).metadata().is_ok_and(|m| m.len() > 0), "{file}");
    }
    let seeds = seeds_of(&place, "run");
    let schema = serde_json::from_str(&place.run(&["schema", "--seeds"]).out).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    assert!(validator.is_valid(&seeds), "{:?}", validator.iter_errors(&seeds).next().map(|e| e.to_string()));
    let runs = seeds["runs"].as_array().expect("runs").clone();
    let first = |code: u64| runs.iter().find(|run| run["exit_code"] == code).map(|run| run["seed"].clone());
    let failed = first(10).expect("some seed failed");
    assert!(first(12).is_some() || first(0).is_some(), "not all of them: {runs:?}");
    let folder = format!("run/seed-{failed}");
    let command = format!("{} --seed {failed}", seeds["seed_command"].as_str().expect("a command"));
    assert!(ran.out.contains(&command), "{command} in\n{}", ran.out);
    let words: Vec<&str> = command.split_whitespace().skip(1).chain(["--out", "again", "--quiet"]).collect();
    let again = place.run(&words);
    assert_eq!(again.code, 10, "{}{}", again.out, again.err);
    let recording =
        |folder: &str| std::fs::read(place.path().join(folder).join("recording.bin")).expect("bytes");
    assert!(recording(&folder) == recording("again"), "the same bytes");
    assert_eq!(place.run(&["replay", &folder, "--quiet"]).code, 0);

    let judged = place.run(&["judge", "run"]);
    assert!(judged.code == 2 && judged.err.contains("seed-"), "one of them must be named: {}", judged.err);
    std::fs::remove_file(place.path().join("run/report.html")).expect("there is one");
    assert_eq!(place.run(&["report", "run"]).code, 0);
    assert!(place.path().join("run/report.html").exists(), "rendered again");
    let over = place.run(&["run", "undecided.toml", "--seeds", "2", "--out", "run", "--quiet"]);
    assert!([0, 10, 12].contains(&over.code), "an earlier run of seeds is taken over: {}", over.err);
}

#[test]
fn a_scenario_asks_for_seeds_itself_and_the_command_line_wins() {
    let place = Workplace::new();
    place.write("undecided.toml", undecided().replace("world = \"sim\"", "world = \"sim\"\nseeds = 3"));
    let ran =
        place.run(&["run", "undecided.toml", "--out", "run", "--format", "json", "--report", "md=extra.md"]);
    let seeds: Value = serde_json::from_str(&ran.out).expect("stdout holds the results alone");
    assert_eq!((seeds["asked"].as_u64(), seeds["exit_code"].as_i64()), (Some(3), Some(i64::from(ran.code))));
    assert_eq!(place.read("extra.md"), place.read("run/summary.md"));
    assert!(ran.err.contains("3/3 seeds"), "progress in plain lines: {}", ran.err);
    place.run(&["run", "undecided.toml", "--seeds", "1", "--out", "one", "--quiet"]);
    assert!(place.path().join("one/results.json").exists() && !place.path().join("one/seeds.json").exists());
}

#[test]
fn over_real_sockets_seeds_go_one_after_another() {
    let place = Workplace::new();
    place.write("short.toml", SHORT);
    let ran = place.run(&["run", "short.toml", "--seeds", "2", "--out", "run"]);
    assert!([0, 12].contains(&ran.code), "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("one after another"), "{}", ran.err);
    assert_eq!(seeds_of(&place, "run")["runs"].as_array().map(Vec::len), Some(2));
}

#[test]
fn ctrl_c_judges_and_writes_the_seeds_that_are_done() {
    let place = Workplace::new();
    place.write("undecided.toml", undecided());
    let mut child = place.start(&["run", "undecided.toml", "--seeds", "100000", "--out", "run"]);
    let mut lines =
        BufReader::new(child.stderr.take().expect("stderr is piped")).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("running")), "it begins");
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    std::thread::spawn(move || lines.for_each(drop));
    let ran = Ran::from(child.wait_with_output().expect("it ends"));
    assert_eq!(ran.code, 130, "{}", ran.out);
    let seeds = seeds_of(&place, "run");
    assert_eq!((seeds["partial"].as_bool(), seeds["exit_code"].as_i64()), (Some(true), Some(130)));
    assert!(seeds["runs"].as_array().is_some_and(|runs| runs.len() < 100_000));
}
