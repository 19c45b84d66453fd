//! The timeline: each phase with its offsets, and what it puts over the base.

use std::collections::BTreeMap;

use upstorm_model::Plan;
use upstorm_model::scenario::{
    Behaviour, Body, BodyContent, Capacity, Connect, Cut, CutAt, Ending, Fault, FaultKind, Hold, Keep, Limit,
    LoadShape, Malformed, Overlay, Phase, Probes, Reject, ReplicaOverlay, RetryAfter, Scenario, Script,
    ScriptBy, ScriptStep, StatusMix,
};

use super::table::{Table, section};
use super::wording::{count, law, of_clock, varying};

/// Warm-up and every phase in order; a phase with steps has a line for each of them.
pub(super) fn timeline(scenario: &Scenario, plan: &Plan) -> String {
    let mut table = Table::new(&["from", "to", "phase", "over the base"]);
    if !scenario.run.warmup.is_zero() {
        let end = of_clock(plan.warmup_until);
        table.row(["0s".to_owned(), end, "warm-up".to_owned(), "nothing; checks leave it out".to_owned()]);
    }
    for (span, phase) in plan.phases.iter().zip(&scenario.phase) {
        let over = |overlay: &Overlay| differences(overlay);
        let mut lines = over(&phase.overlay);
        let times = phase.repeat.filter(|n| *n > 1).map_or_else(String::new, |n| format!(", {n} times"));
        lines.extend(steps(phase, &times));
        if phase.steps.is_empty() && !times.is_empty() {
            lines.push(format!("begins anew{times}"));
        }
        let mut lines = lines.into_iter();
        let first = lines.next().unwrap_or_else(|| "nothing".to_owned());
        table.row([of_clock(span.start), of_clock(span.end), phase.name.clone(), first]);
        lines.for_each(|line| table.row([String::new(), String::new(), String::new(), line]));
    }
    section("Timeline", &table.lines())
}

fn steps(phase: &Phase, times: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for step in &phase.steps {
        let over = differences(&step.overlay);
        let over = if over.is_empty() { "nothing more".to_owned() } else { over.join("; ") };
        lines.push(format!("for {}{times}: {over}", step.duration));
    }
    lines
}

/// What an overlay changes, a phrase each.
pub(super) fn differences(overlay: &Overlay) -> Vec<String> {
    let mut out = Vec::new();
    for (name, over) in &overlay.upstream {
        out.extend(over.connect.iter().map(|c| format!("{name}: {}", connect(c))));
        out.extend(behaviour(&over.behaviour).into_iter().map(|text| format!("{name}: {text}")));
        out.extend(routes(name, &over.route));
        out.extend(over.replica.iter().flat_map(|(number, over)| replica(&format!("{name}#{number}"), over)));
    }
    out.extend(overlay.client.iter().map(|(name, shape)| format!("{name}: {}", load(shape))));
    out.extend(overlay.partition.iter().map(|[a, b]| format!("no packets between {a} and {b}")));
    out
}

/// What one replica does otherwise, a phrase each.
pub(super) fn replica(name: &str, over: &ReplicaOverlay) -> Vec<String> {
    let connect = over.connect.iter().map(|c| format!("{name}: {}", connect(c)));
    let common = behaviour(&over.behaviour).into_iter().map(|text| format!("{name}: {text}"));
    connect.chain(common).chain(routes(name, &over.route)).collect()
}

fn routes(name: &str, routes: &BTreeMap<String, Behaviour>) -> Vec<String> {
    let route = |(route, over): (&String, &Behaviour)| {
        behaviour(over).into_iter().map(|text| format!("{name}/{route}: {text}")).collect::<Vec<_>>()
    };
    routes.iter().flat_map(route).collect()
}

fn behaviour(behaviour: &Behaviour) -> Vec<String> {
    let faults = |faults: &Vec<Fault>| match faults.as_slice() {
        [] => "no faults".to_owned(),
        some => {
            some.iter().map(|f| format!("{} {}", varying(&f.share), fault(f))).collect::<Vec<_>>().join(", ")
        }
    };
    let said = [
        behaviour.limit.as_ref().map(limit),
        behaviour.capacity.as_ref().map(capacity),
        behaviour.latency.as_ref().map(|l| format!("latency {}", law(l))),
        behaviour.status.as_ref().map(|s| format!("status {}", status(s))),
        behaviour.body.as_ref().map(body),
        behaviour.faults.as_ref().map(faults),
        behaviour.script.as_ref().map(script),
        behaviour.hold.as_ref().map(hold),
        behaviour.probes.as_ref().map(probes),
        behaviour.ledger.map(|kept| if kept { "a ledger of keys" } else { "no ledger" }.to_owned()),
    ];
    said.into_iter().flatten().collect()
}

/// What is met in turn.
fn script(script: &Script) -> String {
    let steps: Vec<String> = script.steps().iter().map(step).collect();
    if steps.is_empty() {
        return "no script".to_owned();
    }
    let by = match script.by() {
        ScriptBy::Call => "each call",
        ScriptBy::Route => "all attempts together",
    };
    format!("script for {by}: {}", steps.join(", then "))
}

/// A cohort, and what becomes of it.
fn hold(hold: &Hold) -> String {
    let Hold { calls, within, again, retries, then } = hold;
    let what = if *retries { "attempts" } else { "calls" };
    let which = if *again { "every" } else { "the first" };
    format!(
        "holds {which} {calls} {what}, {within} at most, and ends all at one instant: {}",
        ending(then.as_ref())
    )
}

/// What the first after a silence meet.
fn probes(probes: &Probes) -> String {
    let Probes { after_silence, first, late, never, then } = probes;
    let many =
        if *first == 1 { "the first request".to_owned() } else { format!("the first {first} requests") };
    let late = late.map(|late| format!(", {late} after it came")).unwrap_or_default();
    let met = if *never { "never answered".to_owned() } else { format!("{}{late}", ending(then.as_ref())) };
    format!("{many} of a caller after {after_silence} of silence: {met}")
}

fn ending(ending: Option<&Ending>) -> String {
    ending.map_or_else(|| "as ever".to_owned(), |ending| step(&ending.step()))
}

fn step(step: &ScriptStep) -> String {
    let said = [
        step.status.map(|status| format!("{status}{}", hint(step.retry_after.as_ref()))),
        step.latency.as_ref().map(|l| format!("latency {}", law(l))),
        step.fault.as_ref().map(fault_kind),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    let met = if said.is_empty() { "as ever".to_owned() } else { said.join(" with ") };
    let (times, lasts) =
        (step.times.map(|n| format!(" {n} times")), step.lasts.map(|span| format!(" for {span}")));
    format!("{met}{}", times.or(lasts).unwrap_or_default())
}

fn connect(connect: &Connect) -> String {
    let parts = [
        connect.refuses().then(|| "refuses connections".to_owned()),
        connect.swallows().then(|| "answers no SYN".to_owned()),
        connect.reset.map(|share| format!("resets {} of the connections", varying(&share))),
        connect.stall.map(|share| format!("stalls {} of the connections", varying(&share))),
        connect.delay.as_ref().map(|delay| format!("holds each connection for {}", law(delay))),
    ];
    let said: Vec<String> = parts.into_iter().flatten().collect();
    if said.is_empty() { "accepts connections".to_owned() } else { said.join(", ") }
}

fn limit(limit: &Limit) -> String {
    let Reject { status, retry_after } = &limit.reject;
    format!("limit {}, beyond it {status}{}", varying(&limit.rate), hint(retry_after.as_ref()))
}

fn capacity(capacity: &Capacity) -> String {
    let Capacity { workers, queue, service, overflow, ignore_disconnect, finish_begun, deadline } = capacity;
    let kept = service.as_ref().map_or_else(String::new, |s| format!(" for {} each", law(s)));
    let stubborn = match (*ignore_disconnect, *finish_begun) {
        (true, _) => ", working on for callers that left",
        (_, true) => ", finishing what has begun for callers that left",
        _ => "",
    };
    let dropped =
        deadline.map_or_else(String::new, |d| format!(", not beginning what would be done after {d}"));
    let beyond = format!("beyond it {}{}", overflow.status, hint(overflow.retry_after.as_ref()));
    format!("{}{kept}, a queue of {queue}, {beyond}{stubborn}{dropped}", count(*workers as usize, "worker"))
}

fn hint(retry_after: Option<&RetryAfter>) -> String {
    match retry_after {
        None => String::new(),
        Some(RetryAfter::Seconds(n)) => format!(", Retry-After {n}s"),
        Some(RetryAfter::Date(span)) => format!(", Retry-After as a date in {span}"),
        Some(RetryAfter::Text(text)) => format!(", Retry-After {text:?}"),
        Some(RetryAfter::Exact) => ", Retry-After when there is room".to_owned(),
    }
}

fn body(body: &Body) -> String {
    let content = match &body.content {
        BodyContent::Size(size) => format!("body {}", varying(size)),
        BodyContent::Text(text) | BodyContent::Json(text) => format!("body of {} bytes", text.len()),
        BodyContent::File(file) => format!("body of `{}`, {} bytes", file.name, file.text.len()),
    };
    let rate = body.rate.map(|rate| format!(" at {}", varying(&rate))).unwrap_or_default();
    let chunk = body.chunk.map(|chunk| format!(", {chunk} at a time")).unwrap_or_default();
    format!("{content}{rate}{chunk}")
}

fn status(mix: &StatusMix) -> String {
    let (first, last) = (mix.shares(0.0), mix.shares(1.0));
    let part = |((status, from), (_, to)): (&(u16, f64), &(u16, f64))| {
        let (from, to) = (super::wording::share(*from), super::wording::share(*to));
        if from == to { format!("{status} {from}") } else { format!("{status} {from} to {to}") }
    };
    first.iter().zip(&last).map(part).collect::<Vec<_>>().join(", ")
}

/// What a fault does, as a scenario writes it.
pub(super) fn fault(fault: &Fault) -> String {
    fault_kind(&fault.kind)
}

fn fault_kind(kind: &FaultKind) -> String {
    let cut = |cut: &Cut| match cut {
        Cut::At { at: CutAt::BeforeHeaders } => "before the headers".to_owned(),
        Cut::At { at: CutAt::MidBody } => "in the body".to_owned(),
        Cut::After { after } => format!("after {after}"),
    };
    match kind {
        FaultKind::Reset(at) => format!("reset {}", cut(at)),
        FaultKind::Close(at) => format!("close {}", cut(at)),
        FaultKind::Hang {} => "hang".to_owned(),
        FaultKind::Truncate { keep: Keep::Size(size) } => format!("truncate to {size}"),
        FaultKind::Truncate { keep: Keep::Share(share) } => format!("truncate to {share}"),
        FaultKind::Stall(stall) => format!("stall {} for {}", cut(&stall.place), varying(&stall.r#for)),
        FaultKind::Malformed { kind } => {
            let part = match kind {
                Malformed::StatusLine => "status line",
                Malformed::Header => "header",
                Malformed::ChunkSize => "chunk size",
                Malformed::Json => "JSON",
            };
            format!("malformed {part}")
        }
        FaultKind::ContentLength { off_by } => {
            let more = if *off_by > 0 { "more" } else { "fewer" };
            format!("a Content-Length of {} bytes {more} than are sent", off_by.unsigned_abs())
        }
        FaultKind::RedirectLoop {} => "redirect to the same place".to_owned(),
        FaultKind::HeaderFlood { size } => format!("{size} of headers"),
    }
}

/// What a load overlay says.
pub(super) fn load(shape: &LoadShape) -> String {
    let parts = [
        shape.rate.map(|rate| varying(&rate)),
        shape.arrivals.map(|a| format!("{a:?} arrivals").to_lowercase()),
        shape.users.map(|users| format!("{} users", varying(&users))),
        shape.think.as_ref().map(|think| format!("thinking {}", law(think))),
        shape.calls.map(|n| format!("{} each", count(n as usize, "call"))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
