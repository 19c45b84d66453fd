//! The project's Rust files, as text.

use std::fs;
use std::path::{Path, PathBuf};

/// One Rust file.
pub(crate) struct Source {
    /// Relative to the top of the project.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// The lines before the file's unit tests.
    pub(crate) fn code(&self) -> Vec<&str> {
        self.text.lines().take_while(|line| *line != "#[cfg(test)]").collect()
    }

    pub(crate) fn is_test(&self) -> bool {
        self.path.ends_with("_test.rs")
            || self
                .path
                .split('/')
                .any(|part| part == "tests" || part == "benches" && !self.path.starts_with("benches/src"))
    }
}

/// The top of the project.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project has a top folder")
}

/// Every Rust file of the rooms, by path.
pub(crate) fn rust_files() -> Vec<Source> {
    let top = top();
    let mut found = Vec::new();
    for room in ["simulator", "harness", "scenarios", "reports", "benches"] {
        collect(&top.join(room), &top, &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 100, "the rooms hold {} Rust files: are they where this test looks?", found.len());
    found
}

fn collect(folder: &Path, top: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a room can be listed") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            collect(&path, top, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).expect("a Rust file is text");
            let path = path.strip_prefix(top).expect("it is below the top").to_string_lossy().into_owned();
            found.push(Source { path, text });
        }
    }
}
