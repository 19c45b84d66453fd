//! Names: which upstream, route or phase is meant, and which is the nearest where there is none.

use upstorm_language::diagnostic::{Code, codes};
use upstorm_language::nearest;
use upstorm_model::plan::{PhaseSpan, UpstreamPlan};
use upstorm_model::{Plan, RouteId};
use upstorm_upstream::Control;

use crate::admin::Desk;
use crate::admin::door::{Misfit, Problem};

/// A route of an upstream.
#[derive(Clone, Copy)]
pub(super) struct Route<'a> {
    /// The upstream's name; a replica's has its number.
    pub(super) upstream: &'a str,
    /// Its handle.
    pub(super) control: &'a Control,
    /// Its plan.
    pub(super) planned: &'a UpstreamPlan,
    /// Which route.
    pub(super) id: RouteId,
}

impl Route<'_> {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.planned.routes.get(usize::from(self.id.0)).map_or("?", |route| route.name.as_str())
    }
}

/// Every upstream with its name, handle and plan.
pub(super) fn upstreams(desk: &Desk) -> impl Iterator<Item = (&str, &Control, &UpstreamPlan)> {
    desk.controls.iter().filter_map(|control| {
        let (_, planned) = desk.plan.upstream_of(control.host())?;
        Some((desk.plan.host_name(control.host()), control, planned))
    })
}

/// Every route of every upstream.
pub(super) fn routes(desk: &Desk) -> impl Iterator<Item = Route<'_>> {
    upstreams(desk).flat_map(|(upstream, control, planned)| {
        let ids = (0_u16..).zip(&planned.routes).map(|(id, _)| RouteId(id));
        ids.map(move |id| Route { upstream, control, planned, id })
    })
}

/// The upstreams of this name: one, or all replicas where it is the name that they share.
///
/// # Errors
/// When there is none.
pub(super) fn upstreams_named<'a>(
    desk: &'a Desk,
    name: &str,
) -> Result<Vec<(&'a str, &'a Control, &'a UpstreamPlan)>, Problem> {
    let is_meant =
        |host: &str| host == name || host.rsplit_once('#').is_some_and(|(shared, _)| shared == name);
    let found: Vec<_> = upstreams(desk).filter(|(host, ..)| is_meant(host)).collect();
    if found.is_empty() {
        let there: Vec<&str> = upstreams(desk).map(|(name, ..)| name).collect();
        let message = format!("there is no upstream `{name}` in this scenario");
        return Err(Problem::Unknown(unknown(&codes::UNKNOWN_HOST, ("upstream", name), message, &there)));
    }
    Ok(found)
}

/// The routes of this name: one, or one of each replica.
///
/// # Errors
/// When there is no such upstream or route.
pub(super) fn routes_named<'a>(
    desk: &'a Desk,
    upstream: &str,
    route: &str,
) -> Result<Vec<Route<'a>>, Problem> {
    let mut found = Vec::new();
    for (name, control, planned) in upstreams_named(desk, upstream)? {
        let index = planned.routes.iter().position(|known| known.name == route);
        let Some(id) = index.and_then(|index| u16::try_from(index).ok()) else {
            let there: Vec<&str> = planned.routes.iter().map(|known| known.name.as_str()).collect();
            let message = format!("the upstream `{name}` has no route `{route}`");
            return Err(Problem::Unknown(unknown(&codes::UNKNOWN_ROUTE, ("route", route), message, &there)));
        };
        found.push(Route { upstream: name, control, planned, id: RouteId(id) });
    }
    Ok(found)
}

/// The phase of this name.
///
/// # Errors
/// When there is none.
pub(super) fn phase_named<'a>(plan: &'a Plan, name: &str) -> Result<&'a PhaseSpan, Misfit> {
    plan.phase_named(name).ok_or_else(|| {
        let there: Vec<&str> = plan.phases.iter().map(|phase| phase.name.as_str()).collect();
        let message = format!("there is no phase `{name}`");
        let misfit = unknown(&codes::UNKNOWN_PHASE, ("phase", name), message, &there);
        Misfit { parameter: None, pointer: Some("/phase".to_owned()), ..misfit }
    })
}

/// The name of the phase that a segment belongs to; none for warm-up.
pub(super) fn phase_of(plan: &Plan, segment: u16) -> Option<&str> {
    let phase = plan.segments.get(usize::from(segment))?.phase?;
    plan.phases.get(usize::from(phase)).map(|phase| phase.name.as_str())
}

/// Something that does not exist, with what does.
pub(super) fn unknown(
    code: &'static Code,
    (parameter, name): (&str, &str),
    message: String,
    there: &[&str],
) -> Misfit {
    let near = nearest(name, there.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    let all = format!("there is {}", there.join(", "));
    Misfit::of_parameter(code, parameter, message).help(near.into_iter().chain([all]))
}
