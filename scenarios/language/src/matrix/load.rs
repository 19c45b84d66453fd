//! Loading the variants: each is the whole file with its paths set, decoded like any other.
//!
//! What is wrong with the file itself would be wrong with all of them: it is said once. What only a variant gets wrong
//! points at the value in the matrix, and says which variant it was.

use upstorm_model::scenario::Scenario;

use super::Setting;
use super::axes::choices;
use super::label::labels;
use super::select::{Choice, Choices};
use crate::decode::{WrittenMatrix, decode_scenario};
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::tree::{Node, Path, Spans, substitute};

/// A matrix whose variants are decoded.
#[derive(Debug)]
pub(crate) struct DecodedMatrix {
    pub(crate) seeds: Option<u32>,
    pub(crate) variants: Vec<Decoded>,
}

/// A variant that is decoded.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) label: String,
    pub(crate) settings: Vec<Setting>,
    pub(crate) baseline: usize,
    pub(crate) gates: bool,
    pub(crate) scenario: Scenario,
    pub(crate) spans: Spans,
}

/// The variants of a file, whose tree this is, without its matrix. None if anything is wrong with them, which has then
/// been reported. The file itself must have been decoded before, so that what is wrong with it is not said again.
pub(crate) fn variants(tree: &Node, matrix: &WrittenMatrix, reading: &Reading<'_>) -> Option<DecodedMatrix> {
    let ways = choices(matrix, reading).filter(|_| matrix.whole)?;
    let labels = labels(&matrix.axes, &ways, reading);
    let choice = |(values, label): (Vec<usize>, String)| {
        let chosen = matrix.axes.iter().zip(&values).filter_map(|(axis, index)| axis.values.get(*index));
        let sets = chosen.flat_map(|value| &value.sets).collect();
        Choice { label, values, sets }
    };
    let mut all = Choices { axes: &matrix.axes, all: ways.into_iter().zip(labels).map(choice).collect() };
    all.exclude(&matrix.exclude, reading);
    if all.all.is_empty() {
        reading.report(Diagnostic::new(&codes::BAD_MATRIX, "every variant is excluded").at(matrix.at, ""));
        return None;
    }
    let baselines = all.baselines(matrix.baseline.as_ref(), reading);
    let gates = all.gates(matrix.gate.as_deref(), reading);
    let mut told = Vec::new();
    let decoded: Vec<_> = all.all.iter().map(|choice| decode_one(tree, choice, &mut told, reading)).collect();
    let order = in_order(&baselines);
    let place = |index: usize| order.iter().position(|other| *other == index).unwrap_or(0);
    let mut decoded: Vec<_> =
        decoded.into_iter().collect::<Option<Vec<_>>>()?.into_iter().map(Some).collect();
    let variant = |index: &usize| {
        let (scenario, spans) = decoded[*index].take()?;
        let choice = &all.all[*index];
        Some(Decoded {
            label: choice.label.clone(),
            settings: choice.sets.iter().map(|set| setting(set, reading)).collect(),
            baseline: place(baselines[*index]),
            gates: gates[*index],
            scenario,
            spans,
        })
    };
    let variants: Vec<Decoded> = order.iter().filter_map(variant).collect();
    Some(DecodedMatrix { seeds: matrix.seeds, variants })
}

/// Each baseline before those that are compared with it, else as the axes make them.
fn in_order(baselines: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..baselines.len()).collect();
    order.sort_by_key(|index| (baselines[*index], baselines[*index] != *index, *index));
    order
}

fn decode_one(
    tree: &Node,
    choice: &Choice<'_>,
    told: &mut Vec<Diagnostic>,
    reading: &Reading<'_>,
) -> Option<(Scenario, Spans)> {
    let mut decoded = None;
    let found = reading.gathered(|| {
        let mut tree = tree.clone();
        for (path, value) in &choice.sets {
            if let Err(diagnostic) = path.put(&mut tree, value.clone()) {
                reading.report(*diagnostic);
            }
        }
        substitute(&mut tree, reading);
        let spans = Spans::of(&tree);
        decoded = decode_scenario(&tree, reading).map(|scenario| (scenario, spans));
    });
    for diagnostic in found {
        if !reading.has_reported(&diagnostic) && !told.contains(&diagnostic) {
            told.push(diagnostic.clone());
            reading.report(diagnostic.note(format!("in the variant `{}`", choice.label)));
        }
    }
    decoded
}

/// The longest value that is shown whole, in characters.
const LONGEST_VALUE: usize = 80;

fn setting((path, value): &(Path, Node), reading: &Reading<'_>) -> Setting {
    let words: Vec<String> = reading.text_at(value.at).split_whitespace().map(str::to_owned).collect();
    let whole = words.join(" ");
    let value = match whole.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &whole[..end]),
        None => whole,
    };
    Setting { path: path.text(), value }
}
