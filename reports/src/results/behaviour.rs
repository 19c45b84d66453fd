//! What each route was asked to do in each phase: the resolved scenario, for the appendix.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::Plan;
use upstorm_model::plan::{RouteBehaviour, UpstreamPlan, UpstreamSegment};

/// One route in one stretch of unchanging behaviour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BehaviourRow {
    /// The phase; empty for warm-up.
    pub phase: String,
    /// When the stretch begins, in seconds.
    pub start: f64,
    /// When it ends, in seconds.
    pub end: f64,
    /// The upstream and its route, such as `payments/charge`.
    pub route: String,
    /// The median of the latency law at the start and the end of the stretch, in seconds.
    pub median: [f64; 2],
    /// The 99th percentile of the law at the start and the end of the stretch, in seconds.
    pub p99: [f64; 2],
    /// The statuses with their shares.
    pub statuses: Vec<StatusShare>,
    /// What else goes wrong, in the words of the language, such as `reset`, `connect refuse`.
    pub faults: Vec<String>,
    /// The rate limit at its start, in calls per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
}

/// A status with its share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatusShare {
    /// The status.
    pub status: u16,
    /// Its share at the start and at the end of the stretch.
    pub share: [f64; 2],
}

/// One row a route and segment; segments that follow each other with the same behaviour in the same phase are one.
pub(super) fn behaviour_rows(plan: &Plan) -> Vec<BehaviourRow> {
    let mut rows: Vec<BehaviourRow> = Vec::new();
    for upstream in &plan.upstreams {
        for (index, route) in upstream.routes.iter().enumerate() {
            let name = format!("{}/{}", plan.host_name(upstream.host), route.name);
            rows.extend(route_rows(plan, upstream, index, &name));
        }
    }
    rows
}

fn route_rows(plan: &Plan, upstream: &UpstreamPlan, route: usize, name: &str) -> Vec<BehaviourRow> {
    let mut rows: Vec<BehaviourRow> = Vec::new();
    for (segment, behaviour) in plan.segments.iter().zip(&upstream.timeline) {
        let Some(of_route) = behaviour.routes.get(route) else { continue };
        let phase = segment.phase.and_then(|p| plan.phases.get(usize::from(p)));
        let row = BehaviourRow {
            phase: phase.map_or_else(String::new, |p| p.name.clone()),
            start: segment.start.as_secs_f64(),
            end: segment.end.as_secs_f64(),
            route: name.to_owned(),
            median: [of_route.latency.median(0.0), of_route.latency.median(1.0)].map(|d| d.as_secs_f64()),
            p99: [0.0, 1.0].map(|at| of_route.latency.quantile(at, 0.99).as_secs_f64()),
            statuses: statuses(of_route),
            faults: faults(behaviour, of_route),
            limit: of_route.limit.as_ref().map(|l| l.rate.first().get()),
        };
        match rows.last_mut() {
            Some(last) if (BehaviourRow { end: last.end, start: last.start, ..row.clone() }) == *last => {
                last.end = row.end;
            }
            _ => rows.push(row),
        }
    }
    rows
}

fn statuses(behaviour: &RouteBehaviour) -> Vec<StatusShare> {
    let (first, last) = (behaviour.status.shares(0.0), behaviour.status.shares(1.0));
    first
        .iter()
        .zip(&last)
        .map(|((status, a), (_, b))| StatusShare { status: *status, share: [*a, *b] })
        .collect()
}

fn faults(segment: &UpstreamSegment, behaviour: &RouteBehaviour) -> Vec<String> {
    let connect = &segment.connect;
    let of_connect = [
        ("connect refuse", connect.refuses()),
        ("connect blackhole", connect.swallows()),
        ("connect reset", connect.reset.is_some()),
        ("connect stall", connect.stall.is_some()),
    ];
    let connect = of_connect.into_iter().filter(|(_, on)| *on).map(|(name, _)| name.to_owned());
    connect.chain(behaviour.faults.iter().map(|f| f.kind.key().to_owned())).collect()
}
