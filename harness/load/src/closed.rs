//! The closed loop: users who wait for their answer, think, and call again.
//!
//! The number of users may ramp. A user who is one too many leaves at the end of the call or thought at hand;
//! one more joins at the exact time the ramp asks for. Users are the limit on calls at once here, so nothing
//! is shed. Where each has so many calls to make, it is done after the last of them and does not come back.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use upstorm_model::plan::Load;
use upstorm_model::recording::Outcome;
use upstorm_model::{Law, Offset, Stream};

use crate::load::ClientLoad;

/// The pause of a user whose call failed within less than this and who thinks no time: else such users would
/// do nothing but fail, and in virtual time no time would ever pass.
const BREATH: Duration = Duration::from_millis(1);

/// The users who are there.
type Present = Mutex<BTreeSet<u32>>;

/// Lets users join as the plan says; they leave by themselves.
pub(crate) async fn run(load: Arc<ClientLoad>) {
    let present = Arc::new(Present::default());
    for index in 0..load.plan.segments.len() {
        let (Some(segment), Some(Load::Closed { users, .. })) =
            (load.plan.segments.get(index), load.client.timeline.get(index))
        else {
            continue;
        };
        let most = users.first().max(users.last());
        for number in 0..most {
            let at = joins_at(&load, (segment.start, segment.end), number);
            if !load.stop.wait_until(&load.env.clock, at).await {
                return;
            }
            let joins = present.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
            if joins {
                load.env.spawn.spawn(user(Arc::clone(&load), number, Arc::clone(&present)));
            }
        }
    }
}

/// How many users there should be.
fn wanted(load: &ClientLoad, at: Offset) -> u32 {
    let segment = load.plan.segment_at(at);
    match load.client.timeline.get(segment) {
        Some(Load::Closed { users, .. }) if at < load.plan.end => users.at(load.plan.progress(segment, at)),
        _ => 0,
    }
}

/// When within the segment a user is first wanted, to the nanosecond: ramps go one way only, so by bisection.
fn joins_at(load: &ClientLoad, (start, end): (Offset, Offset), number: u32) -> Offset {
    if number < wanted(load, start) {
        return start;
    }
    let (mut before, mut after) = (start.as_nanos(), end.as_nanos());
    while after - before > 1 {
        let middle = before.midpoint(after);
        if number < wanted(load, Offset::from_nanos(middle)) { after = middle } else { before = middle }
    }
    Offset::from_nanos(after)
}

/// One user, until not wanted any more.
async fn user(load: Arc<ClientLoad>, number: u32, present: Arc<Present>) {
    let clock = &load.env.clock;
    let stream = Stream::named(&["think", load.plan.host_name(load.client.host)]);
    let think = |ordinal: u64| {
        let mut dice = load.plan.seed.dice(stream, u64::from(number), ordinal);
        let now = clock.now();
        let thought =
            law(&load, now).map_or(Duration::ZERO, |(law, progress)| law.sample(progress, &mut dice));
        (thought, dice)
    };
    // Users who join together are somewhere in their thoughts: they must not call in step.
    let (thought, mut dice) = think(0);
    let mut ready = clock.now() + thought.mul_f64(dice.unit());
    for ordinal in 1.. {
        if !load.stop.wait_until(clock, ready).await || leaves(&load, number, &present) {
            break;
        }
        // Whoever is done stays among those present, so that no later segment lets it join again.
        if calls(&load, clock.now()).is_some_and(|calls| ordinal > u64::from(calls)) {
            break;
        }
        let call = load.take(ready);
        let abort = load.begin(call);
        let Some(result) = load.make(call, abort).await else { break };
        let (thought, _) = think(ordinal);
        let failed_at_once = !matches!(result.outcome, Outcome::Answered(_))
            && clock.now() < ready + BREATH
            && thought.is_zero();
        ready = clock.now() + if failed_at_once { BREATH } else { thought };
    }
}

/// How many calls each user makes in all, by what is in force.
fn calls(load: &ClientLoad, at: Offset) -> Option<u32> {
    match load.client.timeline.get(load.plan.segment_at(at))? {
        Load::Closed { calls, .. } => *calls,
        Load::Open { .. } => None,
    }
}

/// The law of thinking in force, and how far through its segment the time is.
fn law(load: &ClientLoad, at: Offset) -> Option<(&Law, f64)> {
    let segment = load.plan.segment_at(at);
    match load.client.timeline.get(segment)? {
        Load::Closed { think, .. } => Some((think, load.plan.progress(segment, at))),
        Load::Open { .. } => None,
    }
}

/// Whether a user is one too many, and has left. Asked under the lock, so that one who is wanted again is
/// either still present or free to join.
fn leaves(load: &ClientLoad, number: u32, present: &Present) -> bool {
    let mut present = present.lock().unwrap_or_else(PoisonError::into_inner);
    let leaves = number >= wanted(load, load.env.clock.now());
    if leaves {
        present.remove(&number);
    }
    leaves
}
