//! Loading in tests: files come from the fixtures folder, the environment is empty but for one variable.

use std::path::{Path, PathBuf};

use upstorm_language::{Diagnostics, LoadOptions, Loaded, load};

/// The folder of the fixtures.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Loads a text as if it lay among the fixtures, with these `--set`s.
pub(crate) fn load_text(text: &str, sets: &[&str]) -> Result<Loaded, Diagnostics> {
    load_bytes("scenario.toml", text.as_bytes(), sets)
}

/// Loads bytes as if they lay among the fixtures. Paths are shown relative to it, so that snapshots fit any machine.
pub(crate) fn load_bytes(name: &str, bytes: &[u8], sets: &[&str]) -> Result<Loaded, Diagnostics> {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let env = |name: &str| (name == "UPSTORM_TEST_RATE").then(|| "75/s".to_owned());
    let read = |path: &Path| std::fs::read(fixtures().join(path));
    load(name, None, bytes, &LoadOptions { sets: &sets, env: &env, read: &read })
}

/// The scenario of a text that must be right.
pub(crate) fn good(text: &str, sets: &[&str]) -> Loaded {
    load_text(text, sets).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// The codes of what is wrong with a text.
pub(crate) fn codes(text: &str, sets: &[&str]) -> Vec<&'static str> {
    match load_text(text, sets) {
        Ok(_) => Vec::new(),
        Err(diagnostics) => diagnostics.iter().map(|d| d.code.id).collect(),
    }
}

/// A small scenario that is right, to which tests add what is wrong.
pub(crate) const BASE: &str = include_str!("../fixtures/base.toml");
/// The example of the language's documentation, without what this version cannot do.
pub(crate) const SHOPPING: &str = include_str!("../fixtures/shopping.toml");
