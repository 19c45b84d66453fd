//! The report model, its timeline, and one renderer a file.
//!
//! A run leaves a recording and findings: numbers that a stranger cannot read and a CI job cannot show. Here they
//! become one document, [`Results`], and every report is rendered from it alone: so the terminal, the HTML page, the
//! pull-request summary and JUnit cannot disagree, and an old run can be rendered again. Results hold data, not
//! sentences; [`words`] has the sentences. Making a run, judging it and writing files are left to others.

mod figures;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod matrix;
mod render;
pub mod results;
pub mod seeds;
pub mod selftest;
mod svg;
pub mod terminal;
pub mod words;

pub use json::{ReadError, results_schema};
pub use matrix::{MatrixInput, MatrixResults, VariantInput, matrix_schema};
pub use render::{RenderError, render_all};
pub use results::{Pace, RecordingDigest, Results, ResultsInput};
pub use seeds::{SeedsInput, SeedsResults, seeds_schema};
pub use selftest::{SelftestResults, selftest_schema};
pub use terminal::Style;
