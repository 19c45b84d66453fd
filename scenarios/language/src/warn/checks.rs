//! Checks that prove nothing: they cannot fail, cannot hold, or have too little to look at.

use upstorm_model::plan::{PlannedCheck, Role, Subject};
use upstorm_model::policy::{BreakerKind, HedgeKind, PolicySettings};
use upstorm_model::scenario::{BreakerCheck, CheckKind, Recovery, Slo};
use upstorm_model::{HostId, Plan, TimeSpan};

use super::alarms::{all_safe, too_slow_to_fire, too_soon_to_fire};
use super::case::{Case, Spot};
use crate::diagnostic::{Diagnostic, codes};
use crate::forecast::{looked_at, needs, ways_from};

/// The checks that the scenario asks for, with their indices and kinds.
fn asked(plan: &Plan) -> impl Iterator<Item = (usize, &PlannedCheck, &CheckKind)> {
    plan.checks.iter().enumerate().filter_map(|(index, c)| c.kind.as_ref().map(|kind| (index, c, kind)))
}

fn policy<'a>(plan: &'a Plan, of: &Subject) -> Option<&'a PolicySettings> {
    match of {
        Subject::Edge { from, .. } => plan.policy_of(*from),
        _ => None,
    }
}

/// W001.
pub(super) fn cannot_fail(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for (index, check, kind) in asked(case.plan) {
        let policy = policy(case.plan, &check.of);
        let attempts = most_attempts(case.plan, &check.of);
        let off = policy.is_some_and(|p| p.breaker.kind == BreakerKind::Off);
        let reason = match kind {
            CheckKind::Slo(slo) => lenient(slo, timeout(case.plan, &check.of)),
            CheckKind::Breaker(b) if b.stays_closed && off => Some("the subject has no breaker".to_owned()),
            CheckKind::RetryBudget(_) | CheckKind::RetrySafety(_) if attempts == Some(1) => {
                Some("the subject never retries".to_owned())
            }
            CheckKind::Alert(alert) => too_slow_to_fire(case.plan, check, alert),
            CheckKind::Amplification(a) => attempts
                .filter(|n| *n as f64 <= a.max)
                .map(|n| format!("the subject makes at most {n} attempts a call, and `max` is {}", a.max)),
            _ => None,
        };
        let reason = reason.filter(|_| !unrecorded(case.plan, &check.of));
        if let Some(reason) = reason {
            let message = format!("check `{}` cannot fail: {reason}", check.name);
            found.push(case.warn(&codes::CANNOT_FAIL, &format!("check[{index}].{}", kind.key()), message));
        }
    }
}

/// The attempts that a call can become on an edge: those of its sender, times those of each gateway on the way.
fn most_attempts(plan: &Plan, of: &Subject) -> Option<u64> {
    let Subject::Edge { from, to, .. } = of else { return None };
    let of_host = |host: &HostId| {
        let policy = plan.policy_of(*host)?;
        let hedges = if policy.hedge.kind == HedgeKind::Off { 0 } else { policy.hedge.max };
        Some(u64::from(policy.retry.max_attempts) + u64::from(hedges))
    };
    let of_way = |way: Vec<HostId>| {
        let end = way.iter().position(|host| to.contains(host))?;
        std::iter::once(from)
            .chain(&way[..end])
            .map(of_host)
            .try_fold(1_u64, |n, more| Some(n.saturating_mul(more?)))
    };
    ways_from(plan, *from).into_iter().filter_map(of_way).max()
}

fn timeout(plan: &Plan, of: &Subject) -> Option<TimeSpan> {
    let client = plan.clients.iter().find(|c| *of == Subject::Client(c.host));
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
    let policy = policy(case.plan, &check.of);
    let once = policy.is_some_and(|p| p.retry.max_attempts == 1);
    if unrecorded(case.plan, &check.of) {
        return Some(
            "attempts are recorded where they reach an upstream, and this edge ends before".to_owned(),
        );
    }
    match kind {
        CheckKind::Jitter(_) | CheckKind::RetryAfter(_) | CheckKind::Backoff(_) if once => {
            Some("the subject never retries".to_owned())
        }
        CheckKind::Failover(_) => endless(case.plan, check),
        CheckKind::Fresh(_) => uncached(case.plan, &check.of),
        CheckKind::Breaker(b) => impossible(b, policy),
        CheckKind::Slo(slo) => too_strict(case, check, slo),
        CheckKind::Alert(alert) => too_soon_to_fire(alert),
        CheckKind::RetrySafety(_) => all_safe(case.plan, &check.of),
        CheckKind::Recovery(recovery) => no_experiment(case.plan, recovery),
        _ => None,
    }
}

/// Whether what an edge carries is seen by nobody who records.
fn unrecorded(plan: &Plan, of: &Subject) -> bool {
    let Subject::Edge { to, .. } = of else { return false };
    to.iter().all(|to| plan.hosts.get(usize::from(to.0)).is_some_and(|host| host.role != Role::Upstream))
}

/// Why nobody is seen to come back, if the trouble that is looked at ends with the run.
fn endless(plan: &Plan, check: &PlannedCheck) -> Option<String> {
    let first = check.during.first().and_then(|index| plan.phases.get(usize::from(*index)));
    match first {
        None => Some("it must name the phase of the trouble in `during`".to_owned()),
        Some(phase) if phase.end >= plan.end => {
            Some(format!("the run ends with `{}`, so nobody is seen to come back", phase.name))
        }
        Some(_) => None,
    }
}

/// Why no answer is ever kept, if there is no cache on a client's way.
fn uncached(plan: &Plan, of: &Subject) -> Option<String> {
    let Subject::Client(client) = of else { return None };
    let none = plan.cache_before(*client).is_none();
    none.then(|| "no gateway on its way has a cache".to_owned())
}

fn impossible(asked: &BreakerCheck, policy: Option<&PolicySettings>) -> Option<String> {
    if asked.stays_closed && asked.opens_within.is_some() {
        return Some("it asks the breaker to open and not to open".to_owned());
    }
    let off = policy.is_some_and(|p| p.breaker.kind == BreakerKind::Off);
    let needs_one = asked.opens_within.is_some() || !asked.stays_closed;
    // Whoever states its settings knows of one that the plan does not.
    (off && needs_one && asked.settings.is_none()).then(|| "the subject has no breaker".to_owned())
}

/// Why the load-drop experiment shows nothing: its phases do not follow each other, or the run ends with the drop.
fn no_experiment(plan: &Plan, asked: &Recovery) -> Option<String> {
    let (drop, restore) = (asked.drop.as_deref()?, asked.restore.as_deref()?);
    let [after, dropped, restored] = [&asked.after, drop, restore].map(|name| plan.phase_named(name));
    let (after, dropped, restored) = (after?, dropped?, restored?);
    let ordered = after.end < dropped.start && dropped.end <= restored.start;
    (!ordered).then(|| {
        let before = &asked.after;
        format!("`{drop}` must leave time to be stuck after `{before}`, and `{restore}` must follow it")
    })
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
    let route = |s: &Spot| &case.plan.upstreams[s.upstream].timeline[s.segment].routes[s.route];
    if spots.iter().any(|spot| route(spot).script.is_some()) {
        return None; // Its steps may be quicker.
    }
    let quickest = |p: f64| {
        let ends =
            spots.iter().flat_map(|s| [0.0, 1.0].map(|progress| route(s).latency.quantile(progress, p)));
        ends.min().map(TimeSpan::from)
    };
    slo.quantiles().filter(|(_, limit)| !case.plan.may_outrun(client, *limit)).find_map(|(p, limit)| {
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
    let standbys = case.plan.standbys();
    // Nobody knows how many calls will go over.
    let waits =
        |of: &Subject| matches!(of, Subject::Edge { to, .. } if to.iter().any(|to| standbys.contains(to)));
    let idle = |check: &PlannedCheck| calls(case, check) <= 0.0 && !waits(&check.of);
    for (index, check, _) in asked(case.plan).filter(|(_, check, _)| idle(check)) {
        let message = format!("check `{}` has no call to look at", check.name);
        found.push(case.warn(&codes::NO_LOAD, &format!("check[{index}].during"), message));
    }
}

fn calls(case: &Case<'_>, check: &PlannedCheck) -> f64 {
    looked_at(case.plan, check).into_iter().map(|segment| case.traffic.seen_by(&check.of, segment)).sum()
}
