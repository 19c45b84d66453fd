//! The conductor: what belongs to no single host. Partitions, segment marks, and a measure of how busy the machine is.

use std::sync::Arc;
use std::time::Duration;

use upstorm_model::recording::{Mark, MarkKind, Record};
use upstorm_model::{Offset, Plan};
use upstorm_world::{Env, World};

const SAMPLE_EVERY: Duration = Duration::from_secs(1);
const SAMPLE_SLEEP: Duration = Duration::from_millis(1);

/// Follows the plan's segments: cuts and heals links, and marks when each segment really began.
pub(crate) async fn follow_segments(plan: Arc<Plan>, world: Arc<dyn World>, env: Env) {
    for (index, segment) in plan.segments.iter().enumerate() {
        env.clock.sleep_until(segment.start).await;
        world.set_partitions(&segment.partitions);
        let kind = MarkKind::Segment(u16::try_from(index).unwrap_or(u16::MAX));
        env.recorder.record(Record::Mark(Mark { at: env.clock.now(), kind }));
    }
    env.clock.sleep_until(plan.end).await;
    world.set_partitions(&[]);
}

/// Samples about once a second how late a short sleep ends: noise of the machine that every figure contains.
pub(crate) async fn sample_noise(env: Env, until: Offset) {
    let mut next = env.clock.now() + SAMPLE_EVERY;
    while next < until {
        env.clock.sleep_until(next).await;
        let due = env.clock.now() + SAMPLE_SLEEP;
        env.clock.sleep_until(due).await;
        let at = env.clock.now();
        let late = u64::try_from(at.since(due).as_nanos()).unwrap_or(u64::MAX);
        env.recorder.record(Record::Mark(Mark { at, kind: MarkKind::HostNoise(late) }));
        next += SAMPLE_EVERY;
    }
}
