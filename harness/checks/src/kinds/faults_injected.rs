//! `faults-injected` (always on): every declared fault was really injected, as often as declared.
//!
//! A policy that "survived" a fault that never happened has shown nothing, and a green run is then worse than none.
//! Shares (faults, error statuses, connection resets and stalls) are tested by the exact two-sided binomial, all of a run
//! together at 1e-5 (Holm): a fault expected twelve times and never seen fails. Where a refusal, black hole or partition
//! is in force nothing may arrive, beyond 50 ms that what was on its way may take. A rate limit is run again over what arrived, and so
//! is a script; who was held must have been let go with the others; what a request demanded for itself was not declared, and is left out.
//!
//! A share that met no attempt is left out if that route was reached at another time: the subject stopped sending, as a
//! breaker should, and that is no fault of the harness. A route that no request ever reached is Inconclusive.

use std::time::Duration;

use upstorm_model::recording::{Attempt, Connection, MarkKind, Recording};
use upstorm_model::verdict::{BoundSource, Exhibit, Measure, Observation, Unit, Verdict};
use upstorm_model::{HostId, Offset};

use super::faults_apart::judge_apart;
use super::faults_comers::comers;
use super::faults_declared::{ShutDoor, Tally, shares, shut_doors};
use super::faults_held::judge_held;
use super::faults_limited::judge_limits;
use super::faults_scripted::judge_scripts;
use crate::reading::at_least;
use crate::statistics::{lower, rejected, two_sided_p, upper};
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "faults-injected",
    title: "faults injected",
    summary: "every declared fault was really injected, as often as declared",
    measures: &[Measure::FaultShare],
    always_on: true,
    observe,
};

/// The error of all these tests together: a thousand seeds err in 1 % at most. A real defect of the harness is gross, and
/// a false alarm here would condemn a run that nobody did wrong.
const FAMILY_ERROR: f64 = 1e-5;
/// How long what was on its way when a door shut may take to arrive.
const ON_ITS_WAY: Duration = Duration::from_millis(50);

fn observe(case: &Case<'_>) -> Vec<Observation> {
    if let Some(changed) = case.changed(Measure::FaultShare, Unit::Ratio) {
        return vec![changed];
    }
    let declared = shares(case.evidence);
    let mut doors = shut_doors(case.plan());
    doors.retain(|door| !comers(case, door).is_empty());
    let met: Vec<&Tally> = declared.iter().filter(|t| t.n > 0 || !t.reached).collect();
    let p_values: Vec<f64> = met.iter().map(|t| two_sided_p(t.hits, t.n, share(t))).collect();
    let wrong = rejected(&p_values, FAMILY_ERROR);
    let tested = met.iter().zip(p_values.into_iter().zip(wrong));
    let judged = tested.map(|(tally, (chance, wrong))| judge_share(case, tally, (chance, wrong)));
    let judged = judged.chain(judge_limits(case)).chain(judge_scripts(case)).chain(judge_held(case));
    judged.chain(by_part(case, &doors)).chain(judge_apart(case)).collect()
}

/// The share that was declared for what was met.
fn share(tally: &Tally) -> f64 {
    if tally.n == 0 { 0.0 } else { (tally.expected / tally.n as f64).clamp(0.0, 1.0) }
}

fn judge_share(case: &Case<'_>, tally: &Tally, (chance, wrong): (f64, bool)) -> Observation {
    let (hits, n) = (tally.hits as f64, tally.n as f64);
    let mut reading = Reading::of(Measure::FaultShare, Unit::Ratio, tally.n)
        .part(tally.part.clone())
        .value((tally.n > 0).then(|| hits / n))
        .chance(chance)
        .ruled(if wrong { Verdict::Failed } else { Verdict::Held });
    if tally.n > 0 {
        reading = reading.interval(lower(hits, n, 0.995), upper(hits, n, 0.995), 0.99);
    }
    case.judge(reading, at_least(share(tally), BoundSource::Scenario))
}

/// The shut doors of a phase together, however often its steps were repeated.
fn by_part(case: &Case<'_>, doors: &[ShutDoor<'_>]) -> Vec<Observation> {
    let mut parts: Vec<&str> = doors.iter().map(|d| d.part.as_str()).collect();
    parts.sort_unstable();
    parts.dedup();
    parts.into_iter().map(|part| judge_doors(case, part, doors)).collect()
}

fn judge_doors(case: &Case<'_>, part: &str, doors: &[ShutDoor<'_>]) -> Observation {
    let mut offered = 0;
    let mut arrived = Vec::new();
    for door in doors.iter().filter(|d| d.part == part) {
        let Some((from, to)) = in_force(case, door.segment) else { continue };
        let (calls, comers) = (&case.evidence.recording.calls, comers(case, door));
        let before = |at| calls.partition_point(|c| c.planned < at);
        let sent = calls.get(before(from)..before(to).max(before(from))).unwrap_or_default();
        offered += sent.iter().filter(|c| comers.contains(&c.id.client())).count() as u64;
        arrived.extend(arrivals(case, door, (from, to)));
    }
    stopped(case, part, (offered, arrived))
}

/// What was offered at something that lets nobody through, and what came through.
pub(super) fn stopped(case: &Case<'_>, part: &str, (offered, arrived): (u64, Vec<Exhibit>)) -> Observation {
    let through = arrived.len() as u64;
    let reading = Reading::of(Measure::FaultShare, Unit::Ratio, offered + through)
        .part(part)
        .value((offered + through > 0).then(|| offered as f64 / (offered + through) as f64))
        .ruled(if through == 0 { Verdict::Held } else { Verdict::Failed })
        .exhibits(arrived);
    case.judge(reading, at_least(1.0, BoundSource::Scenario))
}

/// When the segment surely was in force: from 50 ms after the world began it, if that was later than planned.
pub(super) fn in_force(case: &Case<'_>, segment: u16) -> Option<(Offset, Offset)> {
    let planned = case.plan().segments.get(usize::from(segment))?;
    let marks = case.evidence.recording.marks.iter();
    let begun = marks.filter(|m| m.kind == MarkKind::Segment(segment)).map(|m| m.at).next();
    let from = begun.unwrap_or(planned.start).max(planned.start) + ON_ITS_WAY;
    (from < planned.end).then_some((from, planned.end))
}

fn arrivals(case: &Case<'_>, door: &ShutDoor<'_>, (from, to): (Offset, Offset)) -> Vec<Exhibit> {
    let recording = case.evidence.recording;
    let mut out = Vec::new();
    if !door.open_connections {
        let first = recording.attempts.partition_point(|a| a.head < from);
        let during = recording.attempts[first..].iter().take_while(|a| a.head < to);
        let here = during.filter(|a| a.upstream == door.upstream.host && came_from(case, a, door.from));
        let here = here.filter(|a| !lay_unread(recording, a, from));
        out.extend(here.map(|a| Exhibit { at: a.head, call: a.keys.call, value: 1.0 }));
    }
    if !door.accepts {
        let first = recording.connections.partition_point(|c| c.accepted < from);
        let during = recording.connections[first..].iter().take_while(|c| c.accepted < to);
        let here = during.filter(|c: &&Connection| c.upstream == door.upstream.host);
        out.extend(here.map(|c| Exhibit { at: c.accepted, call: None, value: 1.0 }));
    }
    out
}

/// Whether a request may have arrived before this moment and was read only when its connection's delay was over.
fn lay_unread(recording: &Recording, attempt: &Attempt, before: Offset) -> bool {
    let held = |c: &&Connection| (c.upstream, c.id) == (attempt.upstream, attempt.connection);
    let connection = recording.connections.iter().filter(|c| !c.delay.get().is_zero()).find(held);
    let read = connection.filter(|c| c.accepted < before).map(|c| c.accepted + c.delay.get() + ON_ITS_WAY);
    attempt.request == 0 && read.is_some_and(|read| attempt.head < read)
}

/// Whether an attempt came from this host: by the link, or by the way its client calls. Unknown is no.
fn came_from(case: &Case<'_>, attempt: &Attempt, from: Option<HostId>) -> bool {
    let Some(from) = from else { return true };
    let hops = || attempt.keys.call.map(|id| case.evidence.hops(id.client()));
    match attempt.peer {
        Some(peer) => peer == from,
        None => hops().is_some_and(|hops| hops.contains(&(from, attempt.upstream))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::RouteId;
    use upstorm_model::TimeSpan;
    use upstorm_model::recording::{ConnectionFate, End, Fate, Keys};

    fn recording(delay: u64) -> Recording {
        let connection = Connection {
            upstream: HostId(2),
            id: 4,
            peer: None,
            segment: 0,
            accepted: Offset::from_millis(900),
            fate: ConnectionFate::Served,
            delay: TimeSpan::from_millis(delay),
        };
        Recording { connections: vec![connection], ..Recording::default() }
    }

    fn attempt(request: u32, head: u64) -> Attempt {
        Attempt {
            upstream: HostId(2),
            route: RouteId(0),
            segment: 0,
            peer: None,
            keys: Keys::default(),
            ordinal: 1,
            connection: 4,
            request,
            accepted: Offset::from_millis(900),
            head: Offset::from_millis(head),
            first_byte: None,
            end: Offset::from_millis(head),
            fate: Fate::default(),
            delay: None,
            status: None,
            hint: None,
            ended: End::Completed,
            held: None,
            effect: false,
        }
    }

    #[test]
    fn a_request_that_lay_unread_may_have_come_before_the_door_shut() {
        let shut = Offset::from_millis(1000);
        let unread = |delay, request, head| lay_unread(&recording(delay), &attempt(request, head), shut);
        assert!(unread(300, 0, 1200), "read when the delay was over");
        assert!(!unread(300, 0, 1300), "and this one long after it");
        assert!(!unread(300, 1, 1200), "only the first request of a connection waits for its delay");
        assert!(!unread(0, 0, 920), "this connection was not held");
        let late = lay_unread(&recording(300), &attempt(0, 1200), Offset::from_millis(900));
        assert!(!late, "the connection itself came when nothing could");
    }
}
