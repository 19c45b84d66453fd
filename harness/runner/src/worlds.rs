//! The worlds: a plan is performed in the one that it asks for.
//!
//! The one place that knows both. Everything else of a run is the same in either, so a second way into a world would
//! sooner or later be a second kind of run. What a scenario may ask for and the simulated world cannot do is refused
//! when the scenario is read; nothing of that kind can be in a plan.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use upstorm_load::{LoadSummary, Stop};
use upstorm_model::plan::Role;
use upstorm_model::recording::{Mark, MarkKind, Record};
use upstorm_model::scenario::WorldKind;
use upstorm_model::{HostId, Offset, Plan};
use upstorm_world::real::{RealOptions, RealWorld, Stopwatch};
use upstorm_world::simulated::{GivenUp, SimulatedOptions, SimulatedWorld};
use upstorm_world::{Env, Recorder, World};

use crate::perform::hopeless_at;
use crate::{Cast, PerformError, Performance, perform};

/// How much later than its last call may end a simulated run is taken for one that will not end. Waiting costs next to
/// nothing there.
const VIRTUAL_GRACE: Duration = Duration::from_secs(300);

/// Why a plan could not be performed in its world.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The system refused what a world is made of.
    #[error("the {} world could not be made", world_word(*.kind))]
    Make {
        /// Which world.
        kind: WorldKind,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Somebody who takes part could not be raised.
    #[error(transparent)]
    Perform(#[from] PerformError),
    /// The world ended first, and did not say why.
    #[error("the {} world ended before the run did", world_word(*.0))]
    Ended(WorldKind),
}

const fn world_word(kind: WorldKind) -> &'static str {
    match kind {
        WorldKind::Real => "real",
        WorldKind::Sim => "simulated",
    }
}

/// What came of a plan in its world, beside the recording.
#[derive(Debug, Clone, Default)]
pub struct Performed {
    /// The load of each client of the plan; empty where the world gave the run up.
    pub loads: Vec<LoadSummary>,
    /// True when it was stopped before its end.
    pub interrupted: bool,
    /// Why the world gave the run up before its end, if it did: who waits for what.
    pub given_up: Option<GivenUp>,
    /// How much time passed in the world, from the beginning of the run.
    pub took: Duration,
    /// How much time passed on the wall, raising and closing included.
    pub wall: Duration,
}

impl Performed {
    /// Calls that the load engine counted, each of which must be in the recording; none where the world gave the run up.
    #[must_use]
    pub fn calls(&self) -> Option<u64> {
        self.given_up.is_none().then(|| self.loads.iter().map(|load| load.planned).sum())
    }
}

/// Performs the plan in the world that it asks for.
///
/// # Errors
/// When the world cannot be made, or somebody who takes part cannot be raised. What goes wrong later is in the recording.
pub fn perform_in_world(plan: &Arc<Plan>, recorder: Recorder, stop: &Stop) -> Result<Performed, WorldError> {
    perform_cast(&Cast::reference(Arc::clone(plan)), recorder, stop)
}

/// The same with others than the reference client in the places of the plan's clients.
///
/// # Errors
/// As [`perform_in_world`].
pub fn perform_cast(cast: &Cast, recorder: Recorder, stop: &Stop) -> Result<Performed, WorldError> {
    let plan = cast.plan();
    let watch = Stopwatch::start();
    let performed = match plan.world {
        WorldKind::Real => {
            let world: Arc<dyn World> = Arc::new(real_world(plan, recorder)?);
            let story = perform(cast.clone(), Arc::clone(&world), stop.clone());
            told(&*world, story).ok_or(WorldError::Ended(plan.world))?
        }
        WorldKind::Sim => {
            let world = Arc::new(simulated_world(plan, recorder)?);
            let story = perform(cast.clone(), Arc::<SimulatedWorld>::clone(&world), stop.clone());
            told_or_given_up(&world, story).ok_or(WorldError::Ended(plan.world))?
        }
    };
    Ok(Performed { wall: watch.elapsed(), ..performed? })
}

type Ended = Result<Performance, PerformError>;

/// Runs the story in this world; none if the world ended first.
pub(crate) fn told(
    world: &dyn World,
    story: impl Future<Output = Ended> + Send + 'static,
) -> Option<Result<Performed, WorldError>> {
    let ended = world.run(story)?;
    let took = elapsed(world);
    Some(ended.map_err(WorldError::from).map(|Performance { loads, interrupted }| Performed {
        loads,
        interrupted,
        took,
        ..Performed::default()
    }))
}

/// The same where the world sees that the story has no end; none if it ended first and does not say why.
fn told_or_given_up(
    world: &SimulatedWorld,
    story: impl Future<Output = Ended> + Send + 'static,
) -> Option<Result<Performed, WorldError>> {
    told(world, story).or_else(|| {
        let given_up = Some(world.given_up()?);
        let Env { clock, recorder, .. } = world.env(HostId(0), Role::Client);
        // Whoever judges the recording later must know it too.
        recorder.record(Record::Mark(Mark { at: clock.now(), kind: MarkKind::GivenUp }));
        Some(Ok(Performed { given_up, took: elapsed(world), ..Performed::default() }))
    })
}

/// How much time has passed in a world.
fn elapsed(world: &dyn World) -> Duration {
    world.env(HostId(0), Role::Client).clock.now().elapsed()
}

/// Real sockets on loopback for everybody in the plan, whatever world it asks for.
///
/// # Errors
/// When the system gives no thread or no event queue.
pub fn real_world(plan: &Plan, recorder: Recorder) -> Result<RealWorld, WorldError> {
    let options = RealOptions { recorder, seed: plan.seed, hosts: plan.hosts.len() };
    RealWorld::new(options).map_err(|source| WorldError::Make { kind: WorldKind::Real, source })
}

fn simulated_world(plan: &Plan, recorder: Recorder) -> Result<SimulatedWorld, WorldError> {
    let options = SimulatedOptions {
        recorder,
        seed: plan.seed,
        network: plan.network.clone(),
        hosts: plan.hosts.iter().map(|host| host.name.clone()).collect(),
        limit: virtual_limit(plan),
    };
    SimulatedWorld::new(options).map_err(|source| WorldError::Make { kind: WorldKind::Sim, source })
}

/// When virtual time has gone on for too long.
fn virtual_limit(plan: &Plan) -> Offset {
    hopeless_at(plan) + VIRTUAL_GRACE
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use upstorm_model::recording::Recording;

    #[test]
    fn a_story_without_an_end_is_given_up_with_a_reason() {
        let plan = crate::plans_test::quick();
        let recorder = Recorder::in_memory();
        let world = simulated_world(&plan, recorder.clone()).unwrap();
        let performed = told_or_given_up(&world, pending::<Ended>()).unwrap().unwrap();
        let why = performed.given_up.clone().unwrap().to_string();
        assert!(why.contains("nothing can happen any more"), "{why}");
        assert_eq!((performed.calls(), performed.interrupted), (None, false));
        let recording = Recording::from_records(crate::header_of(&plan), recorder.take());
        assert!(recording.says(&MarkKind::GivenUp) && recording.partial);
        assert_eq!(crate::judge(&plan, &recording).exit, crate::ExitCode::Harness);
    }

    #[test]
    fn a_story_that_waits_for_ever_beside_a_clock_meets_the_limit() {
        let plan = crate::plans_test::quick();
        let world = simulated_world(&plan, Recorder::in_memory()).unwrap();
        let env = World::env(&world, HostId(0), Role::Client);
        let story = async move {
            while env.clock.now() < Offset::MAX {
                env.clock.sleep(Duration::from_secs(1)).await;
            }
            Ok(Performance::default())
        };
        let performed = told_or_given_up(&world, story).unwrap().unwrap();
        let limit = virtual_limit(&plan);
        assert!(
            matches!(performed.given_up, Some(GivenUp::Limit { limit: met }) if met == limit),
            "{performed:?}"
        );
    }

    #[test]
    fn the_same_plan_leaves_the_same_bytes_in_a_file_and_in_memory() {
        let plan = Arc::new(crate::plans_test::quick());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("recording.bin");
        let (recorder, writer) = Recorder::to_file_repeatably(&file, &crate::header_of(&plan), None).unwrap();
        let performed = perform_in_world(&plan, recorder, &Stop::new()).unwrap();
        writer.finish().unwrap();
        assert!(performed.calls().is_some_and(|calls| calls > 50) && !performed.took.is_zero());
        let memory = Recorder::in_memory();
        perform_in_world(&plan, memory.clone(), &Stop::new()).unwrap();
        assert!(
            std::fs::read(&file).unwrap() == crate::seeds::encoded(&plan, &memory.take()),
            "the same bytes"
        );
    }
}
