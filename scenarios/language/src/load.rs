//! Loading: from the bytes of a file to a scenario that is whole and right, or everything that is wrong with it.
//!
//! The order is fixed: parse, merge what it extends, `--set`, `${…}`, decode, look for names that lead nowhere.
//! Reading and the environment come from the caller, so loading gives the same result wherever it runs.

use std::path::Path;

use upstorm_model::scenario::Scenario;

use crate::decode::decode_scenario;
use crate::diagnostic::{Diagnostics, codes};
use crate::reading::Reading;
use crate::source::Sources;
use crate::tree::{Spans, apply_sets, read_with_bases, substitute};

/// What loading may ask of the world around it.
#[derive(Clone, Copy)]
pub struct LoadOptions<'a> {
    /// Every `--set path=value`, in order; the last word wins.
    pub sets: &'a [String],
    /// A variable of the environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The bytes of a file that the scenario names (`extends`, a histogram).
    pub read: &'a dyn Fn(&Path) -> std::io::Result<Vec<u8>>,
}

/// A scenario that is whole and right.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// What it says, with `extends`, `vars` and `--set` applied.
    pub scenario: Scenario,
    /// Where each part of it was written.
    pub spans: Spans,
    /// The texts it was written in; the scenario file is the first.
    pub sources: Sources,
}

/// Loads a scenario from the bytes of its file. `name` is how diagnostics call the file; `dir` is where the files it
/// names are looked up, and without one their paths are taken as they are.
///
/// # Errors
/// With everything that is wrong with it, at once.
pub fn load(
    name: &str,
    dir: Option<&Path>,
    text: &[u8],
    options: &LoadOptions<'_>,
) -> Result<Loaded, Diagnostics> {
    let reading = Reading::new(dir, options);
    match read_and_decode(name, text, &reading) {
        Some((scenario, spans)) if reading.problems() == 0 => {
            Ok(Loaded { scenario, spans, sources: reading.into_sources() })
        }
        // A decoder that gives nothing has said why; should one forget, a plain sentence beats a wrong success.
        _ => Err(reading.into_diagnostics(&codes::MISSING_KEY, &format!("`{name}` could not be decoded"))),
    }
}

fn read_and_decode(name: &str, text: &[u8], reading: &Reading<'_>) -> Option<(Scenario, Spans)> {
    let mut tree = read_with_bases(name, text, reading)?;
    apply_sets(&mut tree, reading);
    substitute(&mut tree, reading);
    let spans = Spans::of(&tree);
    decode_scenario(&tree, reading).map(|scenario| (scenario, spans))
}
