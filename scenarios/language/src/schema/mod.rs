//! The JSON Schema (draft-07) of the language, for editors that complete and check a scenario while it is written.
//!
//! It is generated from the same types that the decoder fills, so the two cannot drift far; what TOML and the
//! language do beyond those types (no null, `x-` keys, `${…}`, `extends`) is put over it here. The schema says less
//! than the decoder: names and sums are beyond it.

mod language;
mod strict;

use schemars::generate::SchemaSettings;
use serde_json::Value;
use upstorm_model::scenario::Scenario;

/// The schema of a scenario file, draft-07.
#[must_use]
pub fn json_schema() -> Value {
    let generator = SchemaSettings::draft07().for_deserialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Scenario>().to_value();
    strict::tighten(&mut schema);
    language::complete(&mut schema);
    schema
}
