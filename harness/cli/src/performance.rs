//! Performing a plan in its world, with its recording streamed to a file.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use upstorm_model::Plan;
use upstorm_model::scenario::WorldKind;
use upstorm_reports::Pace;
use upstorm_runner::{Stop, header_of, perform_in_world};
use upstorm_world::{Recorder, Tap};

use crate::failure::Failure;
use crate::progress::Progress;
use crate::publish::Known;
use crate::signals::Signals;

/// Performs the plan and records it in this file.
pub(crate) fn perform_and_record(
    plan: &Arc<Plan>,
    recording: &Path,
    progress: Option<Progress>,
) -> Result<Known, Failure> {
    let tap = progress.map(|p| Box::new(p) as Box<dyn Tap>);
    let to_file = match plan.world {
        // What was recorded must survive a killed run.
        WorldKind::Real => Recorder::to_file,
        // Here a killed run is performed again in a moment, and must then leave the same bytes.
        WorldKind::Sim => Recorder::to_file_repeatably,
    };
    let (recorder, file) = to_file(recording, &header_of(plan), tap)?;
    let stop = Stop::default();
    let signals = Signals::listen(stop.clone()).map_err(Failure::harness)?;
    let performed = perform_in_world(plan, recorder, &stop);
    file.finish()?;
    let performed = performed?;
    Ok(Known {
        ended_by: signals.exit(),
        calls: performed.calls(),
        pace: pace(plan.world, performed.took, performed.wall),
        given_up: performed.given_up.map(|why| why.to_string()),
    })
}

/// How fast a world was; none for the real one, which takes the time it takes.
pub(crate) fn pace(world: WorldKind, took: Duration, wall: Duration) -> Option<Pace> {
    let pace = Pace { virtual_seconds: took.as_secs_f64(), wall_seconds: wall.as_secs_f64() };
    (world == WorldKind::Sim).then_some(pace)
}
