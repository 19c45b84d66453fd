//! GitHub Actions: annotations for the checks that failed with any seed in a variant that counts, and the step summary.

use super::{MatrixResults, markdown};
use crate::github::{MOST_ANNOTATIONS, within_summary};
use crate::seeds::github::annotated;

/// One `::error` line for each check of severity `fail` that failed in a variant that counts, at most
/// [`MOST_ANNOTATIONS`] over all variants.
#[must_use]
pub fn annotations(matrix: &MatrixResults) -> Vec<String> {
    let counting = matrix.variants.iter().filter(|variant| variant.gates);
    counting.flat_map(|variant| annotated(&variant.seeds)).take(MOST_ANNOTATIONS).collect()
}

/// The summary for `GITHUB_STEP_SUMMARY`, as long as GitHub takes it.
#[must_use]
pub fn step_summary(matrix: &MatrixResults) -> String {
    within_summary(markdown::render(matrix))
}
