//! The selftest as JSON, its JSON Schema, and reading it back.

use serde_json::Value;

use super::{SELFTEST_VERSION, SelftestResults};
use crate::json::{self, ReadError};
use crate::render::RenderError;

/// The document as indented JSON.
///
/// # Errors
/// When a value cannot be written as JSON.
pub fn render(selftest: &SelftestResults) -> Result<String, RenderError> {
    json::written(selftest)
}

/// Reads a document back. Fields that this tool does not know are passed over.
///
/// # Errors
/// When it is no such document, or one of another version.
pub fn read(text: &str) -> Result<SelftestResults, ReadError> {
    json::read_version(text, SELFTEST_VERSION)
}

/// The JSON Schema (draft-07) of what `upstorm selftest --format json` prints.
#[must_use]
pub fn selftest_schema() -> Value {
    json::schema_of::<SelftestResults>()
}
