//! Stalls: how long the machine stood still, as far as the harness felt it.
//!
//! Over real sockets everybody shares one machine. While it does nothing for 20 ms, whatever was due in them waits and then
//! comes at once: the best of jitters looks like a herd. What the harness itself was late by at that time, in sending calls
//! and in waking from short sleeps, tells how much of what clumps is the machine's.

use std::time::Duration;

use upstorm_model::Offset;
use upstorm_model::recording::{Call, MarkKind, Outcome};
use upstorm_model::scenario::WorldKind;

use super::Evidence;

/// Sleeps are sampled about this often.
const SAMPLED: Duration = Duration::from_secs(1);

/// The longest that the harness was late by from one time to another, in seconds; nothing where time is simulated.
#[must_use]
pub fn stall(evidence: &Evidence<'_>, from: Offset, to: Offset) -> f64 {
    if evidence.plan.world != WorldKind::Real {
        return 0.0;
    }
    let sent = evidence.recording.calls.iter().filter(|c| c.outcome != Outcome::Shed);
    let calls = sent.filter(|c| from <= c.sent && c.planned <= to).map(Call::lateness);
    let sampled = |at: Offset| from <= at + SAMPLED && at <= to + SAMPLED;
    let sleeps = evidence.recording.marks.iter().filter(|mark| sampled(mark.at));
    let sleeps = sleeps.filter_map(|mark| match mark.kind {
        MarkKind::HostNoise(nanos) => Some(Duration::from_nanos(nanos)),
        _ => None,
    });
    calls.chain(sleeps).max().unwrap_or_default().as_secs_f64()
}
