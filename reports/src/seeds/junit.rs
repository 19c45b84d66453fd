//! Several seeds as JUnit XML: suite = scenario\[variant\], case = check. A case fails if its check failed with any seed.

use quick_junit::{Report, TestCase, TestSuite};
use upstorm_model::scenario::Severity;
use upstorm_model::verdict::{CheckAcross, Verdict};

use super::document::worst_of;
use super::{SeedsResults, words as say};
use crate::junit::{Case, breakdown};
use crate::render::RenderError;
use crate::words;

/// The document as JUnit XML.
///
/// # Errors
/// When the XML cannot be serialised.
pub fn render(seeds: &SeedsResults) -> Result<String, RenderError> {
    let mut report = Report::new(seeds.tool.name.clone());
    report.add_test_suite(suite(seeds, true));
    Ok(report.to_string()?)
}

/// The suite of a scenario, or of one of its variants. Where it does not count, nothing that failed is more than a
/// warning.
pub(crate) fn suite(seeds: &SeedsResults, counts: bool) -> TestSuite {
    let name = match seeds.variant.as_str() {
        "" => seeds.scenario.clone(),
        variant => format!("{}[{variant}]", seeds.scenario),
    };
    let mut suite = TestSuite::new(name);
    suite.add_property(("seeds", say::which(seeds).as_str()));
    suite.add_property(("world", words::world(seeds.world)));
    suite.add_property(("command", seeds.command.as_str()));
    suite.add_property(("version", seeds.tool.version.as_str()));
    suite.add_test_cases(seeds.checks.iter().map(|c| case(seeds, c, counts)));
    let said = seeds.checks.iter().any(|c| words::is_always_on(&c.kind) && worst_of(c) != Verdict::Held);
    suite.add_test_cases(breakdown(seeds.exit_code, said, None));
    suite
}

fn case(seeds: &SeedsResults, check: &CheckAcross, gates: bool) -> TestCase {
    let counts = format!(
        "held with {}, failed with {}, inconclusive with {} seeds; share that fails, 95 % sure: {}",
        check.held,
        check.failed,
        check.inconclusive,
        say::failing(check)
    );
    let rows = check.measures.iter().map(|m| {
        let all: Vec<String> =
            say::quantiles(m).iter().map(|(name, said)| format!("{name} {said}")).collect();
        let all = if all.is_empty() { "no value".to_owned() } else { all.join(", ") };
        format!("{}, expected {}: {all} (n = {})", say::label(m), say::expected(m), m.n)
    });
    let see = say::telling_seed(check).map(|seed| format!("see seed {seed}: {}", seeds.command_of(seed)));
    let table: Vec<String> = std::iter::once(counts).chain(see).chain(rows).collect();
    let case = Case {
        scenario: &seeds.scenario,
        check: &check.check,
        kind: &check.kind,
        severity: if gates { check.severity } else { Severity::Warn },
        verdict: worst_of(check),
        message: say::sentences(check).join("\n"),
        table: table.join("\n"),
        assertions: check.measures.len(),
    };
    case.written()
}
