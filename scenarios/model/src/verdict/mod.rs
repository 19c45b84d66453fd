//! Findings: what was measured (observation), how sure that is, and what follows (verdict).
//!
//! Data, not sentences: each report says it in its own words, and a later tool can compare numbers.

mod across;
mod compared;
mod finding;
mod observation;
mod recognised;

pub use across::{CheckAcross, MeasureAcross, QuantileAcross, SeedRun};
pub use compared::{Estimate, FIGURES, Figure, FigureAcross, RunFigures};
pub use finding::{Finding, Verdict};
pub use observation::{Bound, BoundSource, Doubt, Exhibit, Interval, Measure, Observation, Relation, Unit};
pub use recognised::{BackoffFamily, RecognisedBackoff};
