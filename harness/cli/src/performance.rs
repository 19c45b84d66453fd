//! Performing a plan in its world, with its recording streamed to a file.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use upstorm_model::Plan;
use upstorm_model::recording::Record;
use upstorm_model::scenario::WorldKind;
use upstorm_reports::Pace;
use upstorm_runner::{Performed, Stop, WorldError, header_of, perform_beside, perform_in_world};
use upstorm_upstream::Control;
use upstorm_world::{Env, Recorder, Tap};

use crate::admin::{Books, Desk, Way, listen};
use crate::console::tell;
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
    perform_into(plan, recording, tap, |recorder, stop| perform_in_world(plan, recorder, stop))
}

/// The same over real sockets, with somebody watching and steering by this way in.
pub(crate) fn perform_watched(
    plan: &Arc<Plan>,
    recording: &Path,
    progress: Option<Progress>,
    way: Way,
) -> Result<Known, Failure> {
    let books = Books::new(plan).map_err(Failure::harness)?;
    let tap: Box<dyn Tap> = Box::new(Both(progress, books.tap()));
    perform_into(plan, recording, Some(tap), |recorder, stop| {
        let (planned, kept) = (Arc::clone(plan), recorder.clone());
        let let_in = move |env: Env, controls: Vec<Control>| {
            let desk = Arc::new(Desk::new(planned, controls, (books, kept)));
            let listening = async move {
                let address = listen(env, way, desk).await?;
                tell(&format!("admin http://{address}"));
                Ok(())
            };
            Box::pin(listening) as Pin<Box<dyn Future<Output = _> + Send>>
        };
        perform_beside(plan, recorder, stop, Box::new(let_in))
    })
}

/// Shows each record to both.
struct Both(Option<Progress>, Box<dyn Tap>);

impl Tap for Both {
    fn see(&mut self, record: &Record) {
        if let Some(progress) = &mut self.0 {
            progress.see(record);
        }
        self.1.see(record);
    }
}

fn perform_into(
    plan: &Arc<Plan>,
    recording: &Path,
    tap: Option<Box<dyn Tap>>,
    perform: impl FnOnce(Recorder, &Stop) -> Result<Performed, WorldError>,
) -> Result<Known, Failure> {
    let to_file = match plan.world {
        // What was recorded must survive a killed run.
        WorldKind::Real => Recorder::to_file,
        // Here a killed run is performed again in a moment, and must then leave the same bytes.
        WorldKind::Sim => Recorder::to_file_repeatably,
    };
    let (recorder, file) = to_file(recording, &header_of(plan), tap)?;
    let stop = Stop::default();
    let signals = Signals::listen(stop.clone()).map_err(Failure::harness)?;
    let performed = perform(recorder, &stop);
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
