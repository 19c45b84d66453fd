//! The state: what runs, for how long, and where each upstream stands in the plan.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use upstorm_model::RouteId;
use upstorm_model::plan::UpstreamPlan;
use upstorm_upstream::{Control, Gathered, Queue};

use super::names::{phase_of, upstreams};
use crate::admin::Desk;
use crate::admin::door::{Asked, Problem, Reply};

/// What runs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StateView {
    /// The version of the tool.
    version: &'static str,
    /// The scenario's name.
    scenario: String,
    /// What it shows.
    summary: String,
    /// Every draw is a function of this.
    seed: u64,
    /// How long it runs already, in seconds. All times are counted like this.
    uptime: f64,
    /// When its last phase ends, in seconds; where nobody calls but from outside, that phase goes on.
    ends: f64,
    /// The upstreams.
    upstreams: Vec<UpstreamView>,
}

/// An upstream.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UpstreamView {
    /// Its name; a replica's has its number.
    name: String,
    /// Where it listens.
    address: String,
    /// The phase in force; none in warm-up.
    phase: Option<String>,
    /// The stretch of the plan in force, from 0: warm-up, a phase, or one round of one of its steps.
    segment: u16,
    /// How far through that stretch, from 0 to 1.
    progress: f64,
    /// True where somebody jumped there by hand.
    jumped: bool,
    /// True where it stays in its phase.
    held: bool,
    /// Connections that are open.
    open_connections: u64,
    /// Workers that are bounded.
    queues: Vec<QueueView>,
    /// Cohorts that are gathered.
    cohorts: Vec<CohortView>,
    /// Routes that were changed by hand.
    changed_routes: Vec<String>,
}

/// Workers, and who waits for them.
#[derive(Debug, Serialize, JsonSchema)]
struct QueueView {
    /// Whose they are; none where routes share them.
    route: Option<String>,
    /// Requests that are worked on.
    busy: u64,
    /// Requests that wait.
    waiting: u64,
}

/// Requests that are held at a route until there are enough of them.
#[derive(Debug, Serialize, JsonSchema)]
struct CohortView {
    /// The route.
    route: Option<String>,
    /// Requests that are held now.
    held: u64,
    /// How many make a cohort.
    calls: u64,
}

/// What runs, now.
pub(super) fn read(desk: &Desk, _: &Asked) -> Result<Reply, Problem> {
    Ok(Reply::json(StatusCode::OK, &view(desk)))
}

/// The same, for whoever has just changed it.
pub(super) fn view(desk: &Desk) -> StateView {
    let plan = &desk.plan;
    let uptime = desk.controls.first().map_or(0.0, |control| control.now().as_secs_f64());
    StateView {
        version: env!("CARGO_PKG_VERSION"),
        scenario: plan.scenario.clone(),
        summary: plan.summary.clone(),
        seed: plan.seed.0,
        uptime,
        ends: plan.end.as_secs_f64(),
        upstreams: upstreams(desk)
            .map(|(name, control, planned)| upstream(desk, (name, planned), control))
            .collect(),
    }
}

fn upstream(desk: &Desk, (name, planned): (&str, &UpstreamPlan), control: &Control) -> UpstreamView {
    let now = control.standing();
    let route = |id: RouteId| planned.routes.get(usize::from(id.0)).map(|route| route.name.clone());
    let queue = |q: &Queue| QueueView { route: q.route.and_then(route), busy: q.busy, waiting: q.waiting };
    let cohort = |c: &Gathered| CohortView { route: route(c.route), held: c.held, calls: c.calls };
    let ids = (0_u16..).zip(&planned.routes).map(|(id, _)| RouteId(id));
    let is_changed = |id: &RouteId| control.route(*id).is_some_and(|standing| standing.since.is_some());
    UpstreamView {
        name: name.to_owned(),
        address: control.address().to_string(),
        phase: phase_of(&desk.plan, now.segment).map(str::to_owned),
        segment: now.segment,
        progress: now.progress,
        jumped: now.jumped,
        held: now.held,
        open_connections: now.connections,
        queues: now.queues.iter().map(queue).collect(),
        cohorts: now.cohorts.iter().map(cohort).collect(),
        changed_routes: ids.filter(is_changed).filter_map(route).collect(),
    }
}
