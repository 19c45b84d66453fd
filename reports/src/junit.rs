//! `junit.xml`: suite = scenario\[variant\], case = check. Read by every CI system.
//!
//! | finding | case |
//! |---|---|
//! | Held | passes |
//! | Failed, severity `fail` | `<failure>`, the whole message as its text (GitLab ignores the attribute) |
//! | Inconclusive, severity `fail` | `<error>`: nothing is known against the subject, and the run does not exit 0 |
//! | an always-on check Failed | `<error>`: it judges the harness, not the subject |
//! | Failed, severity `warn` | passes, the message in `system-out` |
//! | Inconclusive, severity `warn` | skipped |
//!
//! Where the harness or the subject broke down and no case says so, a case `run` does.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use upstorm_model::scenario::Severity;
use upstorm_model::verdict::{Finding, Verdict};

use crate::render::RenderError;
use crate::results::Results;
use crate::words;

/// The results as JUnit XML.
///
/// # Errors
/// When the XML cannot be serialised.
pub fn render(results: &Results) -> Result<String, RenderError> {
    let name = match results.variant.as_str() {
        "" => results.scenario.clone(),
        variant => format!("{}[{variant}]", results.scenario),
    };
    let mut suite = TestSuite::new(name);
    suite.add_property(("seed", results.seed.to_string().as_str()));
    suite.add_property(("command", results.command.as_str()));
    suite.add_property(("version", results.tool.version.as_str()));
    suite.add_test_cases(results.findings.iter().map(|f| case(results, f)));
    suite.add_test_cases(breakdown(results));
    let mut report = Report::new(results.tool.name.clone());
    report.add_test_suite(suite);
    Ok(report.to_string()?)
}

fn case(results: &Results, finding: &Finding) -> TestCase {
    let message = words::sentences(finding).join("\n");
    let status = match (finding.verdict, finding.severity) {
        (Verdict::Held, _) | (Verdict::Failed, Severity::Warn) => TestCaseStatus::success(),
        (Verdict::Inconclusive, Severity::Warn) => with_text(TestCaseStatus::skipped(), &message, finding),
        (Verdict::Failed, Severity::Fail) if !words::is_always_on(finding) => {
            with_text(TestCaseStatus::non_success(NonSuccessKind::Failure), &message, finding)
        }
        (Verdict::Failed | Verdict::Inconclusive, Severity::Fail) => {
            with_text(TestCaseStatus::non_success(NonSuccessKind::Error), &message, finding)
        }
    };
    let warned = finding.verdict == Verdict::Failed && finding.severity == Severity::Warn;
    let mut case = TestCase::new(finding.check.clone(), status);
    case.set_classname(format!("{}.{}", results.scenario, finding.kind));
    case.set_assertions(finding.observations.len());
    if warned {
        case.set_system_out(format!("warning: {message}"));
    }
    case
}

fn with_text(mut status: TestCaseStatus, message: &str, finding: &Finding) -> TestCaseStatus {
    let first = message.lines().next().unwrap_or_default();
    let rows = finding.observations.iter().map(|o| {
        let (expected, observed) = (words::expected(o), words::observed(o));
        format!(
            "{}: {}, expected {expected}, observed {observed}, n = {}",
            words::verdict_of(finding.severity, o.verdict),
            words::label(o),
            o.n
        )
    });
    let table: Vec<String> = rows.collect();
    status.set_message(first).set_type(finding.kind.clone());
    status.set_description(format!("{message}\n\n{}", table.join("\n")));
    status
}

/// A run that broke down must not look green because no check was judged.
fn breakdown(results: &Results) -> Option<TestCase> {
    let broke = matches!(results.exit_code, 1 | 2 | 20 | 21 | 130 | 143);
    let said = results.findings.iter().any(|f| words::is_always_on(f) && f.verdict != Verdict::Held);
    (broke && !said).then(|| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        let text = format!("exit code {}: {}", results.exit_code, words::exit(results.exit_code));
        status.set_message(text.clone()).set_type("run").set_description(text);
        TestCase::new("run", status)
    })
}
