//! A matrix: one document on all variants of a scenario, side by side.
//!
//! Each variant has its own document on its seeds, the one of [`seeds`](crate::seeds). What stands here is what only shows
//! beside the others: how each variant's figures compare with its baseline's under the same arrivals and the same fates.
//! There is no page of it: pages are per variant. Estimating the differences is left to the checks.

mod document;
pub mod github;
mod input;
pub mod json;
pub mod junit;
pub mod markdown;
mod render;
pub mod terminal;
pub mod words;

pub use document::{MATRIX_VERSION, MatrixResults, SettingResult, VariantResults};
pub use input::{MatrixInput, VariantInput};
pub use json::matrix_schema;
pub use render::render_all;
