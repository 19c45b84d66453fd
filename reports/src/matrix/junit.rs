//! A matrix as JUnit XML: suite = scenario\[variant\], case = check. What fails in a variant that does not count is no
//! failure: its message stands in `system-out`.

use quick_junit::Report;

use super::MatrixResults;
use crate::render::RenderError;
use crate::seeds::junit::suite;

/// The document as JUnit XML.
///
/// # Errors
/// When the XML cannot be serialised.
pub fn render(matrix: &MatrixResults) -> Result<String, RenderError> {
    let mut report = Report::new(matrix.tool.name.clone());
    for variant in &matrix.variants {
        let mut suite = suite(&variant.seeds, variant.gates);
        for setting in &variant.settings {
            suite.add_property((setting.path.as_str(), setting.value.as_str()));
        }
        report.add_test_suite(suite);
    }
    Ok(report.to_string()?)
}
