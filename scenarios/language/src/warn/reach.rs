//! Routes and upstreams that no request reaches.

use upstorm_model::scenario::RouteMatch;

use super::case::Case;
use crate::Spans;
use crate::diagnostic::{Diagnostic, codes};

/// W004.
pub(super) fn unreached(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    let segments = || 0..case.plan.segments.len();
    let standbys = case.plan.standbys();
    for upstream in case.plan.upstreams.iter().filter(|u| !standbys.contains(&u.host)) {
        let (name, number) = case.plan.replica_of(upstream.host);
        let Some(written) = case.scenario().upstream.get(name) else { continue };
        let path = format!("upstream.{}", Spans::quoted(name));
        if segments().all(|segment| case.traffic.at_host(upstream.host, segment) <= 0.0) {
            let message = format!("no client's calls arrive at `{}`", case.plan.host_name(upstream.host));
            found.push(case.warn(&codes::UNREACHED, &path, message));
            continue;
        }
        // What one replica serves, all do.
        for (index, route) in written.route.iter().enumerate().filter(|_| number == 1) {
            if segments().any(|segment| case.traffic.at_route(upstream, index, segment) > 0.0) {
                continue;
            }
            let message = format!("no request reaches the route `{}` of `{name}`", route.name);
            let catches_all = |r: &&upstorm_model::scenario::Route| r.r#match == RouteMatch::default();
            let before = written.route[..index].iter().find(catches_all);
            let note = before
                .map(|r| format!("`{}` stands before it and has no `match`, so it catches all", r.name));
            let diagnostic = case.warn(&codes::UNREACHED, &format!("{path}.route[{index}]"), message);
            found.push(note.into_iter().fold(diagnostic, Diagnostic::note));
        }
    }
}
