//! Everything the README shows is executed: its commands run, its files are scenarios, its tables are complete.

use crate::binary::Workplace;

/// A fenced block, with the comment in the line before it.
struct Block {
    language: String,
    note: String,
    text: String,
}

pub(crate) fn readme() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    std::fs::read_to_string(path).expect("there is a README")
}

fn blocks() -> Vec<Block> {
    let readme = readme();
    let lines: Vec<&str> = readme.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some(language) = lines[at].strip_prefix("```").filter(|l| !l.is_empty()) {
            let length = lines[at + 1..].iter().position(|l| *l == "```").expect("every block is closed");
            let note = at.checked_sub(1).map_or("", |before| lines[before]).to_owned();
            found.push(Block {
                language: language.to_owned(),
                note,
                text: lines[at + 1..=at + length].join("\n"),
            });
            at += length + 1;
        }
        at += 1;
    }
    assert!(found.len() > 5, "the README shows commands and files");
    found
}

/// The arguments of a line that calls the tool.
fn arguments(line: &str) -> Option<Vec<&str>> {
    let line = line.split(" #").next().unwrap_or_default().trim();
    let rest = line.strip_prefix("cargo run --release -- ").or_else(|| line.strip_prefix("upstorm "))?;
    Some(rest.split_whitespace().collect())
}

#[test]
fn its_files_are_sound_and_its_commands_do_what_it_says() {
    let place = Workplace::new();
    let mut executed = 0;
    for block in blocks() {
        if block.language == "toml" {
            let name = block
                .text
                .lines()
                .next()
                .and_then(|l| l.strip_prefix("# file: "))
                .expect("a file has a name");
            place.write(name, &block.text);
            let ran = place.run(&["validate", name]);
            assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        }
        if block.language == "sh" && !block.note.starts_with("<!-- not run: ") {
            let expected = block.note.strip_prefix("<!-- exits ").and_then(|n| n.strip_suffix(" -->"));
            let expected: i32 = expected.map_or(0, |n| n.parse().expect("an exit code"));
            for line in block.text.lines() {
                let Some(args) = arguments(line) else { continue };
                let ran = run_unless_too_noisy(&place, &args);
                assert_eq!(ran, expected, "`{line}` exits {expected}");
                executed += 1;
            }
        }
    }
    assert!(executed >= 5, "only {executed} commands were executed");
}

/// Where the tool itself says that this machine was too noisy to tell, it is asked again.
fn run_unless_too_noisy(place: &Workplace, args: &[&str]) -> i32 {
    let mut code = place.run(args).code;
    for _ in 0..2 {
        if ![12, 21].contains(&code) {
            break;
        }
        code = place.run(args).code;
    }
    code
}

#[test]
fn its_commands_for_a_fresh_machine_are_there() {
    let readme = readme();
    assert!(readme.contains("cargo run --release -- run retry-storm"));
    assert!(readme.contains("cargo test --workspace"));
}

#[test]
fn its_pictures_and_links_are_there() {
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = readme();
    let targets = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let local: Vec<&str> =
        targets.filter(|target| !target.contains("://") && !target.starts_with('#')).collect();
    assert!(!local.is_empty(), "there is a picture of a report");
    for target in local {
        assert!(top.join(target).exists(), "{target}");
    }
}

#[test]
fn its_tables_are_complete() {
    let readme = readme();
    for scenario in upstorm_language::library::BUILT_IN {
        assert!(readme.contains(&format!("`{}`", scenario.name)), "the scenario {}", scenario.name);
    }
    for check in upstorm_checks::CHECKS {
        assert!(readme.contains(&format!("`{}`", check.key)), "the check {}", check.key);
    }
    for preset in upstorm_model::policy::PRESETS {
        assert!(readme.contains(&format!("`{}`", preset.name)), "the preset {}", preset.name);
    }
    for fault in upstorm_upstream::FAULTS {
        assert!(readme.contains(&format!("`{}`", fault.key)), "the fault {}", fault.key);
    }
}
