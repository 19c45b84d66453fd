//! Updates where nothing has a version: what was read then says nothing about what may be written.

use std::slice;

use upstorm_model::plan::{ClientPlan, UpstreamPlan};
use upstorm_model::scenario::Request;

use super::case::Case;
use crate::Spans;
use crate::diagnostic::{Diagnostic, codes};
use crate::forecast::{serving, ways};

/// The rule of updates that go to no row.
pub(super) fn without_a_row(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for client in &case.plan.clients {
        let updates = client.requests.iter().enumerate().filter(|(_, request)| request.update);
        for (index, request) in updates {
            let Some(upstream) = arrives(case, client, request).find(|u| !is_of_one_row(u, request)) else {
                continue;
            };
            let (name, table) = (case.plan.host_name(client.host), case.plan.name_of_all(upstream.host));
            let message = format!(
                "the update of `{}` by `{name}` is read and written at no one route of `{table}` with `row`",
                request.path
            );
            let path = format!("client.{}.requests[{index}].update", Spans::quoted(name));
            let help = format!("give the route of `{table}` that serves both `row = true`");
            found.push(case.warn(&codes::NO_ROW, &path, message).help(help));
        }
    }
}

/// The upstreams at which a request may arrive.
fn arrives<'a>(
    case: &Case<'a>,
    client: &ClientPlan,
    request: &Request,
) -> impl Iterator<Item = &'a UpstreamPlan> + use<'a> {
    let plan = case.plan;
    let ways = ways(plan, slice::from_ref(&client.target), slice::from_ref(request));
    let last = ways.into_iter().filter_map(|way| way.hosts.last().copied());
    last.filter_map(|host| plan.upstream_of(host)).map(|(_, upstream)| upstream)
}

/// Whether the read and the write of an update meet the same route, and that has rows.
fn is_of_one_row(upstream: &UpstreamPlan, write: &Request) -> bool {
    let read = Request { method: "GET".to_owned(), ..write.clone() };
    let [read, write] = [&read, write].map(|request| serving(upstream, request));
    read == write
        && write.and_then(|route| upstream.routes.get(route)).is_some_and(|route| route.row.is_some())
}
