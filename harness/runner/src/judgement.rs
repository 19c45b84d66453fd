//! Judging: the checks' findings, and what they mean for the whole run.

use upstorm_model::Plan;
use upstorm_model::recording::{MarkKind, Recording};
use upstorm_model::scenario::{AlwaysOn, Severity};
use upstorm_model::verdict::{Doubt, Finding, Verdict};

use crate::ExitCode;

/// Past this lateness at the 99th percentile, the load was not the load that was asked for.
const HOPELESSLY_LATE_SECS: f64 = 0.25;

/// The findings of a run, and how it ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// One for each check of the plan, in order.
    pub findings: Vec<Finding>,
    /// What follows for the process.
    pub exit: ExitCode,
}

/// Applies the plan's checks to what was recorded.
#[must_use]
pub fn judge(plan: &Plan, recording: &Recording) -> Judgement {
    let findings = upstorm_checks::judge(plan, recording);
    // A run without an end proves nothing, whatever was seen of it.
    let whole = if recording.says(&MarkKind::GivenUp) { ExitCode::Harness } else { ExitCode::Held };
    let exit = findings.iter().map(exit_of).fold(whole, ExitCode::or);
    Judgement { findings, exit }
}

/// What one finding alone would mean. Warnings never count.
fn exit_of(finding: &Finding) -> ExitCode {
    match (finding.severity, finding.verdict) {
        (Severity::Warn, _) | (_, Verdict::Held) => ExitCode::Held,
        (Severity::Fail, Verdict::Failed) if is_about_the_harness(finding) => ExitCode::Harness,
        (Severity::Fail, Verdict::Failed) => ExitCode::Failed,
        (Severity::Fail, Verdict::Inconclusive) if was_hopelessly_late(finding) => ExitCode::Harness,
        (Severity::Fail, Verdict::Inconclusive) => ExitCode::Inconclusive,
    }
}

/// The always-on checks judge the tool, not the subject: where one fails, the run proves nothing.
fn is_about_the_harness(finding: &Finding) -> bool {
    let harness = [
        AlwaysOn::FaultsInjected,
        AlwaysOn::LoadDelivered,
        AlwaysOn::LatencyLaw,
        AlwaysOn::AttemptsAccounted,
    ];
    harness.iter().any(|check| check.key() == finding.kind)
}

fn was_hopelessly_late(finding: &Finding) -> bool {
    let late =
        |doubt: Doubt| matches!(doubt, Doubt::HarnessLate { seconds } if seconds > HOPELESSLY_LATE_SECS);
    is_about_the_harness(finding) && finding.observations.iter().filter_map(|o| o.doubt).any(late)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(kind: &str, severity: Severity, verdict: Verdict) -> Finding {
        Finding {
            check: "c".into(),
            kind: kind.into(),
            subject: String::new(),
            during: Vec::new(),
            severity,
            verdict,
            observations: Vec::new(),
            line: None,
            column: None,
        }
    }

    #[test]
    fn warnings_never_count_and_the_harness_is_told_from_the_subject() {
        assert_eq!(exit_of(&finding("slo", Severity::Warn, Verdict::Failed)), ExitCode::Held);
        assert_eq!(exit_of(&finding("slo", Severity::Fail, Verdict::Failed)), ExitCode::Failed);
        assert_eq!(exit_of(&finding("slo", Severity::Fail, Verdict::Inconclusive)), ExitCode::Inconclusive);
        assert_eq!(exit_of(&finding("latency-law", Severity::Fail, Verdict::Failed)), ExitCode::Harness);
    }
}
