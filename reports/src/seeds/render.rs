//! The files that are rendered from the document on several seeds: each name with its text. Writing them is left to the
//! caller.

use super::{SeedsResults, html, json, junit, markdown};
use crate::render::RenderError;

/// Every file of a folder of several seeds that is rendered from its document.
///
/// # Errors
/// When one of them cannot be rendered.
pub fn render_all(seeds: &SeedsResults) -> Result<Vec<(&'static str, String)>, RenderError> {
    Ok(vec![
        ("seeds.json", json::render(seeds)?),
        ("report.html", html::render(seeds)?),
        ("summary.md", markdown::render(seeds)),
        ("junit.xml", junit::render(seeds)?),
    ])
}
