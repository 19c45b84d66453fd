//! Performing a plan in a world, with its recording streamed to the run folder.

use std::future::Future;
use std::sync::Arc;

use upstorm_model::Plan;
use upstorm_model::recording::Header;
use upstorm_model::recording::codec::RECORDING_VERSION;
use upstorm_model::scenario::WorldKind;
use upstorm_runner::{ExitCode, RunFolder, Stop, perform};
use upstorm_world::real::{RealOptions, RealWorld};
use upstorm_world::{Recorder, Tap, World};

use crate::failure::Failure;
use crate::progress::Progress;
use crate::signals::Signals;

/// What is known beside the recording.
#[derive(Debug)]
pub(crate) struct Performed {
    /// The signal that ended it, if one did.
    pub(crate) ended_by: Option<ExitCode>,
    /// Calls that the load engine counted; each must be in the recording.
    pub(crate) calls: u64,
}

/// Whether this version can perform the plan in the world it asks for.
pub(crate) fn performable(plan: &Plan) -> Result<(), Failure> {
    match plan.world {
        WorldKind::Real => Ok(()),
        WorldKind::Sim => Err(Failure::not_yet("the simulated world (`world = \"sim\"`, `--world sim`)")),
    }
}

/// Performs the plan in the real world and records it.
pub(crate) fn perform_and_record(
    plan: &Arc<Plan>,
    folder: &RunFolder,
    progress: Option<Progress>,
) -> Result<Performed, Failure> {
    let tap = progress.map(|p| Box::new(p) as Box<dyn Tap>);
    let (recorder, file) = Recorder::to_file(&folder.recording(), &recording_header(plan), tap)?;
    let stop = Stop::default();
    let signals = Signals::listen(stop.clone()).map_err(Failure::harness)?;
    let of_story = Arc::clone(plan);
    let performed = in_real_world(plan, recorder, |world| perform(of_story, world, stop));
    file.finish()?;
    let calls = performed??.loads.iter().map(|load| load.planned).sum();
    Ok(Performed { ended_by: signals.exit(), calls })
}

/// What a recording of this plan says of itself.
pub(crate) fn recording_header(plan: &Plan) -> Header {
    Header {
        version: RECORDING_VERSION,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: plan.scenario.clone(),
        seed: plan.seed.0,
    }
}

/// Runs a story in a real world made for this plan, and takes the world down again.
pub(crate) fn in_real_world<T, F>(
    plan: &Plan,
    recorder: Recorder,
    story: impl FnOnce(Arc<dyn World>) -> F,
) -> Result<T, Failure>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let options = RealOptions { recorder, seed: plan.seed, hosts: plan.hosts.len() };
    let world: Arc<dyn World> = Arc::new(RealWorld::new(options).map_err(Failure::harness)?);
    let told = world.run(story(Arc::clone(&world)));
    told.ok_or_else(|| Failure::harness(anyhow::anyhow!("the world ended before the run did")))
}
