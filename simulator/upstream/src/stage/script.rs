//! The script stage: which step an attempt meets.
//!
//! By call, each goes through the steps from its first attempt on, however the attempts of others fall between; that is
//! the same in both worlds. By route, all go through them together in the order in which they arrive: what happens is
//! the same, to whom depends on who comes first. Every attempt takes its turn, also one that the limit or the capacity
//! then turns away.

use std::sync::{Arc, Mutex, PoisonError};

use upstorm_model::Offset;
use upstorm_model::plan::RouteBehaviour;
use upstorm_model::recording::Origin;
use upstorm_model::scenario::{Script, ScriptBy, ScriptPlace, ScriptStep};

use super::{BodyStage, Draw};
use crate::course::Asked;
use crate::given::Given;
use crate::remembered::{CALLS, Remembered};

/// The script of one route in one segment.
#[derive(Debug)]
pub(crate) struct ScriptStage {
    steps: Vec<ScriptStep>,
    /// By the index of the step; none where it leaves all as it is.
    given: Vec<Option<Given>>,
    turns: Turns,
}

/// Whose turn it is.
#[derive(Debug)]
enum Turns {
    /// By which script of the route's.
    Call(Arc<Places>, u16),
    /// With when that began; whoever comes in another beginning begins anew.
    Route(Mutex<(Offset, ScriptPlace)>),
}

/// How far each call has come, and in which script of the route's: one memory for all of them, so that it is bounded.
#[derive(Debug)]
struct Places(Mutex<Remembered<Option<(u16, ScriptPlace)>>>);

impl Default for Places {
    fn default() -> Self {
        Self(Mutex::new(Remembered::new(CALLS)))
    }
}

/// Who comes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Comer {
    /// When its head arrived.
    pub(crate) head: Offset,
    /// True where it says which call it belongs to; otherwise it is a call of its own.
    pub(crate) named: bool,
    /// When the behaviour began that it meets.
    pub(crate) since: Offset,
}

impl From<Asked<'_>> for Comer {
    fn from(Asked { head, named, since, .. }: Asked<'_>) -> Self {
        Self { head, named, since }
    }
}

/// The scripts of one route of an upstream, by their names, across the segments.
///
/// # Errors
/// When a step asks for what cannot be sent: what was wrong.
pub(crate) fn scripts(
    path: [&str; 2],
    behaviours: &[&RouteBehaviour],
) -> Result<Vec<Option<ScriptStage>>, String> {
    let numbers = numbered(behaviours.iter().map(|behaviour| behaviour.script.as_ref()));
    let places = Arc::default();
    let stage = |(behaviour, number): (&&RouteBehaviour, u16)| {
        let body = BodyStage::compile(&behaviour.body);
        let compile = |script| ScriptStage::compile(path, script, &body, (&places, number));
        behaviour.script.as_ref().map(compile).transpose()
    };
    behaviours.iter().zip(numbers).map(stage).collect()
}

/// The numbers of the scripts of one route across the segments: equal ones in a row have the same.
fn numbered<'a>(scripts: impl Iterator<Item = Option<&'a Script>>) -> Vec<u16> {
    let (mut before, mut number) = (None, 0_u16);
    let of = |script: Option<&'a Script>| {
        number = number.saturating_add(u16::from(before != script));
        before = script;
        number
    };
    scripts.map(of).collect()
}

impl ScriptStage {
    /// Of this upstream and route, whose body is this.
    ///
    /// # Errors
    /// When a step asks for what cannot be sent: what was wrong.
    fn compile(
        path: [&str; 2],
        script: &Script,
        body: &BodyStage,
        (places, number): (&Arc<Places>, u16),
    ) -> Result<Self, String> {
        let step = |(index, step): (u8, &ScriptStep)| {
            let origin = Origin::Scripted(index);
            (!step.is_plain()).then(|| Given::compile(path, (step, origin), body)).transpose()
        };
        let turns = match script.by() {
            ScriptBy::Call => Turns::Call(Arc::clone(places), number),
            ScriptBy::Route => Turns::Route(Mutex::new((Offset::MAX, ScriptPlace::beginning(Offset::MAX)))),
        };
        let given = (0_u8..).zip(script.steps()).map(step).collect::<Result<_, _>>()?;
        Ok(Self { steps: script.steps().to_vec(), given, turns })
    }

    /// Takes a turn: what is given for the attempt, if anything is.
    pub(crate) fn meet(&self, draw: &Draw, comer: Comer) -> Option<&Given> {
        let step = match &self.turns {
            Turns::Route(place) => {
                let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
                if place.0 != comer.since {
                    *place = (comer.since, ScriptPlace::beginning(comer.since));
                }
                place.1.meet(&self.steps, comer.head)
            }
            Turns::Call(places, number) if comer.named => {
                let mut places = places.0.lock().unwrap_or_else(PoisonError::into_inner);
                let place = places.of(draw.call, comer.head);
                // A call that was forgotten, or whose id is used again, begins anew.
                let begun = place.filter(|(script, _)| script == number && draw.ordinal > 1);
                let beginning = || (*number, ScriptPlace::beginning(comer.head));
                place.insert(begun.unwrap_or_else(beginning)).1.meet(&self.steps, comer.head)
            }
            Turns::Call(..) => ScriptPlace::beginning(comer.head).meet(&self.steps, comer.head),
        };
        self.given.get(usize::from(step?))?.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::scenario::{Body, ScriptTable};
    use upstorm_model::{ByteSize, Seed, TimeSpan};

    fn failing(step: ScriptStep) -> ScriptStep {
        ScriptStep { status: Some(503), ..step }
    }

    fn twice() -> Vec<ScriptStep> {
        vec![failing(ScriptStep { times: Some(2), ..ScriptStep::default() }), ScriptStep::default()]
    }

    fn stage_of(script: &Script, (places, number): (&Arc<Places>, u16)) -> ScriptStage {
        let body = BodyStage::compile(&Body::of_size(ByteSize::new(1)));
        ScriptStage::compile(["up", "r"], script, &body, (places, number)).unwrap()
    }

    fn stage(script: &Script) -> ScriptStage {
        stage_of(script, (&Arc::default(), 0))
    }

    fn hit(stage: &ScriptStage, (call, ordinal): (u64, u64), ms: u64, named: bool) -> bool {
        let draw = Draw { seed: Seed(1), call, ordinal, progress: 0.0 };
        stage.meet(&draw, Comer { head: Offset::from_millis(ms), named, since: Offset::ZERO }).is_some()
    }

    #[test]
    fn each_call_has_its_own_turns_whatever_comes_between() {
        let stage = stage(&Script::Steps(twice()));
        let keys = [(7, 1), (8, 1), (7, 2), (7, 3), (8, 2), (8, 3)];
        let hits: Vec<bool> = keys.iter().map(|key| hit(&stage, *key, 0, true)).collect();
        assert_eq!(hits, [true, true, true, false, true, false]);
        assert!(hit(&stage, (7, 1), 1, true), "an id that is used again begins anew");
        assert!((0..5).all(|arrival| hit(&stage, (arrival, 1), 2, false)), "each a call of its own");
    }

    #[test]
    fn a_route_has_one_row_of_turns_for_all() {
        let table = ScriptTable { by: ScriptBy::Route, steps: twice() };
        let stage = stage(&Script::Table(table));
        let hits: Vec<bool> = (1..=4).map(|call| hit(&stage, (call, 1), 0, true)).collect();
        assert_eq!(hits, [true, true, false, false]);
    }

    #[test]
    fn time_counts_from_the_calls_first_attempt_or_from_the_phase() {
        let lasts = Some(TimeSpan::from_millis(100));
        let steps = vec![failing(ScriptStep { lasts, ..ScriptStep::default() }), ScriptStep::default()];
        let by_call = stage(&Script::Steps(steps.clone()));
        let by_route = stage(&Script::Table(ScriptTable { by: ScriptBy::Route, steps }));
        let tries = [((1, 1), 60), ((1, 2), 140), ((2, 1), 150), ((1, 3), 160)];
        let hits = |stage| tries.map(|(key, ms)| hit(stage, key, ms, true));
        assert_eq!(hits(&by_call), [true, true, true, false]);
        assert_eq!(hits(&by_route), [true, false, false, false]);
    }

    #[test]
    fn a_call_goes_on_where_the_script_does_and_begins_anew_in_another() {
        let (a, b) = (Script::Steps(twice()), Script::Steps(Vec::new()));
        let numbers = numbered([Some(&a), Some(&a), Some(&b), None, Some(&a)].into_iter());
        assert_eq!(numbers, [1, 1, 2, 3, 4]);
        let places = Arc::default();
        let [first, second, _, _, fifth] = [0, 1, 2, 3, 4].map(|n| stage_of(&a, (&places, numbers[n])));
        assert!(hit(&first, (1, 1), 0, true) && hit(&second, (1, 2), 1, true));
        assert!(!hit(&second, (1, 3), 2, true), "it met the first step twice");
        assert!(hit(&fifth, (1, 4), 3, true), "another script");
    }
}
