//! What a document is drawn from, and the drawing.

use upstorm_model::Plan;
use upstorm_model::recording::{MarkKind, Recording};
use upstorm_model::verdict::{Finding, Interval, Observation};

use super::span::Span;
use super::{Fidelity, Pace, Partial, RESULTS_VERSION, RecordingDigest, Results, Timeline, Tool};
use super::{behaviour, edge, host, note, phase, spectrum};

/// What a document is drawn from.
#[derive(Debug, Clone)]
pub struct ResultsInput<'a> {
    /// The plan that was performed.
    pub plan: &'a Plan,
    /// What the performance left.
    pub recording: &'a Recording,
    /// What the checks found in it.
    pub findings: &'a [Finding],
    /// The version of the tool.
    pub tool_version: &'a str,
    /// The command that performs it again.
    pub command: &'a str,
    /// Which variant of the scenario; empty where there is only one.
    pub variant: &'a str,
    /// How the process ends.
    pub exit_code: u8,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// The scenario file as the user named it; none for one that is built in.
    pub scenario_file: Option<&'a str>,
    /// How fast it was performed, where it was simulated and just now.
    pub pace: Option<Pace>,
    /// The recording's file, where it is known.
    pub recording_digest: Option<RecordingDigest>,
}

impl Results {
    /// Draws the document. Linear in the calls and attempts.
    #[must_use]
    pub fn build(input: &ResultsInput<'_>) -> Self {
        let (plan, recording) = (input.plan, input.recording);
        let span = Span::of(plan, recording);
        let findings: Vec<Finding> = input.findings.iter().map(finite).collect();
        Self {
            version: RESULTS_VERSION,
            tool: Tool { name: "upstorm".to_owned(), version: input.tool_version.to_owned() },
            scenario: plan.scenario.clone(),
            summary: plan.summary.clone(),
            scenario_file: input.scenario_file.map(str::to_owned),
            variant: input.variant.to_owned(),
            seed: plan.seed.0,
            world: plan.world,
            command: input.command.to_owned(),
            verdict: Self::verdict_of(&findings),
            exit_code: input.exit_code,
            partial: partial(input),
            seconds: span.until.as_secs_f64(),
            pace: input.pace.and_then(Pace::finite),
            recording: input.recording_digest.clone(),
            findings,
            bands: span.bands(plan),
            partitions: span.partitions(plan),
            phases: phase::phase_rows(plan, recording, &span),
            edges: edge::edge_rows(plan, recording),
            fidelity: Fidelity::build(plan, recording),
            timeline: Timeline::build(plan, recording, &span),
            annotations: note::notes(plan, recording),
            spectra: spectrum::spectra(plan, recording),
            slowest: spectrum::slowest(plan, recording),
            hosts: host::host_rows(plan),
            behaviours: behaviour::behaviour_rows(plan),
        }
    }
}

fn partial(input: &ResultsInput<'_>) -> Option<Partial> {
    if input.interrupted || input.recording.says(&MarkKind::Interrupted) {
        Some(Partial::Interrupted)
    } else if input.recording.says(&MarkKind::GivenUp) {
        Some(Partial::GivenUp)
    } else {
        input.recording.partial.then_some(Partial::Killed)
    }
}

/// JSON has no infinity: a value that is none is left out, and so is an interval without an end.
fn finite(finding: &Finding) -> Finding {
    let ends = |i: &Interval| i.low.is_finite() && i.high.is_finite() && i.confidence.is_finite();
    let clean = |o: &Observation| Observation {
        value: o.value.filter(|v| v.is_finite()),
        interval: o.interval.filter(ends),
        bound: o.bound.filter(|b| b.value.is_finite()),
        exhibits: o.exhibits.iter().filter(|e| e.value.is_finite()).copied().collect(),
        ..o.clone()
    };
    Finding { observations: finding.observations.iter().map(clean).collect(), ..finding.clone() }
}
