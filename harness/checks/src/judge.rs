//! Judging: a plan and a recording become findings, one for each check of the plan.

use upstorm_model::Plan;
use upstorm_model::plan::{PlannedCheck, Subject};
use upstorm_model::recording::Recording;
use upstorm_model::verdict::Finding;

use crate::evidence::Evidence;
use crate::together::together;
use crate::{CHECKS, Case, CheckInfo};

/// Judges a recording by the checks of a plan, in their order. Never fails: what cannot be told is Inconclusive.
#[must_use]
pub fn judge(plan: &Plan, recording: &Recording) -> Vec<Finding> {
    let evidence = Evidence::new(plan, recording);
    let mut findings: Vec<Finding> =
        plan.checks.iter().map(|check| find(&Case::new(&evidence, check))).collect();
    together(&mut findings, |finding| !CHECKS.iter().any(|c| c.always_on && c.key == finding.kind));
    findings
}

fn find(case: &Case<'_>) -> Finding {
    let (plan, check) = (case.plan(), case.check);
    let key = key(check);
    let info = CHECKS.iter().find(|c: &&CheckInfo| c.key == key);
    let observations = info.map_or_else(Vec::new, |info| (info.observe)(case));
    let phases = check.during.iter().filter_map(|index| plan.phases.get(usize::from(*index)));
    Finding {
        check: check.name.clone(),
        kind: key.to_owned(),
        subject: subject(plan, &check.of),
        during: phases.map(|p| p.name.clone()).collect(),
        severity: check.severity,
        verdict: Finding::verdict_of(&observations),
        observations,
        line: check.place.map(|p| p.line),
        column: check.place.map(|p| p.column),
    }
}

/// The key of its entry in the registry; empty for a check that is none.
fn key(check: &PlannedCheck) -> &'static str {
    let kind = check.kind.as_ref().map(upstorm_model::scenario::CheckKind::key);
    kind.or(check.always_on.map(upstorm_model::scenario::AlwaysOn::key)).unwrap_or("")
}

/// Whom a check is about, as a scenario writes it.
fn subject(plan: &Plan, of: &Subject) -> String {
    match of {
        Subject::Run => String::new(),
        Subject::Client(client) => plan.host_name(*client).to_owned(),
        Subject::Edge { from, to, route } => {
            let upstream = to.first().and_then(|first| plan.upstream_of(*first)).map(|(_, u)| u);
            let name = route.and_then(|r| upstream?.routes.get(usize::from(r.0))).map(|r| r.name.as_str());
            let route = name.map_or_else(String::new, |name| format!("/{name}"));
            format!("{} -> {}{route}", plan.host_name(*from), plan.name_of_hosts(to))
        }
    }
}
