//! The attempt log, a page at a time.
//!
//! A page says where the next begins, also when there is no more yet: whoever asks again from there misses nothing, and
//! is told how many attempts were forgotten in between if they came too late.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use upstorm_language::diagnostic::codes;
use upstorm_model::recording::{Admission, CallId, End, Hint, Holder, Origin};

use super::filter::Filter;
use super::names::phase_of;
use crate::admin::Desk;
use crate::admin::books::{KEPT, Kept};
use crate::admin::door::{Asked, Misfit, Problem, Reply};

/// The parameters of a page.
pub(super) const PARAMETERS: &[&str] =
    &["cursor", "limit", "upstream", "route", "status", "fault", "call", "since"];
/// Attempts on a page, where nothing else is asked for.
const USUAL: usize = 100;
/// Attempts on a page at most.
const MOST: usize = 1000;

/// What each parameter means, for the document.
pub(super) fn meaning(parameter: &str) -> &'static str {
    match parameter {
        "cursor" => {
            "Where to go on: the `next` of the page before. Without it, from the oldest attempt that is kept."
        }
        "limit" => "How many, from 1 to 1000; 100 without it.",
        "upstream" => "Only at this upstream; the name that replicas share means all of them.",
        "route" => "Only at routes of this name.",
        "status" => "Only those answered with this status, such as `503`, or of this class, such as `5xx`.",
        "fault" => "Only those hit by this kind of fault, by `any`, or by `none`.",
        "call" => "Only attempts of this call, in hexadecimal digits as `x-upstorm-call` carries it.",
        _ => "Only those whose head arrived at this time of the run or later, such as `12.5s`.",
    }
}

/// A page of attempts.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AttemptsView {
    /// In the order in which they ended.
    attempts: Vec<AttemptView>,
    /// The cursor of the next page.
    next: String,
    /// True where there are more already.
    more: bool,
    /// Attempts before this page that are not kept any more.
    forgotten: u64,
    /// How many attempts are kept at most.
    kept: usize,
}

/// An attempt. Times are in seconds since the run began.
#[derive(Debug, Serialize, JsonSchema)]
struct AttemptView {
    number: u64,
    upstream: String,
    route: String,
    /// The phase whose behaviour it met; none in warm-up.
    phase: Option<String>,
    /// True where it met something that was changed by hand.
    changed: bool,
    /// Who sent it, where that is a host of the scenario.
    peer: Option<String>,
    /// The id of its call, in hexadecimal digits.
    call: Option<String>,
    /// Which attempt of its call at this route.
    ordinal: u32,
    method: String,
    connection: u32,
    /// Which request on that connection, from 0.
    request: u32,
    /// When its head had arrived.
    head: f64,
    /// When the first byte of the response was written.
    first_byte: Option<f64>,
    /// When it ended.
    end: f64,
    /// How it ended.
    ended: &'static str,
    /// Whether it was let in, and if not, why.
    admission: &'static str,
    /// Who decided what it met: the dice, a script, the request itself, or what held it.
    origin: &'static str,
    /// The kind of fault that hit it.
    fault: Option<&'static str>,
    /// The status that was sent.
    status: Option<u16>,
    /// The Retry-After that was sent, in seconds; none where there was none, or one that cannot be read.
    retry_after: Option<f64>,
    /// The delay that was decided, in seconds.
    planned_delay: f64,
    /// How long it was really held back, in seconds.
    delay: Option<f64>,
    /// What held its answer beyond that, if anything did.
    held_by: Option<&'static str>,
    /// The cohort of its route, or the silence of its caller, from 0.
    held_with: Option<u32>,
    /// How long it was held, in seconds.
    held: Option<f64>,
}

/// A page of those that are wanted.
pub(super) fn read(desk: &Desk, asked: &Asked) -> Result<Reply, Problem> {
    let filter = Filter::read(desk, asked)?;
    let after = number(asked, "cursor", 0..=u64::MAX)?.unwrap_or(0);
    let limit = number(asked, "limit", 1..=MOST as u64)?.and_then(|limit| usize::try_from(limit).ok());
    let page = desk.books.page(after, limit.unwrap_or(USUAL), &|kept| filter.wants(kept));
    let view = AttemptsView {
        attempts: page.found.iter().map(|kept| view(desk, kept)).collect(),
        next: page.last_seen.to_string(),
        more: page.more,
        // Whoever begins at the beginning has missed nothing.
        forgotten: if after == 0 { 0 } else { page.lost },
        kept: KEPT,
    };
    Ok(Reply::json(StatusCode::OK, &view))
}

fn number(
    asked: &Asked,
    parameter: &str,
    within: std::ops::RangeInclusive<u64>,
) -> Result<Option<u64>, Problem> {
    let Some(text) = asked.parameter(parameter) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| within.contains(number));
    number.map(Some).ok_or_else(|| {
        let message =
            format!("`{parameter}` must be a whole number from {} to {}", within.start(), within.end());
        Problem::Misfits(vec![Misfit::of_parameter(&codes::OUT_OF_RANGE, parameter, message)])
    })
}

fn view(desk: &Desk, kept: &Kept) -> AttemptView {
    let (plan, attempt) = (&desk.plan, &kept.attempt);
    let route =
        plan.upstream_of(attempt.upstream).and_then(|(_, u)| u.routes.get(usize::from(attempt.route.0)));
    AttemptView {
        number: kept.number,
        upstream: plan.host_name(attempt.upstream).to_owned(),
        route: route.map_or("?", |route| route.name.as_str()).to_owned(),
        phase: phase_of(plan, attempt.segment).map(str::to_owned),
        changed: kept.changed,
        peer: attempt.peer.map(|peer| plan.host_name(peer).to_owned()),
        call: attempt.keys.call.map(|CallId(id)| format!("{id:016x}")),
        ordinal: attempt.ordinal,
        method: attempt.keys.method.word().to_owned(),
        connection: attempt.connection,
        request: attempt.request,
        head: attempt.head.as_secs_f64(),
        first_byte: attempt.first_byte.map(|at| at.as_secs_f64()),
        end: attempt.end.as_secs_f64(),
        ended: end_word(attempt.ended),
        admission: admission_word(attempt.fate.admission),
        origin: match attempt.fate.origin {
            Origin::Drawn => "drawn",
            Origin::Scripted(_) => "scripted",
            Origin::Demanded => "demanded",
            Origin::Held(_) => "held",
        },
        fault: kept.fault,
        status: attempt.status,
        retry_after: attempt.hint.and_then(Hint::wait).map(|wait| wait.as_secs_f64()),
        planned_delay: attempt.fate.delay.as_secs_f64(),
        delay: attempt.delay.map(|delay| delay.as_secs_f64()),
        held_by: attempt.held.map(|held| match held.by {
            Holder::Cohort => "cohort",
            Holder::Probe => "probe",
        }),
        held_with: attempt.held.map(|held| held.group),
        held: attempt.held.and_then(|held| held.lasted).map(|lasted| lasted.as_secs_f64()),
    }
}

const fn end_word(end: End) -> &'static str {
    match end {
        End::Completed => "completed",
        End::CallerLeft => "caller-left",
        End::CallerReset => "caller-reset",
        End::Reset => "reset",
        End::Cut => "cut",
        End::Unfinished => "unfinished",
    }
}

const fn admission_word(admission: Admission) -> &'static str {
    match admission {
        Admission::Admitted => "admitted",
        Admission::Limited => "limited",
        Admission::Overflowed => "overflowed",
        Admission::Misworded => "misworded",
        Admission::TooLarge => "too-large",
        Admission::Repeated => "repeated",
    }
}
