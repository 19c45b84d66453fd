//! GitHub Actions: annotations that point at the check that failed, and the step summary.
//!
//! GitHub shows ten annotations of a kind per step and drops a step summary over 1 MiB silently, so the most telling
//! eight are given and the summary is cut at a line before it grows too large. What is written to the log is a command
//! language: names from the scenario are escaped, or they could issue commands.

use upstorm_model::scenario::Severity;
use upstorm_model::verdict::{Finding, Verdict};

use crate::results::Results;
use crate::{markdown, words};

/// At most so many annotations.
pub const MOST_ANNOTATIONS: usize = 8;
/// The step summary stays below this many bytes (900 KiB).
pub const MOST_SUMMARY_BYTES: usize = 900 * 1024;

/// One `::error` line for each failed check of severity `fail`, at most [`MOST_ANNOTATIONS`].
#[must_use]
pub fn annotations(results: &Results) -> Vec<String> {
    let failed = results.found(Verdict::Failed).filter(|f| f.severity == Severity::Fail);
    failed.take(MOST_ANNOTATIONS).map(|f| annotation(results, f)).collect()
}

fn annotation(results: &Results, finding: &Finding) -> String {
    let annotation = Annotation {
        file: results.scenario_file.as_deref(),
        place: (finding.line, finding.column),
        title: format!("{}: {} failed", results.scenario, finding.check),
        message: words::sentences(finding).join("\n"),
    };
    annotation.written()
}

/// What stands beside a line of the scenario.
pub(crate) struct Annotation<'a> {
    pub(crate) file: Option<&'a str>,
    /// Line and column.
    pub(crate) place: (Option<u32>, Option<u32>),
    pub(crate) title: String,
    pub(crate) message: String,
}

impl Annotation<'_> {
    pub(crate) fn written(&self) -> String {
        let mut properties = Vec::new();
        if let (Some(file), (Some(line), column)) = (self.file, self.place) {
            properties.push(format!("file={}", property(file)));
            properties.push(format!("line={line}"));
            properties.extend(column.map(|column| format!("col={column}")));
        }
        properties.push(format!("title={}", property(&self.title)));
        format!("::error {}::{}", properties.join(","), data(&self.message))
    }
}

/// The summary for `GITHUB_STEP_SUMMARY`, below [`MOST_SUMMARY_BYTES`].
#[must_use]
pub fn step_summary(results: &Results) -> String {
    within_summary(markdown::render(results))
}

/// A summary cut at a line before GitHub would drop it.
pub(crate) fn within_summary(whole: String) -> String {
    const CUT: &str = "\n\n(cut here: the whole report is in the run folder)\n";
    if whole.len() < MOST_SUMMARY_BYTES {
        return whole;
    }
    let room = MOST_SUMMARY_BYTES - CUT.len() - 1;
    let end = whole.char_indices().take_while(|(at, _)| *at <= room).last().map_or(0, |(at, _)| at);
    let kept = whole.get(..end).unwrap_or_default();
    let line = kept.rfind('\n').unwrap_or(end);
    format!("{}{CUT}", kept.get(..line).unwrap_or_default())
}

/// Escapes a message, as the runner's own toolkit does.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property, which a comma or colon would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
