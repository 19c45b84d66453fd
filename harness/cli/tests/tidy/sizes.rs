//! Sizes: files and functions that a reader can hold in mind.

use crate::sources::{Source, rust_files};

const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 70;
const USUAL_FUNCTION: usize = 40;

#[test]
fn no_file_is_over_400_lines_without_its_tests() {
    let long: Vec<String> = rust_files()
        .iter()
        .map(|s| (s.code().len(), &s.path))
        .filter(|(lines, _)| *lines > LONGEST_FILE)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "split these by concept:\n{}", long.join("\n"));
}

#[test]
fn functions_are_short() {
    let mut lengths = Vec::new();
    for source in rust_files().iter().filter(|s| !s.is_test()) {
        lengths.extend(functions(source));
    }
    lengths.sort();
    let long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > LONGEST_FUNCTION).collect();
    assert!(long.is_empty(), "no function is over {LONGEST_FUNCTION} lines: {long:#?}");
    let (p95, at) = &lengths[lengths.len() * 95 / 100];
    assert!(
        *p95 <= USUAL_FUNCTION,
        "95 of 100 functions have at most {USUAL_FUNCTION} lines; here {p95} ({at})"
    );
}

/// Each function's number of lines and place. rustfmt puts the closing brace under the line that opens.
fn functions(source: &Source) -> Vec<(usize, String)> {
    let code = source.code();
    let mut found = Vec::new();
    for (start, line) in code.iter().enumerate() {
        let bare = line.trim_start();
        let indent = &line[..line.len() - bare.len()];
        let words: Vec<&str> = bare.split_whitespace().collect();
        let opens = words.iter().take(5).position(|w| *w == "fn").is_some_and(|at| {
            words[..at].iter().all(|w| matches!(*w, "async" | "const" | "unsafe") || w.starts_with("pub"))
        });
        let end = format!("{indent}}}");
        let length = code[start..].iter().position(|l| *l == end);
        let is_body = opens && !bare.ends_with('}') && !bare.ends_with(';');
        found.extend(length.filter(|_| is_body).map(|n| (n + 1, format!("{}:{}", source.path, start + 1))));
    }
    found
}

#[test]
fn a_module_file_holds_no_code_of_its_own() {
    let thick: Vec<String> = rust_files()
        .iter()
        .filter(|s| s.path.ends_with("/mod.rs") && !s.is_test())
        .filter(|s| functions(s).len() > 6)
        .map(|s| s.path.clone())
        .collect();
    assert!(thick.is_empty(), "mod.rs holds docs, `mod` lines and re-exports: {thick:?}");
}
