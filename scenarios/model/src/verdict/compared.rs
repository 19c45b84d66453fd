//! Figures by which variants of a scenario are compared.
//!
//! A verdict says whether a variant is good enough; which of two is better, and by how much, takes the same few numbers
//! of each. Variants under one seed meet the same arrivals and the same fates, so what is estimated is the difference
//! within each seed: what chance does to both is then no part of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is compared. Everything is counted from the end of warm-up on, over all clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Figure {
    /// Successful calls per second of the plan.
    Goodput,
    /// The share of calls that failed (a 429 is none of them), from 0 to 1.
    ErrorShare,
    /// The share of calls that were told 429, from 0 to 1.
    ThrottledShare,
    /// The median latency of successful calls and those still open, from the planned time, in seconds.
    LatencyP50,
    /// Their 95th percentile, in seconds.
    LatencyP95,
    /// Their 99th percentile, in seconds.
    LatencyP99,
    /// Attempts that reached an upstream for each call.
    Amplification,
}

/// Every figure, in the order of the tables.
pub const FIGURES: [Figure; 7] = [
    Figure::Goodput,
    Figure::ErrorShare,
    Figure::ThrottledShare,
    Figure::LatencyP50,
    Figure::LatencyP95,
    Figure::LatencyP99,
    Figure::Amplification,
];

/// The figures of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFigures {
    /// Its seed.
    pub seed: u64,
    /// Each figure that has a value.
    pub values: BTreeMap<Figure, f64>,
}

/// A figure of one variant over all seeds, beside its baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FigureAcross {
    /// Which figure.
    pub figure: Figure,
    /// Its mean over the seeds; none without a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<Estimate>,
    /// How much larger it is than the baseline's, seed by seed; none for a baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Estimate>,
    /// How many times the baseline's it is, seed by seed (geometric mean); none for a baseline, and where either is zero
    /// with any seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Estimate>,
    /// Its value with each seed, in their order; none where it had no value.
    pub values: Vec<Option<f64>>,
}

/// A mean, with where the true one lies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// The mean over the seeds.
    pub value: f64,
    /// The lower end of its interval; none with fewer than two seeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The upper end of its interval; none with fewer than two seeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// The confidence of the interval (Student's t over seeds).
    pub confidence: f64,
    /// The seeds it rests on.
    pub n: u64,
}
