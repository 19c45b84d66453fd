//! The document itself: everything the reports say about one run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::scenario::{Severity, WorldKind};
use upstorm_model::verdict::{Finding, Verdict};

use super::{
    Band, BehaviourRow, EdgeRow, Fidelity, HostRow, Note, Pace, Partition, PhaseRow, RecordingDigest,
    SlowCall, Spectrum, Timeline,
};

/// The version of the document. Additive changes do not raise it.
pub const RESULTS_VERSION: u32 = 1;

/// One run, as every report tells it. Times are seconds since the run began, latencies are seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Results {
    /// The version of this form, [`RESULTS_VERSION`].
    pub version: u32,
    /// What made it.
    pub tool: Tool,
    /// The scenario's name.
    pub scenario: String,
    /// What the scenario shows, in a sentence; may be empty.
    #[serde(default)]
    pub summary: String,
    /// The scenario file as the user named it; none for one that is built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario_file: Option<String>,
    /// Which variant of the scenario; empty where there is only one.
    #[serde(default)]
    pub variant: String,
    /// Every draw of the run is a function of this.
    pub seed: u64,
    /// Where it was performed.
    pub world: WorldKind,
    /// The command that performs it again.
    pub command: String,
    /// What follows from the findings of severity `fail`: the worst of their verdicts.
    pub verdict: Verdict,
    /// How the process ended.
    pub exit_code: u8,
    /// Why the recording stops before the plan does, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Partial>,
    /// Seconds from the start of the run to the end of the last phase, or to where the recording stops.
    pub seconds: f64,
    /// How fast it was performed, where it was simulated and just now. It differs each time: leave it out when documents
    /// are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<Pace>,
    /// The recording that all of this was drawn from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<RecordingDigest>,
    /// What each check found, in the order of the scenario.
    pub findings: Vec<Finding>,
    /// Warm-up, phases and drain, in order.
    pub bands: Vec<Band>,
    /// When packets between two hosts went nowhere.
    #[serde(default)]
    pub partitions: Vec<Partition>,
    /// What each client got in each phase.
    pub phases: Vec<PhaseRow>,
    /// What each pair of hosts exchanged in each phase.
    pub edges: Vec<EdgeRow>,
    /// Whether the run was the one that was declared.
    pub fidelity: Fidelity,
    /// How it went, second by second.
    pub timeline: Timeline,
    /// What the reference gateways and clients said of themselves. Never evidence.
    #[serde(default)]
    pub annotations: Vec<Note>,
    /// Latency percentiles of successful calls, by client: after warm-up, then by phase.
    #[serde(default)]
    pub spectra: Vec<Spectrum>,
    /// The slowest calls, slowest first.
    #[serde(default)]
    pub slowest: Vec<SlowCall>,
    /// Who took part, with settings.
    #[serde(default)]
    pub hosts: Vec<HostRow>,
    /// What each route was asked to do in each phase.
    #[serde(default)]
    pub behaviours: Vec<BehaviourRow>,
}

/// What made a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Why a recording stops early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Partial {
    /// The run was interrupted and wound up in good order.
    Interrupted,
    /// The run was killed, or its file was cut off.
    Killed,
    /// The world gave the run up, because it had no end.
    GivenUp,
}

impl Results {
    /// The worst verdict among the findings that count, Held where only warnings were asked for; Inconclusive where
    /// nothing was judged at all.
    #[must_use]
    pub fn verdict_of(findings: &[Finding]) -> Verdict {
        let counting = findings.iter().filter(|f| f.severity == Severity::Fail);
        let none = if findings.is_empty() { Verdict::Inconclusive } else { Verdict::Held };
        counting.map(|f| f.verdict).max().unwrap_or(none)
    }

    /// The findings of this verdict, in the order of the scenario.
    pub fn found(&self, verdict: Verdict) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |f| f.verdict == verdict)
    }

    /// Where a phase lies; none for a name that is no phase of this run.
    #[must_use]
    pub fn band(&self, phase: &str) -> Option<&Band> {
        self.bands.iter().find(|b| b.kind == super::BandKind::Phase && b.name == phase)
    }
}
