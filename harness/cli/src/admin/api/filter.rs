//! Which attempts of the log are wanted: the parameters of a page, read and resolved.

use upstorm_language::diagnostic::codes;
use upstorm_language::{fragment, nearest};
use upstorm_model::recording::CallId;
use upstorm_model::{HostId, Offset, RouteId};

use super::names::{routes_named, unknown, upstreams, upstreams_named};
use crate::admin::Desk;
use crate::admin::books::Kept;
use crate::admin::door::{Asked, Misfit, Problem};

/// What is wanted; what is none is not asked about.
#[derive(Debug, Default)]
pub(super) struct Filter {
    upstreams: Option<Vec<HostId>>,
    routes: Option<Vec<(HostId, RouteId)>>,
    statuses: Option<(u16, u16)>,
    fault: Option<String>,
    call: Option<CallId>,
    since: Option<Offset>,
}

impl Filter {
    /// From the parameters of a query.
    ///
    /// # Errors
    /// When one of them cannot be read, or names what does not exist.
    pub(super) fn read(desk: &Desk, asked: &Asked) -> Result<Self, Problem> {
        let upstream = asked.parameter("upstream");
        let found = upstream.map(|name| upstreams_named(desk, name)).transpose()?;
        Ok(Self {
            upstreams: found.map(|found| found.iter().map(|(_, control, _)| control.host()).collect()),
            routes: asked.parameter("route").map(|route| these_routes(desk, upstream, route)).transpose()?,
            statuses: asked.parameter("status").map(statuses).transpose()?,
            fault: asked.parameter("fault").map(fault).transpose()?,
            call: asked.parameter("call").map(call).transpose()?,
            since: asked.parameter("since").map(since).transpose()?,
        })
    }

    /// Whether an attempt is wanted.
    pub(super) fn wants(&self, kept: &Kept) -> bool {
        let attempt = &kept.attempt;
        self.upstreams.as_ref().is_none_or(|hosts| hosts.contains(&attempt.upstream))
            && self.routes.as_ref().is_none_or(|routes| routes.contains(&(attempt.upstream, attempt.route)))
            && self
                .statuses
                .is_none_or(|(from, to)| attempt.status.is_some_and(|status| (from..=to).contains(&status)))
            && self.fault.as_ref().is_none_or(|wanted| match (wanted.as_str(), kept.fault) {
                ("any", hit) => hit.is_some(),
                ("none", hit) => hit.is_none(),
                (wanted, hit) => hit == Some(wanted),
            })
            && self.call.is_none_or(|call| attempt.keys.call == Some(call))
            && self.since.is_none_or(|since| attempt.head >= since)
    }
}

/// The routes of this name, at one upstream or at all that have it.
fn these_routes(desk: &Desk, upstream: Option<&str>, route: &str) -> Result<Vec<(HostId, RouteId)>, Problem> {
    if let Some(upstream) = upstream {
        let found = routes_named(desk, upstream, route)?;
        return Ok(found.iter().map(|route| (route.control.host(), route.id)).collect());
    }
    let all: Vec<_> = super::names::routes(desk).collect();
    let found: Vec<_> = all
        .iter()
        .filter(|known| known.name() == route)
        .map(|known| (known.control.host(), known.id))
        .collect();
    if found.is_empty() {
        let there: Vec<&str> = all.iter().map(|known| known.name()).collect();
        let of = upstreams(desk).map(|(name, ..)| name).collect::<Vec<_>>().join(", ");
        let message = format!("no upstream has a route `{route}`: neither of {of}");
        return Err(Problem::Unknown(unknown(&codes::UNKNOWN_ROUTE, ("route", route), message, &there)));
    }
    Ok(found)
}

/// `503`, or `5xx` for all that begin so.
fn statuses(text: &str) -> Result<(u16, u16), Problem> {
    let class = text.strip_suffix("xx").and_then(|digit| digit.parse::<u16>().ok());
    let range = class.map(|class| (class * 100, class * 100 + 99));
    let range = range.or_else(|| text.parse().ok().map(|status| (status, status)));
    range.filter(|(from, _)| (100..600).contains(from)).ok_or_else(|| {
        let message = format!("`{text}` is no status");
        wrong(
            Misfit::of_parameter(&codes::OUT_OF_RANGE, "status", message),
            "write one from 100 to 599, or `5xx`",
        )
    })
}

/// A kind of fault, `any` or `none`.
fn fault(text: &str) -> Result<String, Problem> {
    let kinds = || {
        let kinds = upstorm_upstream::FAULTS.iter().map(|fault| fault.key);
        kinds.filter(|key| !key.contains('.')).chain(["any", "none"])
    };
    if kinds().any(|kind| kind == text) {
        return Ok(text.to_owned());
    }
    let message = format!("`{text}` is no kind of fault that hits an attempt");
    let near = nearest(text, kinds()).map(|near| format!("did you mean `{near}`?"));
    let all = format!("the kinds are {}", kinds().collect::<Vec<_>>().join(", "));
    let misfit = Misfit::of_parameter(&codes::UNKNOWN_WORD, "fault", message).help(near);
    Err(wrong(misfit, &all))
}

/// A call id, in hexadecimal digits as `x-upstorm-call` carries it.
fn call(text: &str) -> Result<CallId, Problem> {
    text.parse().map_err(|_| {
        let misfit = Misfit::of_parameter(&codes::BAD_FORM, "call", format!("`{text}` is no id of a call"));
        wrong(misfit, "write up to 16 hexadecimal digits, as `x-upstorm-call` carries them")
    })
}

/// A time of the run.
fn since(text: &str) -> Result<Offset, Problem> {
    let span = fragment::time(text).map_err(|refusal| Problem::from(refusal).in_parameter("since"))?;
    Ok(Offset::ZERO + span.get())
}

fn wrong(misfit: Misfit, help: &str) -> Problem {
    Problem::Misfits(vec![misfit.help([help.to_owned()])])
}
