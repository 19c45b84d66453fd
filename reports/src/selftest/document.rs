//! The document itself: what each check said of each subject that it was tried on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::verdict::{CheckAcross, Measure, Verdict};

use crate::results::Tool;

/// The version of the document. Additive changes do not raise it.
pub const SELFTEST_VERSION: u32 = 1;

/// What came of a selftest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SelftestResults {
    /// The version of this form, [`SELFTEST_VERSION`].
    pub version: u32,
    /// What made it, which is what was tested.
    pub tool: Tool,
    /// The command that does the same again.
    pub command: String,
    /// How the process ends.
    pub exit_code: u8,
    /// Whether it was stopped before everything was tried.
    pub partial: bool,
    /// How long it took, in seconds. It differs each time: leave it out when documents are compared.
    pub seconds: f64,
    /// All verdicts together.
    pub verdicts: Tally,
    /// The subjects, in the order of the table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<SubjectRow>,
    /// The experiments of the literature, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_answers: Vec<KnownAnswer>,
}

/// Verdicts, by what they were worth. They add up to the runs that were judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tally {
    /// As they had to be.
    pub right: u64,
    /// A sound subject failed, or a broken one held or failed by another measure.
    pub wrong: u64,
    /// It could not be told.
    pub inconclusive: u64,
}

impl Tally {
    /// How many there are.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.right + self.wrong + self.inconclusive
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            right: self.right + other.right,
            wrong: self.wrong + other.wrong,
            inconclusive: self.inconclusive + other.inconclusive,
        }
    }
}

/// A subject, and what the check said of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubjectRow {
    /// The kind of the check that is tried, as a scenario writes it; for an always-on check, its name.
    pub check: String,
    /// The built-in scenario.
    pub scenario: String,
    /// What makes it this subject, as after `--set`; empty for the scenario as it is.
    pub sets: Vec<String>,
    /// For a run that is judged as if it were that of another subject: what makes it that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_for: Option<Vec<String>>,
    /// What the check must say.
    pub expected: Verdict,
    /// The measure by which it must fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Measure>,
    /// What it said.
    pub verdicts: Tally,
    /// The measures that failed, with how many seeds each, the most frequent first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<Decided>,
    /// The first seeds with which it was not right, at most twenty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub astray: Vec<Astray>,
}

/// An experiment whose result is known, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KnownAnswer {
    /// The built-in scenario.
    pub scenario: String,
    /// Which variant of it; empty where there is only one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
    /// What is known, in a sentence.
    pub summary: String,
    /// The command that runs it, up to the seed: ` --seed N` follows.
    pub command: String,
    /// With how many seeds it was to be performed.
    pub seeds: u32,
    /// What its checks said, of all seeds together.
    pub verdicts: Tally,
    /// What each of its checks found over the seeds, in the order of the scenario.
    pub checks: Vec<CheckAcross>,
}

/// A measure that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decided {
    /// Which.
    pub measure: Measure,
    /// With how many seeds.
    pub seeds: u64,
}

/// A verdict that was not as it had to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Astray {
    /// With this seed.
    pub seed: u64,
    /// What was said.
    pub verdict: Verdict,
    /// The measures that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    /// The command that shows it.
    pub command: String,
}

impl SelftestResults {
    /// One wrong verdict makes the whole Failed; one that could not be told, or none at all, Inconclusive.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match self.verdicts {
            Tally { wrong: 1.., .. } => Verdict::Failed,
            Tally { inconclusive: 1.., .. } | Tally { right: 0, .. } => Verdict::Inconclusive,
            Tally { .. } => Verdict::Held,
        }
    }
}
