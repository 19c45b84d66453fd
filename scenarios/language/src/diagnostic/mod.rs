//! Diagnostics: what is wrong with a scenario, where, and what to write instead.
//!
//! All errors of a scenario come at once, each with a stable code, because fixing one error a run is how people
//! learn to hate a format. Rendering is here and printing is the caller's.

pub mod codes;
mod list;
mod notice;
mod render;

pub use codes::{Code, explain_code};
pub use list::Diagnostics;
pub use notice::{Diagnostic, Label, Level};
