//! GitHub Actions: annotations for the checks that failed with any seed, and the step summary.

use upstorm_model::scenario::Severity;
use upstorm_model::verdict::Verdict;

use super::{SeedsResults, markdown, words as say};
use crate::github::{Annotation, MOST_ANNOTATIONS, within_summary};

/// One `::error` line for each check of severity `fail` that failed with any seed, at most [`MOST_ANNOTATIONS`].
#[must_use]
pub fn annotations(seeds: &SeedsResults) -> Vec<String> {
    annotated(seeds).take(MOST_ANNOTATIONS).collect()
}

/// One line for each check that failed and counts.
pub(crate) fn annotated(seeds: &SeedsResults) -> impl Iterator<Item = String> {
    let failed = seeds.found(Verdict::Failed).filter(|c| c.severity == Severity::Fail);
    failed.map(|check| {
        let see = check.first_failed.map(|seed| format!("see it: {}", seeds.command_of(seed)));
        let message: Vec<String> = say::sentences(check).into_iter().chain(see).collect();
        let annotation = Annotation {
            file: seeds.scenario_file.as_deref(),
            place: (check.line, check.column),
            title: format!("{}: {} failed", seeds.title(), check.check),
            message: message.join("\n"),
        };
        annotation.written()
    })
}

/// The summary for `GITHUB_STEP_SUMMARY`, as long as GitHub takes it.
#[must_use]
pub fn step_summary(seeds: &SeedsResults) -> String {
    within_summary(markdown::render(seeds))
}
