//! The files of a run folder that are rendered from the results: each name with its text. Writing them is left to
//! the caller.

use crate::results::Results;
use crate::{html, json, junit, markdown};

/// Why a report could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A value that JSON cannot hold.
    #[error("results.json could not be written: {0}")]
    Json(#[from] serde_json::Error),
    /// The page's template failed.
    #[error("report.html could not be written: {0}")]
    Html(#[from] askama::Error),
    /// JUnit's XML could not be serialised.
    #[error("junit.xml could not be written: {0}")]
    Junit(#[from] quick_junit::SerializeError),
}

/// Every file of a run folder that is rendered from the results.
///
/// # Errors
/// When one of them cannot be rendered.
pub fn render_all(results: &Results) -> Result<Vec<(&'static str, String)>, RenderError> {
    Ok(vec![
        ("results.json", json::render(results)?),
        ("report.html", html::render(results)?),
        ("summary.md", markdown::render(results)),
        ("junit.xml", junit::render(results)?),
    ])
}
