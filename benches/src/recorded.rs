//! A generated recording: calls through a gateway with retries, as long as is asked.
//!
//! Judging a million calls must not need a run of minutes first. What is generated is plausible rather than
//! exact: checks find calls with retries, statuses, delays and phases to count.

use std::time::Duration;

use upstorm_model::plan::RouteId;
use upstorm_model::recording::{
    Admission, Attempt, Call, CallId, End, Fate, Header, Hint, Keys, Mark, MarkKind, Outcome, Record,
    Recording,
};
use upstorm_model::{HostId, Offset, Plan, Seed, Stream};

/// Calls of the plan's first client to its first upstream, evenly spread over the plan, one in five of which needs a
/// second attempt. A plan without either has host 0 in its place.
#[must_use]
pub fn recording(plan: &Plan, calls: u64) -> Recording {
    let spacing = plan.end.as_nanos() / calls.max(1);
    let call = |sequence| records(plan, sequence, Offset::from_nanos(sequence * spacing));
    let end = Record::Mark(Mark { at: plan.end, kind: MarkKind::End });
    Recording::from_records(Header::default(), (0..calls).flat_map(call).chain([end]))
}

/// One call, with its attempts.
fn records(plan: &Plan, sequence: u64, planned: Offset) -> Vec<Record> {
    let client = plan.clients.first().map_or(HostId(0), |client| client.host);
    let upstream = plan.upstreams.first().map_or(HostId(0), |upstream| upstream.host);
    let id = CallId::new(client, sequence);
    let mut dice = Seed(7).dice(Stream::named(&["bench"]), sequence, 1);
    let mut micros = |from: u64, spread: u64| Duration::from_micros(from + dice.bits() % spread);
    let attempts = if micros(0, 5).is_zero() { 2 } else { 1 };
    let mut records = Vec::with_capacity(attempts as usize + 1);
    let mut at = planned;
    for ordinal in 1..=attempts {
        let end = at + micros(5_000, 20_000);
        let status = if ordinal < attempts { 503 } else { 200 };
        records.push(Record::Attempt(attempt(plan, (upstream, id), (ordinal, status), (at, end))));
        at = if ordinal < attempts { end + micros(0, 200_000) } else { end };
    }
    let outcome = Outcome::Answered(200);
    records.push(Record::Call(Call {
        id,
        request: 0,
        planned,
        sent: planned,
        done: at,
        outcome,
        bytes: 1024,
        made: Some(at),
    }));
    records
}

fn attempt(plan: &Plan, of: (HostId, CallId), told: (u32, u16), times: (Offset, Offset)) -> Attempt {
    let ((upstream, id), (ordinal, status), (head, end)) = (of, told, times);
    let segment = u16::try_from(plan.segment_at(head)).unwrap_or(u16::MAX);
    let delay = end.since(head).into();
    let hint = (status == 503 && id.sequence().is_multiple_of(10)).then_some(Hint::Seconds(0));
    Attempt {
        upstream,
        route: RouteId(0),
        segment,
        peer: plan.gateways.first().map(|g| g.host),
        keys: Keys { call: Some(id), ..Keys::default() },
        ordinal,
        connection: 0,
        request: u32::try_from(id.sequence()).unwrap_or(u32::MAX),
        accepted: Offset::ZERO,
        head,
        first_byte: Some(end),
        end,
        fate: Fate { admission: Admission::Admitted, status, delay, ..Fate::default() },
        delay: Some(delay),
        status: Some(status),
        hint,
        ended: End::Completed,
        held: None,
        effect: false,
    }
}
