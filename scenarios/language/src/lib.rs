//! The scenario language: TOML to scenario to plan, with diagnostics, JSON Schema and the built-in library.
//!
//! A scenario file is the whole interface of this project for most people, so it is decoded by hand from a tree
//! that keeps every span: all errors at once, with carets, in words that say what to write instead. Reading files
//! and the environment is left to the caller; performing what was written, to the worlds.

pub mod compile;
mod decode;
pub mod diagnostic;
pub mod explain;
mod forecast;
pub mod fragment;
pub mod library;
mod load;
pub mod matrix;
mod nearest;
mod reading;
mod schema;
pub mod source;
mod tree;
pub mod warn;

pub use diagnostic::{Code, Diagnostic, Diagnostics, Label, Level, explain_code};
pub use load::{LoadOptions, Loaded, load};
pub use matrix::{Matrix, Variant};
pub use nearest::nearest;
pub use schema::json_schema;
pub use source::{Position, Source, SourceId, Sources, Spot};
pub use tree::Spans;
