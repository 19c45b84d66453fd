//! Traffic: how many calls each client makes in each segment, and where they arrive.

use upstorm_model::plan::{ClientPlan, Load, Plan, Segment, Subject, UpstreamPlan};
use upstorm_model::{HostId, Law};

use super::capacity::stay_of;
use super::round_trip::round_trip;
use super::routing::route_shares;
use super::ways::{Way, ways};

/// Seconds that a call takes beside round trips and the latency that the upstream adds. Only bounds how fast a closed loop turns.
const TURNAROUND: f64 = 0.001;

/// Expected calls of a whole plan, before retries.
pub(crate) struct Traffic<'a> {
    plan: &'a Plan,
    /// By client, by segment.
    calls: Vec<Vec<f64>>,
    /// By client: the ways its calls go, each with the share of every route of its upstream.
    ways: Vec<Vec<(Way, Vec<f64>)>>,
}

impl<'a> Traffic<'a> {
    /// Works out the traffic of a plan.
    pub(crate) fn of(plan: &'a Plan) -> Self {
        let with_routes = |way: Way| {
            let upstream = at_end(plan, &way);
            let shares = upstream.map_or_else(Vec::new, |u| route_shares(u, &way.requests));
            (way, shares)
        };
        let of_client = |client: &ClientPlan| {
            let ways = ways(plan, std::slice::from_ref(&client.target), &client.requests);
            ways.into_iter().map(with_routes).collect::<Vec<_>>()
        };
        let ways: Vec<_> = plan.clients.iter().map(of_client).collect();
        let calls = plan.clients.iter().zip(&ways).map(|(client, ways)| calls_by_segment(plan, client, ways));
        Self { plan, calls: calls.collect(), ways }
    }

    /// Calls of one client (by its index) in one segment.
    pub(crate) fn calls(&self, client: usize, segment: usize) -> f64 {
        self.calls.get(client).and_then(|row| row.get(segment)).copied().unwrap_or(0.0)
    }

    /// Every way of every client, with the client's index and the share of each route.
    fn all_ways(&self) -> impl Iterator<Item = (usize, &Way, &[f64])> {
        let clients = self.ways.iter().enumerate();
        clients.flat_map(|(client, ways)| ways.iter().map(move |(way, routes)| (client, way, &routes[..])))
    }

    /// Calls that arrive at a host in a segment: made by it, if it is a client, or passing through or ending at it.
    pub(crate) fn at_host(&self, host: HostId, segment: usize) -> f64 {
        if let Some(client) = self.plan.clients.iter().position(|c| c.host == host) {
            return self.calls(client, segment);
        }
        let pass = self.all_ways().filter(|(_, way, _)| way.hosts.contains(&host));
        pass.map(|(client, way, _)| self.calls(client, segment) * way.share).sum()
    }

    /// Calls per second at a host over a segment.
    pub(crate) fn rate_at(&self, host: HostId, segment: usize) -> f64 {
        let length = self.plan.segments.get(segment).map_or(0.0, seconds);
        if length > 0.0 { self.at_host(host, segment) / length } else { 0.0 }
    }

    /// Calls that arrive at one route of an upstream in a segment.
    pub(crate) fn at_route(&self, upstream: &UpstreamPlan, route: usize, segment: usize) -> f64 {
        let clients = self.plan.clients.iter();
        clients.map(|client| self.of_client_at(client.host, (upstream, route), segment)).sum()
    }

    /// The share of a client's calls that it makes itself, or that pass or end at this host.
    pub(crate) fn share_through(&self, client: HostId, host: HostId) -> f64 {
        let through = |(index, way, _): &(usize, &Way, &[f64])| {
            self.plan.clients.get(*index).is_some_and(|c| c.host == client)
                && (client == host || way.hosts.contains(&host))
        };
        self.all_ways().filter(through).map(|(_, way, _)| way.share).sum()
    }

    /// Calls of one client that arrive at one route of an upstream in a segment.
    pub(crate) fn of_client_at(&self, client: HostId, at: (&UpstreamPlan, usize), segment: usize) -> f64 {
        self.of_client_over((client, client), at, segment)
    }

    /// The same, of the calls that one host makes or passes on.
    pub(crate) fn of_client_over(
        &self,
        (client, host): (HostId, HostId),
        (upstream, route): (&UpstreamPlan, usize),
        segment: usize,
    ) -> f64 {
        let here = self.all_ways().filter(|(index, way, _)| {
            self.plan.clients.get(*index).is_some_and(|c| c.host == client)
                && (client == host || way.hosts.contains(&host))
                && way.hosts.last() == Some(&upstream.host)
        });
        here.map(|(index, way, routes)| {
            self.calls(index, segment) * way.share * routes.get(route).copied().unwrap_or(0.0)
        })
        .sum()
    }

    /// Calls that a subject sees in a segment: what a client makes, or what passes an edge (and its route).
    pub(crate) fn seen_by(&self, subject: &Subject, segment: usize) -> f64 {
        match subject {
            Subject::Run => (0..self.calls.len()).map(|client| self.calls(client, segment)).sum(),
            Subject::Client(host) => self.at_host(*host, segment),
            Subject::Edge { from, to, route } => {
                let share = |way: &Way, routes: &[f64]| match route {
                    Some(route) => way.share * routes.get(usize::from(route.0)).copied().unwrap_or(0.0),
                    None => way.share,
                };
                let on = self.all_ways().filter(|(client, way, _)| self.takes((*client, way), *from, to));
                on.map(|(client, way, routes)| self.calls(client, segment) * share(way, routes)).sum()
            }
        }
    }

    /// Whether a client's way goes from one host on, over others perhaps, to one of these.
    fn takes(&self, (client, way): (usize, &Way), from: HostId, to: &[HostId]) -> bool {
        let starts = self.plan.clients.get(client).is_some_and(|c| c.host == from);
        let passed = way.hosts.iter().position(|host| *host == from);
        let after = if starts { Some(0) } else { passed.map(|at| at + 1) };
        after.is_some_and(|at| way.hosts[at..].iter().any(|host| to.contains(host)))
    }
}

/// The upstream at which a way ends.
fn at_end<'a>(plan: &'a Plan, way: &Way) -> Option<&'a UpstreamPlan> {
    way.hosts.last().and_then(|host| plan.upstream_of(*host)).map(|(_, upstream)| upstream)
}

fn calls_by_segment(plan: &Plan, client: &ClientPlan, ways: &[(Way, Vec<f64>)]) -> Vec<f64> {
    let served = |segment| -> f64 {
        let of_way = |(way, routes): &(Way, Vec<f64>)| {
            let latency = at_end(plan, way).map_or(0.0, |u| mean_latency(u, segment, routes));
            way.share * (round_trip(plan, client.host, &way.hosts).as_secs_f64() + latency)
        };
        ways.iter().map(of_way).sum()
    };
    let loads = client.timeline.iter().zip(&plan.segments).enumerate();
    loads.map(|(index, (load, segment))| calls_of(load, segment, || served(index))).collect()
}

/// The length of a segment in seconds.
pub(crate) fn seconds(segment: &Segment) -> f64 {
    segment.end.since(segment.start).as_secs_f64()
}

fn calls_of(load: &Load, segment: &Segment, served: impl Fn() -> f64) -> f64 {
    let length = seconds(segment);
    match load {
        Load::Open { rate, .. } => rate.mean_over(0.0, 1.0) * length,
        Load::Closed { users, think, calls } => {
            let turns = length / (mean_of(think) + served() + TURNAROUND);
            // Made in the first segment that has the users; how many of them are left for a later one is not foretold.
            users.mean_over(0.0, 1.0) * calls.map_or(turns, |calls| turns.min(f64::from(calls)))
        }
    }
}

fn mean_latency(upstream: &UpstreamPlan, segment: usize, shares: &[f64]) -> f64 {
    let routes = upstream.timeline.get(segment).map_or(&[][..], |s| &s.routes);
    routes.iter().zip(shares).map(|(route, share)| share * stay_of(route)).sum()
}

/// The mean of a law in seconds, half-way through its segment: the mean of its quantiles in the middle of each tenth.
/// The tail beyond the 95th percentile counts as that percentile, so that a mean that does not exist stays finite.
pub(crate) fn mean_of(law: &Law) -> f64 {
    let quantile = |tenth: u32| law.quantile(0.5, (f64::from(tenth) + 0.5) / 10.0).as_secs_f64();
    match law {
        Law::Constant(span) => span.mean_over(0.0, 1.0),
        Law::Drawn(_) => (0..10).map(quantile).sum::<f64>() / 10.0,
    }
}
