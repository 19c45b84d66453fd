//! Several seeds: one document on many runs that differ in nothing but their seed, and one renderer a file.
//!
//! A run tells what happened once. Here stands how often each check held, failed or could not be told, how far chance
//! moves each measure, and which seed to run again to see it: `seeds.json` and what is rendered from it alone. Adding up
//! the runs is left to the checks; each run's own reports are those of [`Results`](crate::Results).

pub(crate) mod document;
pub mod github;
pub mod html;
mod input;
pub mod json;
pub mod junit;
pub mod markdown;
mod render;
pub mod terminal;
pub mod words;

pub use document::{SEEDS_VERSION, SeedRow, SeedsResults};
pub use input::SeedsInput;
pub use json::seeds_schema;
pub use render::render_all;
