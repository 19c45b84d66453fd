//! `results.json`: the document itself, its JSON Schema, and reading it back.

use schemars::generate::SchemaSettings;
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
    #[error("results version {0} is not readable by this tool, which reads version {RESULTS_VERSION}")]
    Version(u64),
}

/// The document as indented JSON. The same results give the same bytes.
///
/// # Errors
/// When a value cannot be written as JSON.
pub fn render(results: &Results) -> Result<String, RenderError> {
    Ok(serde_json::to_string_pretty(results)? + "\n")
}

/// Reads a document back. Fields that this tool does not know are passed over.
///
/// # Errors
/// When it is no results document, or one of another version.
pub fn read(text: &str) -> Result<Results, ReadError> {
    let value: Value = serde_json::from_str(text)?;
    match value.get("version").and_then(Value::as_u64) {
        Some(version) if version != u64::from(RESULTS_VERSION) => Err(ReadError::Version(version)),
        _ => Ok(serde_json::from_value(value)?),
    }
}

/// The JSON Schema (draft-07) of `results.json`.
#[must_use]
pub fn results_schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<Results>().to_value()
}
