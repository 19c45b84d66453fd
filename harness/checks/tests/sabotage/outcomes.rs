//! Outcomes by phase: calls that wait and fail in some phases and are answered in others, whatever anybody does.
//!
//! What becomes of a system after its trouble is a matter of its callers alone, so nothing else is staged.

use std::time::Duration;

use upstorm_model::recording::{Call, CallId, Mark, MarkKind, Outcome, Record, Recording, codec};
use upstorm_model::{Offset, Plan, Stream};

use crate::script::{CLIENT, Script};

/// Calls that fail wait this long.
const PATIENCE: Duration = Duration::from_secs(1);
const QUICK: Duration = Duration::from_millis(5);

/// Performs a script in which the phases whose names begin with `down` get no answer, and in those that begin with
/// `ebb` fewer and fewer wait, and still get none.
pub(crate) fn perform(script: &Script, plan: &Plan) -> Recording {
    let mut dice = plan.seed.dice(Stream::named(&["outcomes"]), 0, 0);
    let (mut records, mut at, mut n) = (Vec::new(), 0.0, 0);
    loop {
        at += -(1.0 - dice.unit()).ln() / script.rate;
        let sent = Offset::from_secs_f64(at);
        if sent >= plan.end {
            break;
        }
        let segment = plan.segment_at(sent);
        let phase = plan.segments[segment].phase.map(|p| plan.phases[usize::from(p)].name.as_str());
        let (outcome, wait) = match phase {
            Some(name) if name.starts_with("down") => (Outcome::TimedOut, PATIENCE),
            Some(name) if name.starts_with("ebb") => {
                (Outcome::TimedOut, PATIENCE.mul_f64(1.0 - 0.8 * plan.progress(segment, sent)))
            }
            _ => (Outcome::Answered(200), QUICK.mul_f64(dice.between(0.5, 1.5))),
        };
        records.push(Record::Call(Call {
            id: CallId::new(CLIENT, n),
            request: 0,
            planned: sent,
            sent,
            done: sent + wait,
            outcome,
            bytes: 0,
            made: None,
        }));
        n += 1;
    }
    records.push(Record::Mark(Mark { at: plan.end, kind: MarkKind::End }));
    Recording::from_records(codec::Header::default(), records)
}
