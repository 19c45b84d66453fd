//! Headers and bans: what every file begins with, and what none may hold.

use std::fs;

use crate::sources::{rust_files, top};

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<String> =
        rust_files().iter().filter(|s| !s.text.starts_with("//!")).map(|s| s.path.clone()).collect();
    assert!(
        silent.is_empty(),
        "open each with `//!`: what it is, why it exists, what it leaves to others:\n{silent:#?}"
    );
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    let vague = ["utils", "util", "helpers", "helper", "common", "types", "misc"];
    let found: Vec<String> = rust_files()
        .iter()
        .map(|s| s.path.clone())
        .filter(|path| path.split(['/', '.']).any(|part| vague.contains(&part)))
        .collect();
    assert!(found.is_empty(), "name these for what they hold: {found:?}");
}

/// What may not stand in the code (tests aside), and why.
const BANNED: &[(&str, &str, &[&str])] = &[
    ("todo!(", "say by name that the program cannot do it yet, and refuse", &[]),
    ("unimplemented!(", "say by name that the program cannot do it yet, and refuse", &[]),
    (".unwrap()", "give the error to the caller", &[]),
    (".expect(", "give the error to the caller", &[]),
    ("#[allow(", "use #[expect(…, reason = …)], which tells when it is no longer needed", &[]),
    ("unsafe {", "the project has no unsafe code", &[]),
    ("thread_rng", "draws are keyed: use Dice", &[]),
    ("from_os_rng", "draws are keyed: use Dice", &[]),
    ("Instant::now", "use Clock::now", &["simulator/world/src/"]),
    ("SystemTime::now", "use Clock", &["simulator/world/src/real/"]),
    ("tokio::time::", "use Clock", &["simulator/world/src/"]),
    ("tokio::net::", "use Net", &["simulator/world/src/real/"]),
    ("HashMap<", "iteration order differs from run to run: use BTreeMap", &[]),
    ("HashSet<", "iteration order differs from run to run: use BTreeSet", &[]),
];

#[test]
fn banned_things_are_nowhere() {
    let mut found = Vec::new();
    for source in rust_files().iter().filter(|s| !s.is_test() && !s.path.starts_with("benches/")) {
        for (number, line) in source.code().iter().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for (banned, instead, rooms) in BANNED {
                if code.contains(banned) && !rooms.iter().any(|room| source.path.starts_with(room)) {
                    found.push(format!("{}:{}: `{banned}`: {instead}", source.path, number + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_choice_among_futures_is_ordered() {
    let mut found = Vec::new();
    for source in rust_files() {
        let lines: Vec<&str> = source.text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let opens = line.trim_end().ends_with("select! {");
            let mut below = lines[number + 1..].iter().map(|line| line.trim());
            let ordered = below.find(|line| !line.starts_with("//")) == Some("biased;");
            if opens && !ordered {
                found.push(format!("{}:{}", source.path, number + 1));
            }
        }
    }
    assert!(
        found.is_empty(),
        "begin each select! with `biased;`: random order is not reproducible:\n{found:#?}"
    );
}

#[test]
fn tests_do_not_wait_on_a_clock() {
    let sleeps = ["thread::sleep", "tokio::time::sleep("];
    let mut found = Vec::new();
    for source in rust_files().iter().filter(|s| s.path.contains("/tests/") && !s.path.contains("/tidy/")) {
        // In tokio's paused time a sleep takes no time, and says so in the reason for its exception.
        let paused = source.text.contains("reason = \"the test's clock is tokio's own, paused");
        for (number, line) in source.text.lines().enumerate().filter(|_| !paused) {
            if sleeps.iter().any(|sleep| line.contains(sleep)) {
                found.push(format!("{}:{}", source.path, number + 1));
            }
        }
    }
    assert!(found.is_empty(), "wait for what happens, not for a time: {found:#?}");
}

#[test]
fn the_top_holds_the_rooms_and_nothing_else() {
    let expected = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "benches",
        "harness",
        "reports",
        "scenarios",
        "simulator",
    ];
    let ignored = fs::read_to_string(top().join(".gitignore")).expect("there is a .gitignore");
    let mut found: Vec<String> = fs::read_dir(top())
        .expect("the top can be listed")
        .map(|entry| entry.expect("an entry can be read").file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && !ignored.lines().any(|line| line == format!("/{name}")))
        .collect();
    found.sort();
    assert_eq!(found, expected);
}
