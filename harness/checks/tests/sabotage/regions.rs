//! Two regions: a gateway that asks payments, or west while payments is down; as simple as it can be.

use std::time::Duration;

use upstorm_model::plan::{Host, Role, Target, UpstreamPlan};
use upstorm_model::recording::{
    Attempt, Call, CallId, End, Keys, Mark, MarkKind, Outcome, Record, Recording, codec,
};
use upstorm_model::{HostId, Offset, Plan, Stream};

use crate::script::{CLIENT, PAYMENTS, Script};
use crate::stage::blank;

const WEST: HostId = HostId(3);
/// How soon the gateway notices that payments is down, or well again.
const NOTICES: Duration = Duration::from_millis(400);
const HOP: Duration = Duration::from_micros(100);

/// Adds west, which is always well, behind payments.
pub(crate) fn with_west(plan: &mut Plan) {
    plan.hosts.push(Host { name: "west".to_owned(), role: Role::Upstream });
    let mut west = UpstreamPlan { host: WEST, ..plan.upstreams[0].clone() };
    let well = west.timeline[0].clone();
    west.timeline.fill(well);
    plan.upstreams.push(west);
    plan.gateways[0].targets =
        vec![Target { backups: vec![vec![WEST]], ..Target::one("payments", PAYMENTS) }];
}

/// Performs a script whose trouble is the second phase.
pub(crate) fn perform(script: &Script, plan: &Plan) -> Recording {
    let mut dice = plan.seed.dice(Stream::named(&["regions"]), 0, 0);
    let (down, well) = plan.phases.get(1).map_or((plan.end, plan.end), |phase| (phase.start, phase.end));
    let (mut records, mut at, mut n) = (Vec::new(), 0.0, 0);
    loop {
        at += -(1.0 - dice.unit()).ln() / script.rate;
        let sent = Offset::from_secs_f64(at);
        if sent >= plan.end {
            break;
        }
        let (id, head) = (CallId::new(CLIENT, n), sent + HOP * 2);
        n += 1;
        let back = if script.defects.forever { plan.end } else { well + NOTICES };
        let noticed = !script.defects.unused && down + NOTICES <= sent && sent < back;
        let elsewhere = noticed || (script.defects.needless && dice.chance(0.1));
        let upstream = if elsewhere { WEST } else { PAYMENTS };
        let fails = !elsewhere && down <= head && head < well;
        let (status, end) =
            (if fails { 503 } else { 200 }, head + Duration::from_secs_f64(dice.between(0.002, 0.01)));
        let keys = Keys { call: Some(id), ..Keys::default() };
        let segment = u16::try_from(plan.segment_at(head)).unwrap();
        let ended = End::Completed;
        let done = end + HOP * 2;
        records.push(Record::Attempt(Attempt {
            upstream,
            segment,
            keys,
            head,
            first_byte: Some(end),
            end,
            status: Some(status),
            ended,
            ..blank()
        }));
        let outcome = Outcome::Answered(status);
        records.push(Record::Call(Call {
            id,
            request: 0,
            planned: sent,
            sent,
            done,
            outcome,
            bytes: 0,
            made: Some(end),
        }));
    }
    records.push(Record::Mark(Mark { at: plan.end, kind: MarkKind::End }));
    Recording::from_records(codec::Header::default(), records)
}
