//! Presets: named settings, and the broken twins that sabotage tests run.
//!
//! A twin differs from its sound preset in one defect, so a check that fails on it failed for that reason. What other
//! people's libraries are called here has their defaults, so that a scenario can tell how those fare.

mod breakers;
mod budgets;
mod guides;
#[cfg(test)]
mod page_test;
mod registry;
mod twins;

pub use registry::{PRESETS, Preset, PresetInfo};
