//! The files that are rendered from the document on several variants: each name with its text. Writing them is left to
//! the caller.

use super::{MatrixResults, json, junit, markdown};
use crate::render::RenderError;

/// Every file of a matrix's folder that is rendered from its document. Pages are per variant: there is none here.
///
/// # Errors
/// When one of them cannot be rendered.
pub fn render_all(matrix: &MatrixResults) -> Result<Vec<(&'static str, String)>, RenderError> {
    Ok(vec![
        ("matrix.json", json::render(matrix)?),
        ("summary.md", markdown::render(matrix)),
        ("junit.xml", junit::render(matrix)?),
    ])
}
