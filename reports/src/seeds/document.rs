//! The document itself: everything the reports say about several seeds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::scenario::{Severity, WorldKind};
use upstorm_model::verdict::{CheckAcross, Verdict};

use crate::results::{Pace, Tool};

/// The version of the document. Additive changes do not raise it.
pub const SEEDS_VERSION: u32 = 1;

/// Several runs of one scenario that differ in nothing but their seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeedsResults {
    /// The version of this form, [`SEEDS_VERSION`].
    pub version: u32,
    /// What made it.
    pub tool: Tool,
    /// The scenario's name.
    pub scenario: String,
    /// Which variant of the scenario; empty where there is only one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
    /// What the scenario shows, in a sentence; may be empty.
    #[serde(default)]
    pub summary: String,
    /// The scenario file as the user named it; none for one that is built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario_file: Option<String>,
    /// Where the runs were performed.
    pub world: WorldKind,
    /// The command that runs all seeds again.
    pub command: String,
    /// The command that runs one of them, up to the seed: ` --seed N` follows.
    pub seed_command: String,
    /// The worst verdict that any check of severity `fail` had with any seed.
    pub verdict: Verdict,
    /// How the process ended.
    pub exit_code: u8,
    /// How many seeds were asked for.
    pub asked: u32,
    /// Whether it ended before all of them were run.
    pub partial: bool,
    /// How fast they were performed, all together, where they were simulated. It differs each time: leave it out when
    /// documents are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<Pace>,
    /// What each check found over all seeds, in the order of the scenario.
    pub checks: Vec<CheckAcross>,
    /// The runs, in the order of their seeds.
    pub runs: Vec<SeedRow>,
}

/// One of the runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeedRow {
    /// Its seed.
    pub seed: u64,
    /// The exit code that it alone would have had.
    pub exit_code: u8,
    /// The worst verdict of its checks of severity `fail`.
    pub verdict: Verdict,
    /// The checks that failed, warnings among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<String>,
    /// The checks that could not be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inconclusive: Vec<String>,
}

impl SeedsResults {
    /// The scenario with its variant, if there is more than one: `storm [preset=none]`.
    #[must_use]
    pub fn title(&self) -> String {
        match self.variant.as_str() {
            "" => self.scenario.clone(),
            variant => format!("{} [{variant}]", self.scenario),
        }
    }

    /// The command that runs this seed again, alone.
    #[must_use]
    pub fn command_of(&self, seed: u64) -> String {
        format!("{} --seed {seed}", self.seed_command)
    }

    /// The checks whose worst verdict with any seed is this one, in the order of the scenario.
    pub fn found(&self, verdict: Verdict) -> impl Iterator<Item = &CheckAcross> {
        self.checks.iter().filter(move |c| worst_of(c) == verdict)
    }
}

/// The worst verdict that a check had with any seed.
#[must_use]
pub(crate) const fn worst_of(check: &CheckAcross) -> Verdict {
    match check {
        CheckAcross { failed: 1.., .. } => Verdict::Failed,
        CheckAcross { inconclusive: 1.., .. } => Verdict::Inconclusive,
        _ => Verdict::Held,
    }
}

/// The worst verdict among the checks that count; Inconclusive where nothing was judged at all.
pub(super) fn verdict_of(checks: &[CheckAcross]) -> Verdict {
    let counting = checks.iter().filter(|c| c.severity == Severity::Fail);
    let none = if checks.is_empty() { Verdict::Inconclusive } else { Verdict::Held };
    counting.map(worst_of).max().unwrap_or(none)
}
