//! `upstorm run` of a scenario with a matrix: all its variants, side by side.

use serde_json::Value;

use crate::binary::{Ran, Workplace};

const COMPARED: &str = r#"
version = 1
name = "compared"

[run]
world = "sim"
warmup = "200ms"

[upstream.payments]
latency = "5ms"
status = { 200 = "80%", 503 = "20%" }

[gateway.edge]
target = "payments"

[client.shoppers]
target = "edge"
rate = "100/s"
timeout = "1s"

[[phase]]
name = "steady"
duration = "3s"

[[check]]
name = "served"
slo = { of = "shoppers", availability = "90%" }

[matrix]
axes = { "gateway.edge.preset" = ["retry", "none"] }
baseline = { "gateway.edge.preset" = "none" }
gate = ["preset=retry"]
seeds = 3
"#;

fn matrix_of(place: &Workplace, out: &str) -> Value {
    serde_json::from_str(&place.read(&format!("{out}/matrix.json"))).expect("matrix.json is JSON")
}

fn compared(place: &Workplace, args: &[&str]) -> Ran {
    place.write("compared.toml", COMPARED);
    place.run(&[&["run", "compared.toml", "--quiet"], args].concat())
}

#[test]
fn all_variants_are_run_compared_and_written() {
    let place = Workplace::new();
    let ran = compared(&place, &["--out", "run"]);
    assert_eq!(ran.code, 0, "the variant without retries fails, and does not count: {}{}", ran.out, ran.err);
    for word in ["preset=none", "(baseline, not", "preset=retry", "goodput", "attempts", "held 3"] {
        assert!(ran.out.contains(word), "{word} in\n{}", ran.out);
    }
    let matrix = matrix_of(&place, "run");
    let schema = serde_json::from_str(&place.run(&["schema", "--matrix"]).out).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    assert!(
        validator.is_valid(&matrix),
        "{:?}",
        validator.iter_errors(&matrix).next().map(|e| e.to_string())
    );
    let variants = matrix["variants"].as_array().expect("variants");
    let labels: Vec<&str> = variants.iter().filter_map(|v| v["label"].as_str()).collect();
    assert_eq!(labels, ["preset=none", "preset=retry"], "the baseline comes first");
    let goodput = &variants[1]["figures"][0];
    assert!(goodput["ratio"]["low"].as_f64().is_some_and(|low| low > 1.0), "retries help: {goodput}");
    assert_eq!(goodput["difference"]["n"].as_u64(), Some(3));
    let amplification = &variants[1]["figures"][6];
    assert!(amplification["mean"]["value"].as_f64().is_some_and(|n| n > 1.1), "{amplification}");
    for file in ["scenario.toml", "summary.md", "junit.xml", "variants/preset=none/seeds.json"] {
        assert!(place.path().join("run").join(file).metadata().is_ok_and(|m| m.len() > 0), "{file}");
    }
    assert!(place.read("run/variants/preset=none/report.html").contains("compared [preset=none]"));
    assert!(place.read("run/junit.xml").contains("compared[preset=retry]"));
}

#[test]
fn a_run_of_one_variant_is_reproduced_replayed_and_judged_by_itself() {
    let place = Workplace::new();
    compared(&place, &["--out", "run"]);
    let matrix = matrix_of(&place, "run");
    let none = &matrix["variants"][0]["seeds"];
    let seed = none["checks"][0]["first_failed"].as_u64().expect("some seed failed");
    let command = format!("{} --seed {seed}", none["seed_command"].as_str().expect("a command"));
    assert!(command.contains("--variant preset=none"), "{command}");
    let words: Vec<&str> = command.split_whitespace().skip(1).chain(["--out", "again", "--quiet"]).collect();
    let again = place.run(&words);
    assert_eq!(again.code, 10, "alone, its checks count: {}{}", again.out, again.err);
    assert!(again.out.contains("compared [preset=none]"), "{}", again.out);
    let folder = format!("run/variants/preset=none/seed-{seed}");
    let recording = |of: &str| std::fs::read(place.path().join(of).join("recording.bin")).expect("bytes");
    assert!(recording(&folder) == recording("again"), "the same bytes");
    assert_eq!(place.run(&["replay", &folder, "--quiet"]).code, 0);
    assert_eq!(place.run(&["judge", &folder, "--scenario", "compared.toml"]).code, 10);
    for command in ["judge", "replay"] {
        let whole = place.run(&[command, "run"]);
        assert!(whole.code == 2 && whole.err.contains("variants/preset=none/seed-"), "{}", whole.err);
        let variant = place.run(&[command, "run/variants/preset=none"]);
        assert!(variant.code == 2 && variant.err.contains("preset=none/seed-"), "{}", variant.err);
    }
    assert_eq!(place.run(&["report", "run/variants/preset=none"]).code, 0);
    std::fs::remove_file(place.path().join("run/summary.md")).expect("there is one");
    assert_eq!(place.run(&["report", "run"]).code, 0);
    assert!(place.path().join("run/summary.md").exists(), "rendered again");
}

#[test]
fn the_same_matrix_gives_the_same_document_and_takes_an_earlier_one_over() {
    let place = Workplace::new();
    let document = || {
        let ran = compared(&place, &["--out", "run"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let mut matrix = matrix_of(&place, "run");
        matrix.as_object_mut().and_then(|m| m.remove("pace")).expect("the pace is told");
        matrix
    };
    assert_eq!(document(), document());
}

#[test]
fn variants_are_picked_and_the_command_line_wins_over_the_seeds() {
    let place = Workplace::new();
    let ran =
        compared(&place, &["--out", "run", "--variant", "preset=*", "--seeds", "2", "--format", "json"]);
    let matrix: Value = serde_json::from_str(&ran.out).expect("stdout holds the results alone");
    assert_eq!((matrix["asked"].as_u64(), matrix["variants"].as_array().map(Vec::len)), (Some(2), Some(2)));
    let one = compared(&place, &["--out", "one", "--variant", "preset=retry", "--seeds", "1"]);
    assert!(one.code == 0 && place.path().join("one/results.json").exists(), "{}{}", one.out, one.err);
    let three = compared(&place, &["--out", "three", "--variant", "preset=retry"]);
    assert!(three.code == 0 && place.path().join("three/seeds.json").exists(), "{}{}", three.out, three.err);
    let ungated = COMPARED.replace("gate = [\"preset=retry\"]\n", "");
    place.write("ungated.toml", ungated);
    assert_eq!(place.run(&["run", "ungated.toml", "--quiet", "--out", "all"]).code, 10, "all count");
}

#[test]
fn what_cannot_be_is_said_before_anything_runs() {
    let place = Workplace::new();
    for (args, said) in [
        (vec!["--variant", "preset=retri"], "did you mean `preset=retry`"),
        (vec!["--report", "html=page.html"], "no page of its own"),
        (vec!["--seed", "18446744073709551615"], "there are no 3 seeds"),
        (vec!["--set", "matrix.gate=[\"x\"]"], "S034"),
    ] {
        let ran = compared(&place, &args);
        assert!(ran.code == 2 && ran.err.contains(said), "{args:?}: {}", ran.err);
    }
    let plain = COMPARED.split("[matrix]").next().expect("the file without it").to_owned();
    place.write("plain.toml", plain);
    let ran = place.run(&["run", "plain.toml", "--variant", "*"]);
    assert!(ran.code == 2 && ran.err.contains("no [matrix]"), "{}", ran.err);
    assert!(!place.path().join("upstorm-runs").exists(), "nothing was run");
}

#[test]
fn the_matrix_is_explained_and_validated() {
    let place = Workplace::new();
    place.write("compared.toml", COMPARED);
    let explained = place.run(&["explain", "compared.toml"]).out;
    assert!(explained.contains("Matrix: 2 variants with 3 seeds each, 6 runs"), "{explained}");
    assert!(explained.contains("gateway.edge.preset = \"none\""), "{explained}");
    let validated = place.run(&["validate", "compared.toml"]);
    assert!(validated.out.contains("2 variants with 3 seeds each"), "{}", validated.out);
}

#[test]
fn over_real_sockets_variants_go_one_after_another() {
    let place = Workplace::new();
    place.write(
        "compared.toml",
        COMPARED.replace("world = \"sim\"", "world = \"real\"").replace("\"3s\"", "\"1s\""),
    );
    let ran = place.run(&["run", "compared.toml", "--seeds", "1", "--out", "run"]);
    assert!([0, 10, 12, 21].contains(&ran.code), "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("one after another") && ran.err.contains("preset=none: "), "{}", ran.err);
    let matrix = matrix_of(&place, "run");
    let runs = |index: usize| matrix["variants"][index]["seeds"]["runs"].as_array().map(Vec::len);
    assert_eq!((runs(0), runs(1)), (Some(1), Some(1)));
    assert!(place.path().join("run/variants/preset=none/seed-1/recording.bin").exists());
}
