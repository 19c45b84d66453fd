//! The JSON Schema (draft-07) of the language, for editors that complete and check a scenario while it is written.
//!
//! It is generated from the same types that the decoder fills, so the two cannot drift far; what TOML and the
//! language do beyond those types (no null, `x-` keys, `${…}`, `extends`) is put over it here. The schema says less
//! than the decoder: names and sums are beyond it.

mod generate;
mod language;
mod strict;

pub use generate::json_schema;
