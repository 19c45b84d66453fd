//! `results.json`: the document itself, its JSON Schema, and reading it back. Every other document that is written as
//! JSON goes the same ways.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::render::RenderError;
use crate::results::{RESULTS_VERSION, Results};

/// Why a text is no results document.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not JSON, or not of this form.
    #[error("not a results document: {0}")]
    Form(#[from] serde_json::Error),
    /// A later tool wrote it.
    #[error("results version {found} is not readable by this tool, which reads version {known}")]
    Version {
        /// The version of the document.
        found: u64,
        /// The version that this tool reads.
        known: u32,
    },
}

/// The document as indented JSON. The same results give the same bytes.
///
/// # Errors
/// When a value cannot be written as JSON.
pub fn render(results: &Results) -> Result<String, RenderError> {
    written(results)
}

/// Reads a document back. Fields that this tool does not know are passed over.
///
/// # Errors
/// When it is no results document, or one of another version.
pub fn read(text: &str) -> Result<Results, ReadError> {
    read_version(text, RESULTS_VERSION)
}

/// The JSON Schema (draft-07) of `results.json`.
#[must_use]
pub fn results_schema() -> Value {
    schema_of::<Results>()
}

pub(crate) fn written(document: &impl Serialize) -> Result<String, RenderError> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}

pub(crate) fn read_version<T: DeserializeOwned>(text: &str, known: u32) -> Result<T, ReadError> {
    let value: Value = serde_json::from_str(text)?;
    match value.get("version").and_then(Value::as_u64) {
        Some(found) if found != u64::from(known) => Err(ReadError::Version { found, known }),
        _ => Ok(serde_json::from_value(value)?),
    }
}

pub(crate) fn schema_of<T: JsonSchema>() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<T>().to_value()
}
