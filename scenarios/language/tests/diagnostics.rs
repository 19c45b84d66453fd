//! Every code has a fixture that gets it and a snapshot of what a reader is shown. To accept new wording, read the
//! snapshots and run with `INSTA_UPDATE=always`.

#![expect(clippy::unwrap_used, reason = "a test may panic where it is set up wrongly")]

mod loading;

use std::collections::BTreeSet;

use loading::{fixtures, load_bytes};
use upstorm_language::diagnostic::codes::{ERRORS, all_codes};
use upstorm_language::{Diagnostics, Level, explain_code};

/// A fixture's diagnostics. Lines that begin with `#!` speak to this test.
fn diagnose(id: &str) -> Diagnostics {
    let mut bytes = std::fs::read(fixtures().join(format!("{id}.toml")))
        .unwrap_or_else(|error| panic!("{id} has no fixture tests/fixtures/{id}.toml: {error}"));
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let sets: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("#! --set ")).collect();
    if let Some(size) = text.lines().find_map(|line| line.strip_prefix("#! grown to ")) {
        let size: usize = size.split(' ').next().unwrap().parse().unwrap();
        bytes.resize(size, b'\n');
    }
    match load_bytes(&format!("{id}.toml"), &bytes, &sets) {
        Ok(_) => panic!("{id}: the fixture is a good scenario"),
        Err(diagnostics) => diagnostics,
    }
}

#[test]
fn every_error_has_a_fixture_that_gets_it() {
    for code in ERRORS.iter().copied().flatten() {
        let diagnostics = diagnose(code.id);
        assert!(diagnostics.iter().any(|d| d.code.id == code.id), "{}:\n{diagnostics}", code.id);
        insta::assert_snapshot!(code.id, diagnostics.render(false));
    }
}

#[test]
fn every_error_has_a_place_and_every_fixture_is_about_its_code() {
    for code in ERRORS.iter().copied().flatten() {
        let diagnostics = diagnose(code.id);
        for diagnostic in diagnostics.iter() {
            assert!(diagnostic.spot().is_some(), "{}: {}", code.id, diagnostic.message);
            assert_eq!(diagnostic.level(), Level::Error);
        }
        let of_code = diagnostics.iter().filter(|d| d.code.id == code.id).count();
        assert!(of_code * 2 > diagnostics.errors(), "{}: {of_code} of {}", code.id, diagnostics.errors());
    }
}

#[test]
fn codes_are_unique_and_numbered_without_gaps() {
    let ids: Vec<&str> = all_codes().map(|code| code.id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let errors: Vec<String> = ERRORS.iter().copied().flatten().map(|code| code.id.to_owned()).collect();
    let expected: Vec<String> = (1..=errors.len()).map(|n| format!("S{n:03}")).collect();
    assert_eq!(errors, expected);
}

#[test]
fn every_code_can_be_explained() {
    for code in all_codes() {
        assert!(!code.title.ends_with('.') && code.explanation.ends_with('.'), "{}", code.id);
        assert!(!code.wrong.is_empty() && code.wrong != code.right, "{}", code.id);
        assert!(explain_code(code.id).is_some());
    }
    insta::assert_snapshot!("explain_S014", explain_code("s014").unwrap());
    assert_eq!(explain_code("S999"), None);
}

#[test]
fn all_errors_of_a_file_come_at_once_and_in_order() {
    insta::assert_snapshot!("everything", diagnose("everything").render(false));
}

#[test]
fn colours_are_only_added() {
    let diagnostics = diagnose("S011");
    let coloured = diagnostics.render(true);
    assert!(coloured.contains("\u{1b}["));
    let mut plain = String::new();
    let mut inside = false;
    for c in coloured.chars() {
        match (inside, c) {
            (false, '\u{1b}') => inside = true,
            (true, 'm') => inside = false,
            (false, c) => plain.push(c),
            (true, _) => {}
        }
    }
    assert_eq!(plain, diagnostics.render(false));
}
