//! How busy workers will be, and how long a route keeps a call.

use upstorm_model::plan::{ClientPlan, Load, Plan, RouteBehaviour};

use super::traffic::{Traffic, mean_of, seconds};

/// How long a call stays at a route that has nobody waiting, in seconds: its service, and its latency after it.
pub(crate) fn stay_of(route: &RouteBehaviour) -> f64 {
    let service = route.capacity.as_ref().and_then(|capacity| capacity.setting.service.as_ref());
    mean_of(&route.latency) + service.map_or(0.0, mean_of)
}

/// How long a call keeps its worker, in seconds.
fn work_of(route: &RouteBehaviour) -> f64 {
    let service = route.capacity.as_ref().and_then(|capacity| capacity.setting.service.as_ref());
    mean_of(service.unwrap_or(&route.latency))
}

/// What is asked of the workers of a route (by index) of an upstream (by index) in a segment, against what they can do:
/// at 1 they are busy all the time, above it overload is certain. None where nothing bounds them, and where closed loops
/// call: their users wait, and ask no more than is answered.
pub(crate) fn workload(plan: &Plan, traffic: &Traffic<'_>, place: (usize, usize, usize)) -> Option<f64> {
    let (upstream, route, segment) = place;
    let upstream = plan.upstreams.get(upstream)?;
    let routes = &upstream.timeline.get(segment)?.routes;
    let mine = routes.get(route)?.capacity.as_ref()?;
    let with_me = |(index, other): &(usize, &RouteBehaviour)| {
        *index == route || (mine.shared && other.capacity.as_ref().is_some_and(|capacity| capacity.shared))
    };
    let closed = plan.clients.iter().filter(|c| matches!(c.timeline.get(segment), Some(Load::Closed { .. })));
    let calls = |client: &ClientPlan, route| traffic.of_client_at(client.host, (upstream, route), segment);
    if closed.into_iter().any(|client| (0..routes.len()).any(|route| calls(client, route) > 0.0)) {
        return None;
    }
    let length = seconds(plan.segments.get(segment)?).max(1e-9);
    let asked = routes.iter().enumerate().filter(with_me).map(|(index, route)| {
        let comes = traffic.at_route(upstream, index, segment) / length;
        comes.min(limit_of(route)) * work_of(route)
    });
    let asked = asked.sum::<f64>();
    // Without a worker, anything that is asked is infinitely too much.
    Some(if asked > 0.0 { asked / f64::from(mine.setting.workers) } else { 0.0 })
}

/// Calls per second that a route's limit lets through to its workers.
fn limit_of(route: &RouteBehaviour) -> f64 {
    let common = route.limit.as_ref().filter(|limit| limit.key.is_none());
    common.map_or(f64::INFINITY, |limit| limit.rate.mean_over(0.0, 1.0))
}
