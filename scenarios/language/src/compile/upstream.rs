//! Upstreams: the effective behaviour of every route in every segment.
//!
//! Layers, the later over the earlier, key by key: the upstream's own keys with the phase's and the step's over them
//! are the default of its routes; then the route's own keys; then the phase's for that route; then the step's.
//! Below them all lie the defaults: no latency, 200, an empty body, no limit, no bounded capacity, no faults.

use std::net::SocketAddr;

use upstorm_model::plan::{RouteBehaviour, RouteCapacity, RoutePlan, UpstreamPlan, UpstreamSegment};
use upstorm_model::scenario::{Behaviour, Body, Route, RouteMatch, Upstream, UpstreamOverlay};
use upstorm_model::{ByteSize, HostId, Law, TimeSpan, Varying};

use super::replicas::overlays_of;
use super::timeline::Stretch;

/// The name of the route that serves what no other does.
const REST: &str = "default";

/// The part of the plan of one replica of an upstream, or of its only host: by the name that overlays speak of, and its
/// number.
pub(crate) fn upstream_plan(
    replica: (&str, u16),
    upstream: &Upstream,
    place: (HostId, Option<SocketAddr>),
    stretches: &[Stretch<'_>],
) -> UpstreamPlan {
    let routes = with_rest(&upstream.route);
    let segment = |stretch: &Stretch<'_>| {
        let overlays = overlays_of(replica, upstream, stretch);
        segment(upstream, &routes, &overlays.iter().collect::<Vec<_>>())
    };
    let timeline = stretches.iter().map(segment).collect();
    let (host, listen) = place;
    let route = |r: Route| RoutePlan { name: r.name, matches: r.r#match, row: r.row };
    UpstreamPlan {
        host,
        listen,
        fate_header: upstream.fate_header,
        timeline,
        routes: routes.into_iter().map(route).collect(),
    }
}

/// The routes as written, closed by one that serves the rest.
fn with_rest(written: &[Route]) -> Vec<Route> {
    let mut routes = written.to_vec();
    if routes.last().is_none_or(|last| last.r#match != RouteMatch::default()) {
        let taken = |name: &String| written.iter().any(|r| r.name == *name);
        let numbered = (2..).map(|n| format!("{REST}-{n}"));
        let name = std::iter::once(REST.to_owned()).chain(numbered).find(|name| !taken(name));
        routes.push(Route {
            name: name.unwrap_or_default(),
            r#match: RouteMatch::default(),
            row: None,
            behaviour: Behaviour::default(),
        });
    }
    routes
}

fn segment(upstream: &Upstream, routes: &[Route], overlays: &[&UpstreamOverlay]) -> UpstreamSegment {
    let connect = overlays.iter().rev().find_map(|o| o.connect.clone()).or_else(|| upstream.connect.clone());
    let shared = overlays.iter().fold(upstream.behaviour.clone(), |b, o| b.overlaid(&o.behaviour));
    let of_route = |route: &Route| {
        let over = overlays.iter().filter_map(|o| o.route.get(&route.name));
        let own = over.fold(route.behaviour.clone(), |b, o| b.overlaid(o));
        effective(shared.overlaid(&own), own.capacity.is_none())
    };
    UpstreamSegment { connect: connect.unwrap_or_default(), routes: routes.iter().map(of_route).collect() }
}

/// `shares`: its capacity, if any, is the upstream's and not its own.
fn effective(behaviour: Behaviour, shares: bool) -> RouteBehaviour {
    RouteBehaviour {
        limit: behaviour.limit,
        capacity: behaviour.capacity.map(|setting| RouteCapacity { shared: shares, setting }),
        latency: behaviour.latency.unwrap_or(Law::Constant(Varying::Fixed(TimeSpan::ZERO))),
        status: behaviour.status.unwrap_or_default(),
        body: behaviour.body.unwrap_or_else(|| Body::of_size(ByteSize::new(0))),
        faults: behaviour.faults.unwrap_or_default(),
        script: behaviour.script,
        hold: behaviour.hold,
        probes: behaviour.probes,
        ledger: behaviour.ledger.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::Offset;
    use upstorm_model::scenario::{Connect, Overlay};

    fn latency(ms: u64) -> Behaviour {
        let span = Varying::Fixed(TimeSpan::from_millis(ms));
        Behaviour { latency: Some(Law::Constant(span)), ..Behaviour::default() }
    }

    fn route(name: &str, path: Option<&str>, behaviour: Behaviour) -> Route {
        let r#match = RouteMatch { path: path.map(str::to_owned), ..RouteMatch::default() };
        Route { name: name.into(), r#match, row: None, behaviour }
    }

    fn over(shared: Behaviour, route: &[(&str, Behaviour)]) -> Overlay {
        let route = route.iter().map(|(n, b)| ((*n).to_owned(), b.clone())).collect();
        let up = UpstreamOverlay { behaviour: shared, route, ..UpstreamOverlay::default() };
        Overlay { upstream: [("up".to_owned(), up)].into(), ..Overlay::default() }
    }

    fn latencies(upstream: &Upstream, overlays: &[&Overlay]) -> Vec<(String, Law)> {
        let (start, end) = (Offset::ZERO, Offset::from_millis(1));
        let stretch = Stretch { phase: None, start, end, overlays: overlays.to_vec() };
        let plan = upstream_plan(("up", 1), upstream, (HostId(0), None), &[stretch]);
        let laws = plan.timeline[0].routes.iter().map(|r| r.latency.clone());
        plan.routes.iter().map(|r| r.name.clone()).zip(laws).collect()
    }

    fn expected(list: &[(&str, u64)]) -> Vec<(String, Law)> {
        let law = |ms| latency(ms).latency.unwrap();
        list.iter().map(|(n, ms)| ((*n).to_owned(), law(*ms))).collect()
    }

    #[test]
    fn each_layer_lies_over_the_one_below() {
        let own = [route("a", Some("/a"), latency(10)), route("b", Some("/b"), Behaviour::default())];
        let upstream = Upstream { behaviour: latency(1), route: own.into(), ..Upstream::default() };
        assert_eq!(latencies(&upstream, &[]), expected(&[("a", 10), ("b", 1), ("default", 1)]));
        let phase = over(latency(2), &[]);
        assert_eq!(latencies(&upstream, &[&phase]), expected(&[("a", 10), ("b", 2), ("default", 2)]));
        let phase = over(Behaviour::default(), &[("a", latency(20)), ("b", latency(30))]);
        let step = over(latency(3), &[("b", latency(40))]);
        let both = latencies(&upstream, &[&phase, &step]);
        assert_eq!(both, expected(&[("a", 20), ("b", 40), ("default", 3)]));
    }

    #[test]
    fn the_last_route_serves_the_rest() {
        let names = |routes: &[Route]| with_rest(routes).into_iter().map(|r| r.name).collect::<Vec<_>>();
        let empty = Behaviour::default;
        assert_eq!(names(&[]), ["default"]);
        assert_eq!(names(&[route("all", None, empty())]), ["all"]);
        assert_eq!(names(&[route("default", Some("/a"), empty())]), ["default", "default-2"]);
    }

    #[test]
    fn connect_is_taken_from_the_innermost_layer_that_has_one() {
        let refuse = |share| Connect { refuse: Some(upstorm_model::Ratio::new(share)), ..Connect::default() };
        let upstream = Upstream { connect: Some(refuse(1.0)), ..Upstream::default() };
        let open = UpstreamOverlay { connect: Some(Connect::default()), ..UpstreamOverlay::default() };
        assert!(segment(&upstream, &[], &[]).connect.refuses());
        assert!(segment(&upstream, &[], &[&UpstreamOverlay::default()]).connect.refuses());
        assert!(!segment(&upstream, &[], &[&open]).connect.refuses());
    }
}
