//! Explaining: what a scenario will do, in words and figures, before it is run.
//!
//! Presets, overlays and defaults are convenient to write and easy to misread. `upstorm explain` shows what came of
//! them: who takes part, what happens when, how many calls and faults to expect, whether each check will have enough
//! samples, and every knob of every policy. The figures are expectations; the recording has the facts.

mod checks;
mod figures;
mod hosts;
mod links;
mod policy;
mod story;
mod table;
mod timeline;
mod variants;
mod wording;

pub use story::explain;
