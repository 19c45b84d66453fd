//! Kept answers: a gateway with a cache of one answer, as simple as it can be.

use std::time::Duration;

use upstorm_model::policy::CacheKind;
use upstorm_model::recording::{
    Attempt, Call, CallId, End, Keys, Mark, MarkKind, Outcome, Record, Recording, codec,
};
use upstorm_model::{Offset, Plan, Stream, TimeSpan};

use crate::script::{CLIENT, Script};
use crate::stage::blank;

const HOP: Duration = Duration::from_micros(100);

/// Gives the gateway a cache: fresh for a second, and for four more in need.
pub(crate) fn with_cache(plan: &mut Plan) {
    let cache = &mut plan.gateways[0].policy.cache;
    cache.kind = CacheKind::Memory;
    (cache.fresh, cache.stale_if_error) = (TimeSpan::from_secs(1), TimeSpan::from_secs(4));
}

/// Performs a script whose trouble is the second phase.
pub(crate) fn perform(script: &Script, plan: &Plan) -> Recording {
    let mut dice = plan.seed.dice(Stream::named(&["kept"]), 0, 0);
    let cache = &plan.gateways[0].policy.cache;
    let (fresh, usable) = (cache.fresh.get(), cache.fresh.get() + cache.stale_if_error.get());
    let trouble = plan.phases.get(1).map_or((plan.end, plan.end), |phase| (phase.start, phase.end));
    let defects = script.defects;
    let (mut records, mut at, mut n, mut kept) = (Vec::new(), 0.0, 0, None::<Offset>);
    loop {
        at += -(1.0 - dice.unit()).ln() / script.rate;
        let sent = Offset::from_secs_f64(at);
        if sent >= plan.end {
            break;
        }
        let (id, head) = (CallId::new(CLIENT, n), sent + HOP * 2);
        n += 1;
        let age = kept.map(|made| sent.since(made));
        let hit = age.is_some_and(|age| age < fresh || (defects.needless && age < usable));
        let (mut made, mut done, mut outcome) = (kept, sent + HOP * 2, Outcome::Answered(200));
        if !hit {
            let fails = trouble.0 <= head && head < trouble.1;
            let end = head + Duration::from_secs_f64(dice.between(0.002, 0.01));
            let status = if fails { 503 } else { 200 };
            records.push(Record::Attempt(Attempt {
                segment: u16::try_from(plan.segment_at(head)).unwrap(),
                keys: Keys { call: Some(id), ..Keys::default() },
                head,
                first_byte: Some(end),
                end,
                status: Some(status),
                ended: End::Completed,
                ..blank()
            }));
            done = end + HOP * 2;
            let rescued = age.is_some_and(|age| age < usable || defects.forever) && !defects.unused;
            if !fails {
                (kept, made) = (Some(end), Some(end));
            } else if !rescued {
                (made, outcome) = (Some(end), Outcome::Answered(503));
            }
        }
        records.push(Record::Call(Call {
            id,
            request: 0,
            planned: sent,
            sent,
            done,
            outcome,
            bytes: 0,
            made,
        }));
    }
    records.push(Record::Mark(Mark { at: plan.end, kind: MarkKind::End }));
    Recording::from_records(codec::Header::default(), records)
}
