//! `matrix.json`: the document itself, its JSON Schema, and reading it back.

use serde_json::Value;

use super::document::{MATRIX_VERSION, MatrixResults};
use crate::json::{self, ReadError};
use crate::render::RenderError;

/// The document as indented JSON. The same results give the same bytes.
///
/// # Errors
/// When a value cannot be written as JSON.
pub fn render(matrix: &MatrixResults) -> Result<String, RenderError> {
    json::written(matrix)
}

/// Reads a document back. Fields that this tool does not know are passed over.
///
/// # Errors
/// When it is no such document, or one of another version.
pub fn read(text: &str) -> Result<MatrixResults, ReadError> {
    json::read_version(text, MATRIX_VERSION)
}

/// The JSON Schema (draft-07) of `matrix.json`.
#[must_use]
pub fn matrix_schema() -> Value {
    json::schema_of::<MatrixResults>()
}
