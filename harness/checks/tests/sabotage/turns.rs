//! Turns: what a script gives an attempt of a call, for the staged upstream.

use upstorm_model::Offset;
use upstorm_model::plan::RouteBehaviour;
use upstorm_model::recording::Origin;
use upstorm_model::scenario::ScriptPlace;

/// The status and its origin for this attempt of a call, where the route has a script by call and count.
pub(crate) fn given(behaviour: &RouteBehaviour, ordinal: u32, head: Offset) -> Option<(u16, Origin)> {
    let steps = behaviour.script.as_ref()?.steps();
    let mut place = ScriptPlace::beginning(head);
    let met = (0..ordinal).map(|_| place.meet(steps, head)).last().flatten()?;
    Some((steps[usize::from(met)].status?, Origin::Scripted(met)))
}
