//! Traffic: how many calls each client makes in each segment, and where they arrive.

use upstorm_model::plan::{ClientPlan, Load, Plan, Segment, Subject, UpstreamPlan};
use upstorm_model::{HostId, Law};

use super::capacity::stay_of;
use super::round_trip::{round_trip, way};
use super::routing::route_shares;

/// Seconds that a call takes beside round trips and the latency that the upstream adds. Only bounds how fast a closed loop turns.
const TURNAROUND: f64 = 0.001;

/// Expected calls of a whole plan, before retries.
pub(crate) struct Traffic<'a> {
    plan: &'a Plan,
    /// By client, by segment.
    calls: Vec<Vec<f64>>,
    /// By client: the hosts its calls pass, the last one an upstream.
    ways: Vec<Vec<HostId>>,
    /// By client: the share of each route of that upstream.
    shares: Vec<Vec<f64>>,
}

impl<'a> Traffic<'a> {
    /// Works out the traffic of a plan.
    pub(crate) fn of(plan: &'a Plan) -> Self {
        let ways: Vec<_> = plan.clients.iter().map(|c| way(plan, c.target)).collect();
        let at_end = |way: &Vec<HostId>| way.last().and_then(|host| plan.upstream_of(*host)).map(|(_, u)| u);
        let shares: Vec<_> = plan
            .clients
            .iter()
            .zip(&ways)
            .map(|(c, way)| at_end(way).map_or_else(Vec::new, |u| route_shares(u, &c.requests)))
            .collect();
        let of_client = |index: usize, client: &ClientPlan| -> Vec<f64> {
            let loads = client.timeline.iter().zip(&plan.segments).enumerate();
            let upstream = at_end(&ways[index]);
            let under_way = round_trip(plan, client.host, &ways[index]).as_secs_f64();
            let served =
                |segment| under_way + upstream.map_or(0.0, |u| mean_latency(u, segment, &shares[index]));
            loads.map(|(i, (load, segment))| calls_of(load, segment, || served(i))).collect()
        };
        let calls = plan.clients.iter().enumerate().map(|(i, c)| of_client(i, c)).collect();
        Self { plan, calls, ways, shares }
    }

    /// Calls of one client (by its index) in one segment.
    pub(crate) fn calls(&self, client: usize, segment: usize) -> f64 {
        self.calls.get(client).and_then(|row| row.get(segment)).copied().unwrap_or(0.0)
    }

    /// Calls that arrive at a host in a segment: made by it, if it is a client, or passing through or ending at it.
    pub(crate) fn at_host(&self, host: HostId, segment: usize) -> f64 {
        let clients = self.plan.clients.iter().zip(&self.ways).enumerate();
        let pass = clients.filter(|(_, (client, way))| client.host == host || way.contains(&host));
        pass.map(|(index, _)| self.calls(index, segment)).sum()
    }

    /// Calls per second at a host over a segment.
    pub(crate) fn rate_at(&self, host: HostId, segment: usize) -> f64 {
        let length = self.plan.segments.get(segment).map_or(0.0, seconds);
        if length > 0.0 { self.at_host(host, segment) / length } else { 0.0 }
    }

    /// Calls that arrive at one route of an upstream in a segment.
    pub(crate) fn at_route(&self, upstream: &UpstreamPlan, route: usize, segment: usize) -> f64 {
        let clients = self.ways.iter().zip(&self.shares).enumerate();
        let here = clients.filter(|(_, (way, _))| way.last() == Some(&upstream.host));
        here.map(|(i, (_, shares))| self.calls(i, segment) * shares.get(route).copied().unwrap_or(0.0)).sum()
    }

    /// Whether a client's calls pass or end at this host.
    pub(crate) fn passes(&self, client: HostId, host: HostId) -> bool {
        let index = self.plan.clients.iter().position(|c| c.host == client);
        index.is_some_and(|i| self.ways[i].contains(&host))
    }

    /// Calls of one client that arrive at one route of an upstream in a segment.
    pub(crate) fn of_client_at(&self, client: HostId, at: (&UpstreamPlan, usize), segment: usize) -> f64 {
        let (upstream, route) = at;
        let index = self.plan.clients.iter().position(|c| c.host == client);
        let here = index.filter(|i| self.ways[*i].last() == Some(&upstream.host));
        here.map_or(0.0, |i| self.calls(i, segment) * self.shares[i].get(route).copied().unwrap_or(0.0))
    }

    /// Calls that a subject sees in a segment: what a client makes, or what passes an edge (and its route).
    pub(crate) fn seen_by(&self, subject: Subject, segment: usize) -> f64 {
        match subject {
            Subject::Run => (0..self.calls.len()).map(|client| self.calls(client, segment)).sum(),
            Subject::Client(host) => self.at_host(host, segment),
            Subject::Edge { from, to, route } => {
                let clients = self.plan.clients.iter().zip(&self.ways).enumerate();
                let takes = |client: &ClientPlan, way: &[HostId]| {
                    let whole = [&[client.host], way].concat();
                    whole.windows(2).any(|pair| pair == [from, to])
                };
                let on = clients.filter(|(_, (client, way))| takes(client, way));
                let share = |index: usize| match route {
                    Some(route) => self.shares[index].get(usize::from(route.0)).copied().unwrap_or(0.0),
                    None => 1.0,
                };
                on.map(|(index, _)| self.calls(index, segment) * share(index)).sum()
            }
        }
    }
}

/// The length of a segment in seconds.
pub(crate) fn seconds(segment: &Segment) -> f64 {
    segment.end.since(segment.start).as_secs_f64()
}

fn calls_of(load: &Load, segment: &Segment, served: impl Fn() -> f64) -> f64 {
    let length = seconds(segment);
    match load {
        Load::Open { rate, .. } => rate.mean_over(0.0, 1.0) * length,
        Load::Closed { users, think } => {
            users.mean_over(0.0, 1.0) * length / (mean_of(think) + served() + TURNAROUND)
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
