//! Generating the schema from the model's types.

use schemars::generate::SchemaSettings;
use serde_json::Value;
use upstorm_model::scenario::Scenario;

use super::language::complete;
use super::strict::tighten;

/// The schema of a scenario file, draft-07.
#[must_use]
pub fn json_schema() -> Value {
    let generator = SchemaSettings::draft07().for_deserialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Scenario>().to_value();
    tighten(&mut schema);
    complete(&mut schema);
    schema
}
