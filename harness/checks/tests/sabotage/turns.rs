//! Turns: what a script gives an attempt of a call, and when an answer says to come back, for the staged upstream.

use upstorm_model::Offset;
use upstorm_model::plan::RouteBehaviour;
use upstorm_model::recording::Origin;
use upstorm_model::scenario::{RetryAfter, ScriptPlace};

/// The status and its origin for this attempt of a call, where the route has a script by call and count.
pub(crate) fn given(behaviour: &RouteBehaviour, ordinal: u32, head: Offset) -> Option<(u16, Origin)> {
    let steps = behaviour.script.as_ref()?.steps();
    let mut place = ScriptPlace::beginning(head);
    let met = (0..ordinal).map(|_| place.meet(steps, head)).last().flatten()?;
    Some((steps[usize::from(met)].status?, Origin::Scripted(met)))
}

/// The Retry-After, in seconds, of answers with this status.
pub(crate) fn hint_of(behaviour: &RouteBehaviour, status: u16) -> Option<u32> {
    match behaviour.status.0.get(&status)?.table()?.retry_after.as_ref()? {
        RetryAfter::Seconds(seconds) => Some(*seconds),
        _ => None,
    }
}
