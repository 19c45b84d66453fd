//! The faults in force, each with how often it was planned to hit and how often it did.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use upstorm_model::scenario::Connect;
use upstorm_model::{Ratio, Varying};
use upstorm_upstream::Standing;

use super::names::{Route, routes, upstreams};
use crate::admin::Desk;
use crate::admin::books::{CONNECT_RESET, CONNECT_STALL, Counts};
use crate::admin::door::{Asked, Problem, Reply};

/// The faults in force.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FaultsView {
    /// By upstream and route, in the order in which they are tried; the first that hits wins.
    faults: Vec<FaultView>,
}

/// A fault in force.
#[derive(Debug, Serialize, JsonSchema)]
struct FaultView {
    /// Its upstream.
    upstream: String,
    /// Its route; none for what happens to connections.
    route: Option<String>,
    /// Its number in the route's list, from 1: by this it can be removed.
    number: Option<u8>,
    /// What it is, as the tables of the documentation call it.
    kind: String,
    /// As a scenario writes it.
    fault: Value,
    /// How many it hits now, from 0 to 1.
    share: f64,
    /// True where its list was written by hand.
    by_hand: bool,
    /// Attempts, or connections, that it might have hit since this list is in force; none where what it hits is never seen.
    met: Option<u64>,
    /// How many of these it was to hit, by its share.
    planned: Option<f64>,
    /// How many it hit.
    observed: Option<u64>,
}

/// All of them.
pub(super) fn read(desk: &Desk, _: &Asked) -> Result<Reply, Problem> {
    let mut faults = Vec::new();
    for (name, control, planned) in upstreams(desk) {
        let now = control.standing();
        let segment = planned.timeline.get(usize::from(now.segment));
        faults.extend(
            segment
                .into_iter()
                .flat_map(|s| of_connections(desk, (name, &s.connect), (control.host(), &now))),
        );
    }
    routes(desk).for_each(|route| faults.extend(of_route(desk, &route)));
    Ok(Reply::json(StatusCode::OK, &FaultsView { faults }))
}

fn of_route(desk: &Desk, route: &Route<'_>) -> Vec<FaultView> {
    let (now, standing) = (route.control.standing(), route.control.route(route.id));
    let Some(standing) = standing else { return Vec::new() };
    let counts = desk.books.of_route((route.control.host(), route.id), now.segment, now.at);
    let by_hand = standing.over.faults.is_some();
    let view = |(number, (fault, counts)): (u8, (&upstorm_model::scenario::Fault, Counts))| FaultView {
        upstream: route.upstream.to_owned(),
        route: Some(route.name().to_owned()),
        number: Some(number),
        kind: fault.kind.key().to_owned(),
        fault: serde_json::to_value(fault).unwrap_or_default(),
        share: fault.share.at(now.progress).get(),
        by_hand,
        met: Some(counts.met),
        planned: Some(counts.planned),
        observed: Some(counts.observed),
    };
    (1..).zip(standing.in_force.faults.iter().zip(counts)).map(view).collect()
}

fn of_connections(
    desk: &Desk,
    (upstream, connect): (&str, &Connect),
    (host, now): (upstorm_model::HostId, &Standing),
) -> Vec<FaultView> {
    let whole = |share: Option<Ratio>| share.map(Varying::from);
    let faults = [
        ("refuse", whole(connect.refuse), None),
        ("blackhole", whole(connect.blackhole), None),
        ("reset", connect.reset, Some(CONNECT_RESET)),
        ("stall", connect.stall, Some(CONNECT_STALL)),
    ];
    let view = |(key, share, place): (&str, Option<Varying<Ratio>>, Option<u8>)| {
        let counts = place.map(|place| desk.books.of_connections(host, now.segment, place));
        let share = share?;
        Some(FaultView {
            upstream: upstream.to_owned(),
            route: None,
            number: None,
            kind: format!("connect.{key}"),
            fault: json!({ "connect": { key: share } }),
            share: share.at(now.progress).get(),
            by_hand: false,
            met: counts.map(|counts| counts.met),
            planned: counts.map(|counts| counts.planned),
            observed: counts.map(|counts| counts.observed),
        })
    };
    faults.into_iter().filter_map(view).collect()
}
