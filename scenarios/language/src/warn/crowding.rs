//! More than may pass: rate limits, upstream limits, calls in flight.

use upstorm_model::plan::{PlannedCheck, Subject};
use upstorm_model::policy::PolicySettings;
use upstorm_model::scenario::CheckKind;
use upstorm_model::{HostId, Plan};

use super::case::{Case, Spot};
use crate::Spans;
use crate::diagnostic::{Diagnostic, codes};
use crate::forecast::{round_trip, stay_of, ways_from};

/// How far above an upstream's limit is far.
const FAR: f64 = 2.0;

/// Gateways and clients with the paths of their tables and their settings.
fn policies<'a>(case: &Case<'a>) -> Vec<(String, HostId, &'a PolicySettings)> {
    let plan = case.plan;
    let path = |table: &str, host| format!("{table}.{}", Spans::quoted(plan.host_name(host)));
    let gateways = plan.gateways.iter().map(|g| (path("gateway", g.host), g.host, &g.policy));
    gateways.chain(plan.clients.iter().map(|c| (path("client", c.host), c.host, &c.policy))).collect()
}

/// Whether a check asks how this host keeps its limit: it has to be reached for that.
fn is_tried(plan: &Plan, host: HostId) -> bool {
    let limit = |check: &&PlannedCheck| matches!(check.kind, Some(CheckKind::Limit(_)));
    plan.checks.iter().filter(limit).any(|c| matches!(&c.of, Subject::Edge { from, .. } if *from == host))
}

/// W005.
pub(super) fn over_own_limit(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for (path, host, policy) in policies(case).into_iter().filter(|p| !is_tried(case.plan, p.1)) {
        let Some(limit) = policy.limits.rate else { continue };
        let segments = 0..case.plan.segments.len();
        let rates = segments.map(|segment| (case.traffic.rate_at(host, segment), segment));
        let over = rates.filter(|(rate, _)| *rate > limit.get());
        if let Some((rate, segment)) = over.max_by(|a, b| a.0.total_cmp(&b.0)) {
            let name = case.plan.host_name(host);
            let phase = case.phase_name(segment);
            let message = format!("`{name}` lets {limit} through and is asked for {rate:.0}/s in `{phase}`");
            found.push(
                case.warn(&codes::OVER_OWN_LIMIT, &format!("{path}.limits.rate"), message)
                    .help(format!("raise `limits.rate` of `{name}`, or lower the load")),
            );
        }
    }
}

/// W006.
pub(super) fn over_limit(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for (upstream, plan) in case.plan.upstreams.iter().enumerate() {
        for (route, named) in plan.routes.iter().enumerate() {
            let spots = (0..case.plan.segments.len()).map(|segment| Spot { upstream, route, segment });
            let loaded: Vec<Spot> = spots.filter(|spot| case.calls_at(*spot) > 0.0).collect();
            let factors: Option<Vec<f64>> = loaded.iter().map(|spot| over(case, *spot)).collect();
            let least = factors.unwrap_or_default().into_iter().min_by(f64::total_cmp);
            let (Some(factor), Some(first)) = (least.filter(|f| *f > FAR), loaded.first()) else { continue };
            let message = format!(
                "all the time at least {factor:.1} times as much is asked of `{}/{}` as its limit grants",
                case.plan.host_name(plan.host),
                named.name
            );
            found.push(case.warn(
                &codes::OVER_LIMIT,
                &case.layer(*first, "limit", |b| b.limit.is_some()),
                message,
            ));
        }
    }
}

/// How many times the limit is asked for; none without one that counts all requests together.
fn over(case: &Case<'_>, spot: Spot) -> Option<f64> {
    let upstream = &case.plan.upstreams[spot.upstream];
    let limit = upstream.timeline.get(spot.segment)?.routes.get(spot.route)?.limit.as_ref()?;
    let length = crate::forecast::seconds(case.plan.segments.get(spot.segment)?);
    let granted = limit.rate.mean_over(0.0, 1.0) * length;
    limit.key.is_none().then(|| case.calls_at(spot) / granted.max(1e-9))
}

/// W013.
pub(super) fn crowded(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for gateway in &case.plan.gateways {
        let at_once =
            gateway.policy.limits.max_requests.map(|n| n + gateway.policy.limits.max_pending.unwrap_or(0));
        let path =
            format!("gateway.{}.limits.max_requests", Spans::quoted(case.plan.host_name(gateway.host)));
        found.extend(at_once.and_then(|n| crowd(case, gateway.host, (n, &path))));
    }
    for client in case.plan.clients.iter().filter(|c| c.max_in_flight > 0) {
        let path = format!("client.{}.max_in_flight", Spans::quoted(case.plan.host_name(client.host)));
        found.extend(crowd(case, client.host, (client.max_in_flight, &path)));
    }
}

fn crowd(case: &Case<'_>, host: HostId, (at_once, path): (u32, &str)) -> Option<Diagnostic> {
    let segments = 0..case.plan.segments.len();
    let loaded = segments.filter(|segment| case.traffic.at_host(host, *segment) > 0.0);
    let least = loaded.map(|segment| in_flight(case, host, segment)).min_by(f64::total_cmp)?;
    (least > f64::from(at_once)).then(|| {
        let name = case.plan.host_name(host);
        let message = format!(
            "`{name}` has room for {at_once} calls at once, and needs it for {least:.0} all the time"
        );
        case.warn(&codes::CROWDED, path, message)
    })
}

/// Calls in flight at a host in a segment, by Little's law, when nothing goes wrong.
fn in_flight(case: &Case<'_>, host: HostId, segment: usize) -> f64 {
    let plan = case.plan;
    let Some(stretch) = plan.segments.get(segment) else { return 0.0 };
    let round_trips = ways_from(plan, host).into_iter().map(|way| round_trip(plan, host, &way));
    let under_way = round_trips.min().unwrap_or_default().as_secs_f64();
    let waiting = plan.clients.iter().enumerate().map(|(index, client)| {
        let upstreams = plan.upstreams.iter();
        let latency: f64 = upstreams
            .map(|u| {
                let routes = u.timeline.get(segment).map_or(&[][..], |s| &s.routes).iter().enumerate();
                let calls = |route| case.traffic.of_client_over((client.host, host), (u, route), segment);
                routes.map(|(route, behaviour)| calls(route) * stay_of(behaviour)).sum::<f64>()
            })
            .sum();
        let calls = case.traffic.calls(index, segment) * case.traffic.share_through(client.host, host);
        if calls > 0.0 { latency + calls * under_way } else { 0.0 }
    });
    waiting.sum::<f64>() / crate::forecast::seconds(stretch).max(1e-9)
}
