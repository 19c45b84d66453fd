//! Checks that prove nothing: they cannot fail, cannot hold, or have too little to look at.

use upstorm_model::plan::{PlannedCheck, Role, Subject};
use upstorm_model::policy::{BreakerKind, PolicySettings};
use upstorm_model::scenario::{BreakerCheck, CheckKind, Slo};
use upstorm_model::{Plan, TimeSpan};

use super::case::{Case, Spot};
use crate::diagnostic::{Diagnostic, codes};
use crate::forecast::{looked_at, needs};

/// The checks that the scenario asks for, with their indices and kinds.
fn asked(plan: &Plan) -> impl Iterator<Item = (usize, &PlannedCheck, &CheckKind)> {
    plan.checks.iter().enumerate().filter_map(|(index, c)| c.kind.as_ref().map(|kind| (index, c, kind)))
}

fn policy(plan: &Plan, of: Subject) -> Option<&PolicySettings> {
    match of {
        Subject::Edge { from, .. } => plan.policy_of(from),
        _ => None,
    }
}

/// W001.
pub(super) fn cannot_fail(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for (index, check, kind) in asked(case.plan) {
        let policy = policy(case.plan, check.of);
        let attempts = policy.map(|p| p.retry.max_attempts);
        let off = policy.is_some_and(|p| p.breaker.kind == BreakerKind::Off);
        let reason = match kind {
            CheckKind::Slo(slo) => lenient(slo, timeout(case.plan, check.of)),
            CheckKind::Breaker(b) if b.stays_closed && off => Some("the subject has no breaker".to_owned()),
            CheckKind::RetryBudget(_) if attempts == Some(1) => Some("the subject never retries".to_owned()),
            CheckKind::Amplification(a) => attempts
                .filter(|n| f64::from(*n) <= a.max)
                .map(|n| format!("the subject makes at most {n} attempts a call, and `max` is {}", a.max)),
            _ => None,
        };
        let reason = reason.filter(|_| !unrecorded(case.plan, check.of));
        if let Some(reason) = reason {
            let message = format!("check `{}` cannot fail: {reason}", check.name);
            found.push(case.warn(&codes::CANNOT_FAIL, &format!("check[{index}].{}", kind.key()), message));
        }
    }
}

fn timeout(plan: &Plan, of: Subject) -> Option<TimeSpan> {
    let client = plan.clients.iter().find(|c| of == Subject::Client(c.host));
    client.map(|c| c.timeout).filter(|t| !t.is_zero())
}

/// Why a service level allows everything.
fn lenient(slo: &Slo, timeout: Option<TimeSpan>) -> Option<String> {
    if slo.errors.is_some_and(|r| r.get() >= 1.0) || slo.throttled.is_some_and(|r| r.get() >= 1.0) {
        return Some("it allows that all calls go wrong".to_owned());
    }
    if slo.availability.is_some_and(|r| r.get() <= 0.0) {
        return Some("it asks for an availability of nothing".to_owned());
    }
    let timeout = timeout?;
    let over = slo.quantiles().find(|(_, limit)| *limit > timeout);
    over.map(|(_, limit)| {
        format!("it allows {limit}, and the client's `timeout` ends every call after {timeout}")
    })
}

/// W002.
pub(super) fn cannot_pass(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for (index, check, kind) in asked(case.plan) {
        if let Some(reason) = hopeless(case, check, kind) {
            let message = format!("check `{}` cannot hold: {reason}", check.name);
            found.push(case.warn(&codes::CANNOT_PASS, &format!("check[{index}].{}", kind.key()), message));
        }
    }
}

/// Why a check cannot hold, if it cannot.
fn hopeless(case: &Case<'_>, check: &PlannedCheck, kind: &CheckKind) -> Option<String> {
    let policy = policy(case.plan, check.of);
    let once = policy.is_some_and(|p| p.retry.max_attempts == 1);
    if unrecorded(case.plan, check.of) {
        return Some(
            "attempts are recorded where they reach an upstream, and this edge ends before".to_owned(),
        );
    }
    match kind {
        CheckKind::Jitter(_) | CheckKind::RetryAfter(_) if once => {
            Some("the subject never retries".to_owned())
        }
        CheckKind::Breaker(b) => impossible(b, policy),
        CheckKind::Slo(slo) => too_strict(case, check, slo),
        _ => None,
    }
}

/// Whether what an edge carries is seen by nobody who records.
fn unrecorded(plan: &Plan, of: Subject) -> bool {
    let Subject::Edge { to, .. } = of else { return false };
    plan.hosts.get(usize::from(to.0)).is_some_and(|host| host.role != Role::Upstream)
}

fn impossible(asked: &BreakerCheck, policy: Option<&PolicySettings>) -> Option<String> {
    if asked.stays_closed && asked.opens_within.is_some() {
        return Some("it asks the breaker to open and not to open".to_owned());
    }
    let off = policy.is_some_and(|p| p.breaker.kind == BreakerKind::Off);
    let needs_one = asked.opens_within.is_some() || (asked.closes_within.is_none() && !asked.stays_closed);
    (off && needs_one).then(|| "the subject has no breaker".to_owned())
}

/// Why no call can be as quick as asked: on each route that the calls meet, the law itself is slower.
fn too_strict(case: &Case<'_>, check: &PlannedCheck, slo: &Slo) -> Option<String> {
    let Subject::Client(client) = check.of else { return None };
    let segments = looked_at(case.plan, check);
    let met = |spot: &Spot| {
        let upstream = &case.plan.upstreams[spot.upstream];
        segments.contains(&spot.segment)
            && case.traffic.of_client_at(client, (upstream, spot.route), spot.segment) > 0.0
    };
    let spots: Vec<Spot> = case.spots().filter(met).collect();
    let quickest = |p: f64| {
        let law = |s: &Spot| &case.plan.upstreams[s.upstream].timeline[s.segment].routes[s.route].latency;
        let ends = spots.iter().flat_map(|s| [0.0, 1.0].map(|progress| law(s).quantile(progress, p)));
        ends.min().map(TimeSpan::from)
    };
    slo.quantiles().find_map(|(p, limit)| {
        let least = quickest(p).filter(|least| *least > limit)?;
        Some(format!("it asks for {limit} at p{}, and the upstream itself takes {least}", p * 100.0))
    })
}

/// W003.
pub(super) fn too_few_samples(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for (index, check, kind) in asked(case.plan) {
        // What has nothing to look at, or could not hold with any number of samples, has been said.
        if calls(case, check) <= 0.0 || hopeless(case, check, kind).is_some() {
            continue;
        }
        let short =
            needs(case.plan, &case.traffic, check).into_iter().filter(crate::forecast::Need::is_short);
        for need in short {
            let message = format!(
                "check `{}` will have about {:.0} {}, and needs {}",
                check.name, need.expected, need.what, need.needed
            );
            found.push(case.warn(
                &codes::TOO_FEW_SAMPLES,
                &format!("check[{index}].{}", kind.key()),
                message,
            ));
        }
    }
}

/// W008.
pub(super) fn no_load(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for (index, check, _) in asked(case.plan).filter(|(_, check, _)| calls(case, check) <= 0.0) {
        let message = format!("check `{}` has no call to look at", check.name);
        found.push(case.warn(&codes::NO_LOAD, &format!("check[{index}].during"), message));
    }
}

fn calls(case: &Case<'_>, check: &PlannedCheck) -> f64 {
    looked_at(case.plan, check).into_iter().map(|segment| case.traffic.seen_by(check.of, segment)).sum()
}
