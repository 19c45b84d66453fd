//! The table of endpoints: what a path and a method mean, what they take and what they give.
//!
//! A document beside the code is wrong after the third change. Here the table is the router and the document's source, so
//! that neither can have a path that the other does not.

use super::{attempts, change, faults, metrics, openapi, phases, routes, state, steer};
use crate::admin::Desk;
use crate::admin::door::{Asked, Problem, Reply};

/// A path with a method.
pub(crate) struct Endpoint {
    /// In capitals.
    pub(crate) method: &'static str,
    /// Segments in braces stand for names.
    pub(crate) path: &'static str,
    /// Its name in the document.
    pub(crate) id: &'static str,
    /// What it does, in one line.
    pub(crate) summary: &'static str,
    /// The parameters of the query.
    pub(crate) parameters: &'static [&'static str],
    /// The schema of its body; none where it takes no body.
    pub(crate) takes: Option<&'static str>,
    /// The status and schema of its answer; no schema where it is no JSON of ours.
    pub(crate) gives: (u16, Option<&'static str>),
    /// True where what was recorded must have reached the books first.
    pub(crate) settles: bool,
    /// Does it.
    pub(crate) answer: fn(&Desk, &Asked) -> Result<Reply, Problem>,
}

/// A look at something: what endpoints have in common that only read.
const LOOK: Endpoint = Endpoint {
    method: "GET",
    path: "",
    id: "",
    summary: "",
    parameters: &[],
    takes: None,
    gives: (200, None),
    settles: false,
    answer: state::read,
};

/// Every endpoint.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "/openapi.json",
        id: "document",
        summary: "This document.",
        answer: openapi::read,
        ..LOOK
    },
    Endpoint {
        path: "/metrics",
        id: "metrics",
        summary: "The counters, in the Prometheus text format, by OpenTelemetry's names for HTTP.",
        settles: true,
        answer: metrics::read,
        ..LOOK
    },
    Endpoint {
        path: "/v1/state",
        id: "state",
        summary: "What runs, for how long, and where each upstream stands in the plan.",
        gives: (200, Some("StateView")),
        ..LOOK
    },
    Endpoint {
        path: "/v1/phases",
        id: "phases",
        summary: "The phases of the scenario, with when each begins.",
        gives: (200, Some("PhasesView")),
        answer: phases::read,
        ..LOOK
    },
    Endpoint {
        path: "/v1/routes",
        id: "routes",
        summary: "Every route of every upstream, with what it does now.",
        gives: (200, Some("RoutesView")),
        answer: routes::read_all,
        ..LOOK
    },
    Endpoint {
        path: "/v1/routes/{upstream}/{route}",
        id: "route",
        summary: "What one route does now, what is planned, and what was laid over it by hand.",
        gives: (200, Some("RouteView")),
        answer: routes::read,
        ..LOOK
    },
    Endpoint {
        method: "PUT",
        path: "/v1/routes/{upstream}/{route}",
        id: "set-route",
        summary: "Lays these keys over what is planned for a route, in all phases; keys left out do as planned.",
        takes: Some("Behaviour"),
        gives: (200, Some("RoutesView")),
        answer: change::put,
        ..LOOK
    },
    Endpoint {
        method: "PATCH",
        path: "/v1/routes/{upstream}/{route}",
        id: "change-route",
        summary: "The same beside what was laid over it before; a key that is null goes back to what is planned.",
        takes: Some("Behaviour"),
        gives: (200, Some("RoutesView")),
        answer: change::patch,
        ..LOOK
    },
    Endpoint {
        method: "DELETE",
        path: "/v1/routes/{upstream}/{route}",
        id: "clear-route",
        summary: "Takes back what was laid over a route.",
        gives: (200, Some("RoutesView")),
        answer: change::delete,
        ..LOOK
    },
    Endpoint {
        method: "POST",
        path: "/v1/routes/{upstream}/{route}/faults",
        id: "add-fault",
        summary: "Adds a fault at the end of the list as it is now; that list then holds in all phases.",
        takes: Some("Fault"),
        gives: (201, Some("RoutesView")),
        answer: change::add_fault,
        ..LOOK
    },
    Endpoint {
        method: "DELETE",
        path: "/v1/routes/{upstream}/{route}/faults/{number}",
        id: "remove-fault",
        summary: "Removes a fault, by its number from 1, from the list as it is now; that list then holds in all phases.",
        gives: (200, Some("RoutesView")),
        answer: change::remove_fault,
        ..LOOK
    },
    Endpoint {
        path: "/v1/faults",
        id: "faults",
        summary: "The faults in force, with how often each was planned to hit and did.",
        gives: (200, Some("FaultsView")),
        settles: true,
        answer: faults::read,
        ..LOOK
    },
    Endpoint {
        path: "/v1/attempts",
        id: "attempts",
        summary: "The last attempts, in the order in which they ended: a page of those that fit.",
        parameters: attempts::PARAMETERS,
        gives: (200, Some("AttemptsView")),
        settles: true,
        answer: attempts::read,
        ..LOOK
    },
    Endpoint {
        method: "POST",
        path: "/v1/jump",
        id: "jump",
        summary: "Goes on from the beginning of a phase at all upstreams, or stays in it.",
        takes: Some("JumpTo"),
        gives: (200, Some("StateView")),
        answer: steer::jump,
        ..LOOK
    },
    Endpoint {
        method: "POST",
        path: "/v1/reset",
        id: "reset",
        summary: "Back to the scenario as written, at this time of the run; counters begin at nothing. Nothing that was recorded is lost.",
        takes: Some("Nothing"),
        gives: (200, Some("StateView")),
        answer: steer::reset,
        ..LOOK
    },
];

impl Endpoint {
    /// True where a request without a body is a whole one.
    pub(crate) fn body_may_be_left_out(&self) -> bool {
        self.takes == Some("Nothing")
    }
}

/// The endpoint of a method and a path, with the names that the path holds. HEAD is GET without the body.
///
/// # Errors
/// When there is no such path, or it takes other methods.
pub(crate) fn find(
    method: &str,
    path: &str,
    segments: &[String],
) -> Result<(&'static Endpoint, Vec<String>), Problem> {
    let here: Vec<(&Endpoint, Vec<String>)> =
        ENDPOINTS.iter().filter_map(|e| Some((e, names(e.path, segments)?))).collect();
    let wanted = if method == "HEAD" { "GET" } else { method };
    let allowed: Vec<&str> = here.iter().map(|(endpoint, _)| endpoint.method).collect();
    if allowed.is_empty() {
        return Err(Problem::NoSuchPath(path.chars().take(200).collect()));
    }
    let allowed = allowed.join(", ");
    let found = here.into_iter().find(|(endpoint, _)| endpoint.method == wanted);
    found.ok_or_else(|| Problem::Method { asked: method.chars().take(20).collect(), allowed })
}

/// The names in a path, where it fits the pattern.
fn names(pattern: &str, segments: &[String]) -> Option<Vec<String>> {
    let pieces: Vec<&str> = pattern.split('/').skip(1).collect();
    if pieces.len() != segments.len() {
        return None;
    }
    let mut names = Vec::new();
    for (piece, segment) in pieces.iter().zip(segments) {
        if piece.starts_with('{') {
            names.push(segment.clone());
        } else if piece != segment {
            return None;
        }
    }
    Some(names)
}
