//! A generated recording: calls through a gateway with retries, as long as is asked.

use upstorm_model::plan::RouteId;
use upstorm_model::recording::{
    Attempt, Call, CallId, End, Fate, Header, Keys, Mark, MarkKind, Outcome, Record, Recording,
};
use upstorm_model::{HostId, Offset, Plan, Seed, Stream};

/// Calls evenly spread over the plan, one in five of which needs a second attempt.
#[must_use]
pub fn recording(plan: &Plan, calls: u64) -> Recording {
    let spacing = plan.end.as_nanos() / calls.max(1);
    let (client, upstream) = (plan.clients[0].host, plan.upstreams[0].host);
    let mut records = Vec::new();
    for sequence in 0..calls {
        let id = CallId::new(client, sequence);
        let planned = Offset::from_nanos(sequence * spacing);
        let mut dice = Seed(7).dice(Stream::named(&["bench"]), sequence, 1);
        let mut at = planned;
        let attempts = if dice.chance(0.2) { 2 } else { 1 };
        for ordinal in 1..=attempts {
            let end = at + std::time::Duration::from_micros(5_000 + dice.bits() % 20_000);
            let status = if ordinal < attempts { 503 } else { 200 };
            let told = (ordinal, status);
            records.push(Record::Attempt(attempt(plan, (upstream, id), told, (at, end))));
            at = end + std::time::Duration::from_micros(dice.bits() % 200_000);
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
        }));
    }
    records.push(Record::Mark(Mark { at: plan.end, kind: MarkKind::End }));
    Recording::from_records(Header::default(), records)
}

fn attempt(plan: &Plan, of: (HostId, CallId), told: (u32, u16), times: (Offset, Offset)) -> Attempt {
    let ((upstream, id), (ordinal, status), (head, end)) = (of, told, times);
    let segment = u16::try_from(plan.segment_at(head)).unwrap_or(u16::MAX);
    let delay = end.since(head).into();
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
        fate: Fate { limited: false, status, delay, fault: None },
        delay: Some(delay),
        status: Some(status),
        hint: None,
        ended: End::Completed,
    }
}
