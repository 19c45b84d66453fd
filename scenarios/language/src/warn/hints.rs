//! Hints that nobody can follow.

use std::collections::BTreeMap;

use upstorm_model::plan::RouteBehaviour;
use upstorm_model::policy::PolicySettings;
use upstorm_model::scenario::RetryAfter;
use upstorm_model::{HostId, TimeSpan};

use super::case::{Case, Spot};
use crate::diagnostic::{Diagnostic, codes};

/// W015.
pub(super) fn too_long(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeMap::new();
    for spot in case.spots().filter(|spot| case.calls_at(*spot) > 0.0) {
        let upstream = &case.plan.upstreams[spot.upstream];
        let Some((name, total)) = shortest(case, upstream.host) else { continue };
        for (path, wait) in hints(case, spot, &upstream.timeline[spot.segment].routes[spot.route]) {
            if wait >= total {
                let message = format!(
                    "a call through `{name}` lasts at most {total}, and this asks to wait for {wait}"
                );
                seen.insert(path, message);
            }
        }
    }
    found.extend(seen.iter().map(|(path, message)| case.warn(&codes::HINT_TOO_LONG, path, message)));
}

/// Who calls this upstream, obeys hints and has a deadline; the longest, so that the warning is true of all.
fn shortest<'a>(case: &Case<'a>, upstream: HostId) -> Option<(&'a str, TimeSpan)> {
    let gateways = case.plan.gateways.iter().map(|g| (g.host, &g.policy));
    let clients = case.plan.clients.iter().map(|c| (c.host, &c.policy));
    let callers = gateways.chain(clients).filter(|(host, _)| case.plan.sends(*host, upstream));
    let retries = |p: &PolicySettings| p.retry.max_attempts > 1 && p.retry.hint.follows_retry_after();
    let bound: Option<Vec<_>> = callers
        .filter(|(_, policy)| retries(policy))
        .map(|(host, policy)| policy.deadline.total.map(|total| (case.plan.host_name(host), total)))
        .collect();
    bound?.into_iter().max_by_key(|(_, total)| *total)
}

/// The hints of a route that say a time, with the paths at which they were written.
fn hints(case: &Case<'_>, spot: Spot, route: &RouteBehaviour) -> Vec<(String, TimeSpan)> {
    let limit = route.limit.as_ref().and_then(|l| wait(l.reject.retry_after.as_ref()));
    let limit_path = || case.layer(spot, "limit", |b| b.limit.is_some()) + ".reject.retry_after";
    let status = route.status.0.iter().filter_map(|(status, entry)| {
        let path = || format!("{}.{status}.retry_after", case.layer(spot, "status", |b| b.status.is_some()));
        wait(entry.table().and_then(|t| t.retry_after.as_ref())).map(|wait| (path(), wait))
    });
    limit.map(|wait| (limit_path(), wait)).into_iter().chain(status).collect()
}

fn wait(hint: Option<&RetryAfter>) -> Option<TimeSpan> {
    match hint? {
        RetryAfter::Seconds(seconds) => Some(TimeSpan::from_secs(u64::from(*seconds))),
        RetryAfter::Date(span) => Some(*span),
        RetryAfter::Text(_) | RetryAfter::Exact => None,
    }
}
