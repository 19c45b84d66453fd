//! Performing a plan in a world, with its recording streamed to the run folder.

use std::sync::{Arc, Mutex, PoisonError};

use upstorm_model::Plan;
use upstorm_model::recording::Header;
use upstorm_model::recording::codec::RECORDING_VERSION;
use upstorm_runner::{ExitCode, PerformError, Performance, RunFolder, Stop, perform};
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
}

/// Performs the plan in the real world and records it.
pub(crate) fn perform_and_record(
    plan: &Plan,
    folder: &RunFolder,
    progress: Option<Progress>,
) -> Result<Performed, Failure> {
    let header = Header {
        version: RECORDING_VERSION,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: plan.scenario.clone(),
        seed: plan.seed.0,
    };
    let tap = progress.map(|p| Box::new(p) as Box<dyn Tap>);
    let (recorder, file) = Recorder::to_file(&folder.recording(), &header, tap)?;
    let options = RealOptions { recorder, seed: plan.seed, hosts: plan.hosts.len() };
    let world: Arc<dyn World> = Arc::new(RealWorld::new(options).map_err(Failure::harness)?);
    let stop = Stop::default();
    let signals = Signals::listen(stop.clone()).map_err(Failure::harness)?;
    let performed = run_story(&world, plan, stop);
    drop(world);
    file.finish()?;
    performed?;
    Ok(Performed { ended_by: signals.exit() })
}

fn run_story(world: &Arc<dyn World>, plan: &Plan, stop: Stop) -> Result<Performance, Failure> {
    let outcome: Arc<Mutex<Option<Result<Performance, PerformError>>>> = Arc::default();
    let (slot, plan, of_story) = (Arc::clone(&outcome), Arc::new(plan.clone()), Arc::clone(world));
    world.run_boxed(Box::pin(async move {
        let performed = perform(plan, of_story, stop).await;
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(performed);
    }));
    let performed = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
    let ended = || Failure::harness(anyhow::anyhow!("the world ended before the run did"));
    Ok(performed.ok_or_else(ended)??)
}
