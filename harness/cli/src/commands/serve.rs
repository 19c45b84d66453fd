//! `upstorm serve`: the upstreams alone, until stopped. Point your own gateway or client at them.

use std::path::PathBuf;
use std::sync::Arc;

use upstorm_model::Plan;
use upstorm_model::plan::Role;
use upstorm_model::recording::{Mark, MarkKind, Record};
use upstorm_runner::{ExitCode, RaiseError, RunFolder, Stop};
use upstorm_upstream::Upstream;
use upstorm_world::{Recorder, World};

use crate::console::{say, tell};
use crate::failure::Failure;
use crate::input::{Overrides, load_scenario};
use crate::performance::{in_real_world, performable, recording_header};
use crate::signals::Signals;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A path, or the name of a built-in scenario.
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    #[command(flatten)]
    overrides: Overrides,
    /// Record what the upstreams saw, in this run folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[arg(long, hide = true)]
    watch: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    if args.watch {
        return Err(Failure::not_yet("`serve --watch`"));
    }
    let input = load_scenario(&args.scenario, &args.overrides)?;
    performable(&input.plan)?;
    let plan = input.plan;
    let stop = Stop::default();
    Signals::listen(stop.clone()).map_err(Failure::harness)?;
    match &args.out {
        Some(path) => {
            let folder = RunFolder::create(path)?;
            folder.write_plan(&input.text, &plan).map_err(Failure::harness)?;
            let (recorder, file) = Recorder::to_file(&folder.recording(), &recording_header(&plan), None)?;
            serve(&plan, recorder, stop)?;
            file.finish()?;
        }
        None => serve(&plan, Recorder::nowhere(), stop)?,
    }
    // Being stopped is how serving ends, so a signal is no interruption.
    Ok(ExitCode::Held)
}

fn serve(plan: &Arc<Plan>, recorder: Recorder, stop: Stop) -> Result<(), Failure> {
    let plan = Arc::clone(plan);
    let of_story = Arc::clone(&plan);
    in_real_world(&plan, recorder, |world| async move { serve_until(&of_story, &*world, stop).await })?
}

async fn serve_until(plan: &Arc<Plan>, world: &dyn World, stop: Stop) -> Result<(), Failure> {
    let mut upstreams = Vec::new();
    for (index, upstream) in plan.upstreams.iter().enumerate() {
        let name = plan.host_name(upstream.host).to_owned();
        let raised = Upstream::raise(world.env(upstream.host, Role::Upstream), Arc::clone(plan), index).await;
        let failed = |source| Failure::harness(RaiseError::Upstream { name: name.clone(), source });
        let raised = raised.map_err(failed)?;
        say(&format!("{name} http://{}", raised.address()))?;
        upstreams.push(raised);
    }
    let phases: Vec<String> =
        plan.phases.iter().map(|p| format!("{} {} to {}", p.name, p.start, p.end)).collect();
    if plan.segments.iter().any(|segment| !segment.partitions.is_empty()) {
        tell(
            "warning: a partition cuts links between the scenario's own hosts; callers from outside do not feel it",
        );
    }
    tell(&format!("serving; {}; the last phase goes on until Ctrl-C", phases.join(", ")));
    stop.stopped().await;
    for upstream in upstreams {
        upstream.close().await;
    }
    if let Some(upstream) = plan.upstreams.first() {
        let env = world.env(upstream.host, Role::Upstream);
        env.recorder.record(Record::Mark(Mark { at: env.clock.now(), kind: MarkKind::End }));
    }
    Ok(())
}
