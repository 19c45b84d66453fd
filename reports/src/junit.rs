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
use crate::results::{Partial, Results};
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
    suite.add_property(("world", words::world(results.world)));
    suite.add_property(("command", results.command.as_str()));
    suite.add_property(("version", results.tool.version.as_str()));
    if let Some(recording) = &results.recording {
        suite.add_property(("recording", words::digest(recording).as_str()));
    }
    suite.add_test_cases(results.findings.iter().map(|f| case(results, f)));
    let given_up = results.partial.filter(|partial| *partial == Partial::GivenUp).map(words::partial);
    let said = results.findings.iter().any(|f| words::is_always_on(&f.kind) && f.verdict != Verdict::Held);
    suite.add_test_cases(breakdown(results.exit_code, said && given_up.is_none(), given_up));
    let mut report = Report::new(results.tool.name.clone());
    report.add_test_suite(suite);
    Ok(report.to_string()?)
}

fn case(results: &Results, finding: &Finding) -> TestCase {
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
    let case = Case {
        scenario: &results.scenario,
        check: &finding.check,
        kind: &finding.kind,
        severity: finding.severity,
        verdict: finding.verdict,
        message: words::sentences(finding).join("\n"),
        table: table.join("\n"),
        assertions: finding.observations.len(),
    };
    case.written()
}

/// A check as a case.
pub(crate) struct Case<'a> {
    pub(crate) scenario: &'a str,
    pub(crate) check: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) severity: Severity,
    pub(crate) verdict: Verdict,
    /// What did not hold, in sentences.
    pub(crate) message: String,
    /// What was measured, a line each.
    pub(crate) table: String,
    /// How many things were measured.
    pub(crate) assertions: usize,
}

impl Case<'_> {
    pub(crate) fn written(&self) -> TestCase {
        let mut case = TestCase::new(self.check.to_owned(), self.status());
        case.set_classname(format!("{}.{}", self.scenario, self.kind));
        case.set_assertions(self.assertions);
        if self.verdict == Verdict::Failed && self.severity == Severity::Warn {
            case.set_system_out(format!("warning: {}", self.message));
        }
        case
    }

    fn status(&self) -> TestCaseStatus {
        match (self.verdict, self.severity) {
            (Verdict::Held, _) | (Verdict::Failed, Severity::Warn) => TestCaseStatus::success(),
            (Verdict::Inconclusive, Severity::Warn) => self.told(TestCaseStatus::skipped()),
            (Verdict::Failed, Severity::Fail) if !words::is_always_on(self.kind) => {
                self.told(TestCaseStatus::non_success(NonSuccessKind::Failure))
            }
            (Verdict::Failed | Verdict::Inconclusive, Severity::Fail) => {
                self.told(TestCaseStatus::non_success(NonSuccessKind::Error))
            }
        }
    }

    fn told(&self, mut status: TestCaseStatus) -> TestCaseStatus {
        let first = self.message.lines().next().unwrap_or_default();
        status.set_message(first).set_type(self.kind.to_owned());
        status.set_description(format!("{}\n\n{}", self.message, self.table));
        status
    }
}

/// A run that broke down must not look green because no check was judged; one that an always-on check spoke of is not.
pub(crate) fn breakdown(exit_code: u8, said: bool, why: Option<&str>) -> Option<TestCase> {
    let broke = matches!(exit_code, 1 | 2 | 20 | 21 | 130 | 143);
    (broke && !said).then(|| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        let why = why.map(|why| format!(". {why}")).unwrap_or_default();
        let text = format!("exit code {exit_code}: {}{why}", words::exit(exit_code));
        status.set_message(text.clone()).set_type("run").set_description(text);
        TestCase::new("run", status)
    })
}
