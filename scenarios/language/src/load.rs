//! Loading: from the bytes of a file to a scenario that is whole and right, or everything that is wrong with it.
//!
//! The order is fixed: parse, merge what it extends, `--set`, `${…}`, decode, look for names that lead nowhere; and for
//! each variant of its matrix set its paths, and the same from `${…}` on.
//! Reading and the environment come from the caller, so loading gives the same result wherever it runs.

use std::path::Path;

use upstorm_model::scenario::Scenario;

use crate::decode::{decode_scenario, matrix};
use crate::diagnostic::{Diagnostics, codes};
use crate::matrix::{Decoded, DecodedMatrix, Matrix, Variant, variants};
use crate::reading::Reading;
use crate::source::Sources;
use crate::tree::{Node, Spans, Value, apply_sets, read_with_bases, substitute};

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
    /// Its variants, where it has a matrix. The scenario is then the file without it.
    pub matrix: Option<Matrix>,
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
        Some(read) if reading.problems() == 0 => Ok(read.loaded(reading.into_sources())),
        // A decoder that gives nothing has said why; should one forget, a plain sentence beats a wrong success.
        _ => Err(reading.into_diagnostics(&codes::MISSING_KEY, &format!("`{name}` could not be decoded"))),
    }
}

/// A file that is decoded, with the variants of its matrix.
struct Read {
    scenario: Scenario,
    spans: Spans,
    matrix: Option<DecodedMatrix>,
}

fn read_and_decode(name: &str, text: &[u8], reading: &Reading<'_>) -> Option<Read> {
    let mut tree = read_with_bases(name, text, reading)?;
    apply_sets(&mut tree, reading);
    let written = take_matrix(&mut tree);
    let plain = written.is_some().then(|| tree.clone());
    substitute(&mut tree, reading);
    let spans = Spans::of(&tree);
    let scenario = decode_scenario(&tree, reading);
    let written = written.and_then(|node| matrix(&node, reading));
    let matrix = plain.zip(written).and_then(|(tree, written)| variants(&tree, &written, reading));
    Some(Read { scenario: scenario?, spans, matrix })
}

/// The matrix is no part of what a variant is.
fn take_matrix(tree: &mut Node) -> Option<Node> {
    let Value::Table(root) = &mut tree.value else { return None };
    root.0.remove("matrix").map(|entry| entry.node)
}

impl Read {
    /// With the texts it was read from, which all variants share.
    fn loaded(self, sources: Sources) -> Loaded {
        let Self { scenario, spans, matrix } = self;
        let variant = |decoded: Decoded| {
            let Decoded { label, settings, baseline, gates, scenario, spans } = decoded;
            let loaded = Loaded { scenario, spans, sources: sources.clone(), matrix: None };
            Variant { label, settings, baseline, gates, loaded }
        };
        let matrix = matrix.map(|matrix| Matrix {
            seeds: matrix.seeds,
            variants: matrix.variants.into_iter().map(variant).collect(),
        });
        Loaded { scenario, spans, sources, matrix }
    }
}
