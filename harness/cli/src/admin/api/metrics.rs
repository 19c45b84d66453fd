//! `/metrics`: the counters, with what is true of each upstream at this moment.

use http::StatusCode;
use upstorm_model::plan::UpstreamPlan;
use upstorm_upstream::{Control, Queue};

use super::names::upstreams;
use crate::admin::Desk;
use crate::admin::books::Gauges;
use crate::admin::door::{Asked, Problem, Reply};

/// All of them, as Prometheus reads them.
pub(super) fn read(desk: &Desk, _: &Asked) -> Result<Reply, Problem> {
    let gauges: Vec<Gauges> =
        upstreams(desk).map(|(name, control, planned)| of(name, control, planned)).collect();
    let text = desk.books.metrics(&gauges).map_err(|error| Problem::Metrics(error.to_string()))?;
    Ok(Reply::typed(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text))
}

fn of(name: &str, control: &Control, planned: &UpstreamPlan) -> Gauges {
    let standing = control.standing();
    let queue = |queue: &Queue| {
        let route = queue.route.and_then(|route| planned.routes.get(usize::from(route.0)));
        (route.map(|route| route.name.clone()).unwrap_or_default(), queue.busy, queue.waiting)
    };
    Gauges {
        upstream: name.to_owned(),
        connections: standing.connections,
        queues: standing.queues.iter().map(queue).collect(),
    }
}
