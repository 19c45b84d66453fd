//! Routes: what each does now, what is planned, and what was laid over it by hand.
//!
//! Told in the language's own words, so that what is read can be changed and written back.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use upstorm_model::plan::RouteBehaviour;
use upstorm_model::scenario::{Behaviour, RouteMatch};

use super::names::{Route, routes, routes_named};
use crate::admin::Desk;
use crate::admin::door::{Asked, Problem, Reply};

/// Routes.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RoutesView {
    /// In the order of the plan.
    routes: Vec<RouteView>,
}

/// A route.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RouteView {
    /// Its upstream.
    upstream: String,
    /// Its name.
    name: String,
    /// Which requests it serves.
    r#match: RouteMatch,
    /// What it does now.
    in_force: Behaviour,
    /// What it would do now if nobody had changed it.
    planned: Behaviour,
    /// What was laid over it by hand, in all phases.
    by_hand: Behaviour,
    /// Since when, in seconds.
    since: Option<f64>,
}

/// All routes.
pub(super) fn read_all(desk: &Desk, _: &Asked) -> Result<Reply, Problem> {
    Ok(view_of(StatusCode::OK, routes(desk)))
}

/// One route. Of replicas, the first is told for the name that they share: by their plan they are alike.
pub(super) fn read(desk: &Desk, asked: &Asked) -> Result<Reply, Problem> {
    let found = routes_named(desk, asked.name(0), asked.name(1))?;
    let view = found.first().and_then(view);
    view.map(|view| Reply::json(StatusCode::OK, &view))
        .ok_or_else(|| Problem::NoSuchPath(asked.names.join("/")))
}

/// These routes, for whoever has just changed them.
pub(super) fn view_of<'a>(status: StatusCode, routes: impl IntoIterator<Item = Route<'a>>) -> Reply {
    let routes = routes.into_iter().filter_map(|route| view(&route)).collect();
    Reply::json(status, &RoutesView { routes })
}

fn view(route: &Route<'_>) -> Option<RouteView> {
    let standing = route.control.route(route.id)?;
    let planned = route.planned.routes.get(usize::from(route.id.0))?;
    Some(RouteView {
        upstream: route.upstream.to_owned(),
        name: planned.name.clone(),
        r#match: planned.matches.clone(),
        in_force: written(standing.in_force),
        planned: written(standing.planned),
        by_hand: standing.over,
        since: standing.since.map(|since| since.as_secs_f64()),
    })
}

/// A behaviour as a scenario would write it.
fn written(behaviour: RouteBehaviour) -> Behaviour {
    let RouteBehaviour { limit, capacity, latency, status, body, faults, script, hold, probes, ledger } =
        behaviour;
    Behaviour {
        limit,
        capacity: capacity.map(|capacity| capacity.setting),
        latency: Some(latency),
        status: Some(status),
        body: Some(body),
        faults: Some(faults),
        script,
        hold,
        probes,
        ledger: Some(ledger),
    }
}
