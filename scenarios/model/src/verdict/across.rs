//! Across seeds: what one check found in several runs that differ in nothing but their seed.
//!
//! A check that holds under one seed may hold by luck. Over many seeds the question is how often it fails, how sure that
//! share is, and which seed to look at; and for each measure how far chance alone moves it. One verdict cannot say that,
//! and an average of verdicts would hide the one seed that broke. Counting is left to the checks, words to the reports.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Bound, Doubt, Finding, Interval, Measure, Unit};
use crate::scenario::Severity;

/// One of several runs: its seed, how it ended, and what it found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeedRun {
    /// Every draw of the run is a function of this.
    pub seed: u64,
    /// The exit code that this run alone would have had.
    pub exit_code: u8,
    /// What its checks found, in the order of the scenario; empty where the run broke down before it could be judged.
    pub findings: Vec<Finding>,
}

/// What one check found over all seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckAcross {
    /// The check's name in the scenario.
    pub check: String,
    /// Its kind, as the scenario writes it; for an always-on check, its name.
    pub kind: String,
    /// Whom it is about, such as `edge -> payments`; empty for the whole run.
    pub subject: String,
    /// The phases it looked at; empty for everything after warm-up.
    pub during: Vec<String>,
    /// Whether a failure fails the run.
    pub severity: Severity,
    /// The line of the scenario file that asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column of that line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// Seeds with which it held.
    pub held: u64,
    /// Seeds with which it failed.
    pub failed: u64,
    /// Seeds with which it could not be told, [`unjudged`](Self::unjudged) ones among them.
    pub inconclusive: u64,
    /// Seeds whose run broke down before this check was judged.
    pub unjudged: u64,
    /// The first seed with which it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_failed: Option<u64>,
    /// The first seed with which it could not be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_inconclusive: Option<u64>,
    /// The share with which it failed of the seeds with which it could be told; none where it never could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<f64>,
    /// Where that share lies over all possible seeds (Clopper–Pearson); from 0 to 1 where it could never be told.
    pub failing_interval: Interval,
    /// What it measured, in the order of its observations.
    pub measures: Vec<MeasureAcross>,
}

/// The values of one measure over all seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MeasureAcross {
    /// What was measured.
    pub measure: Measure,
    /// Which part of it, where there are several.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub part: String,
    /// The unit of all values and of the bound.
    pub unit: Unit,
    /// What it was held against, where that is the same with every seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Bound>,
    /// Seeds with which it failed.
    pub failed: u64,
    /// Seeds with which it could not be told, although it was looked at.
    pub inconclusive: u64,
    /// Why it could not be told, with the first such seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
    /// Seeds with which it had a value.
    pub n: u64,
    /// The smallest value; none without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The largest value; none without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The seed whose value lies deepest on the wrong side of the bound, or nearest to it; none without a bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_seed: Option<u64>,
    /// Its quantiles over the seeds, lowest first; empty without a value.
    pub quantiles: Vec<QuantileAcross>,
    /// Its value with each seed, in the order in which the seeds were run; none where it had no value.
    pub values: Vec<Option<f64>>,
}

/// A quantile over seeds: no shape of the distribution is assumed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuantileAcross {
    /// Which quantile, from 0 to 1.
    pub q: f64,
    /// The quantile of the values seen.
    pub value: f64,
    /// The true quantile is not below this; none where too few seeds were run to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The true quantile is not above this; none where too few seeds were run to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// The confidence that it lies between both; each side alone errs by at most half of what is missing to one.
    pub confidence: f64,
}
