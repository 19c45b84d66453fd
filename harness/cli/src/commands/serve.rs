//! `upstorm serve`: the upstreams alone, until stopped. Point your own gateway or client at them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use upstorm_model::Plan;
use upstorm_model::plan::Role;
use upstorm_model::recording::Header;
use upstorm_model::recording::codec::RECORDING_VERSION;
use upstorm_runner::{ExitCode, RaiseError, RunFolder, Stop};
use upstorm_upstream::Upstream;
use upstorm_world::real::{RealOptions, RealWorld};
use upstorm_world::{Recorder, World};

use crate::console::{say, tell};
use crate::failure::Failure;
use crate::input::{Overrides, load_scenario};
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
    let plan = Arc::new(input.plan.clone());
    let stop = Stop::default();
    let signals = Signals::listen(stop.clone()).map_err(Failure::harness)?;
    match &args.out {
        Some(path) => {
            let folder = RunFolder::create(path)?;
            folder.write_plan(&input.text, &plan)?;
            let (recorder, file) = Recorder::to_file(&folder.recording(), &header(&plan), None)?;
            serve(&plan, recorder, stop)?;
            file.finish()?;
        }
        None => serve(&plan, Recorder::nowhere(), stop)?,
    }
    // Being stopped is how serving ends; only a harness failure is an error.
    Ok(signals.exit().map_or(ExitCode::Held, |_| ExitCode::Held))
}

fn header(plan: &Plan) -> Header {
    Header {
        version: RECORDING_VERSION,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: plan.scenario.clone(),
        seed: plan.seed.0,
    }
}

fn serve(plan: &Arc<Plan>, recorder: Recorder, stop: Stop) -> Result<(), Failure> {
    let options = RealOptions { recorder, seed: plan.seed, hosts: plan.hosts.len() };
    let world: Arc<dyn World> = Arc::new(RealWorld::new(options).map_err(Failure::harness)?);
    let outcome: Arc<Mutex<Option<Result<(), RaiseError>>>> = Arc::default();
    let (slot, plan, of_story) = (Arc::clone(&outcome), Arc::clone(plan), Arc::clone(&world));
    world.run_boxed(Box::pin(async move {
        let served = serve_until(&plan, &*of_story, stop).await;
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(served);
    }));
    let served = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
    served.unwrap_or(Ok(())).map_err(Failure::harness)
}

async fn serve_until(plan: &Arc<Plan>, world: &dyn World, stop: Stop) -> Result<(), RaiseError> {
    let mut upstreams = Vec::new();
    for (index, upstream) in plan.upstreams.iter().enumerate() {
        let name = plan.host_name(upstream.host).to_owned();
        let raised = Upstream::raise(world.env(upstream.host, Role::Upstream), Arc::clone(plan), index).await;
        let raised = raised.map_err(|source| RaiseError::Upstream { name: name.clone(), source })?;
        say(&format!("{name} http://{}", raised.address()));
        upstreams.push(raised);
    }
    let phases: Vec<String> =
        plan.phases.iter().map(|p| format!("{} {} to {}", p.name, p.start, p.end)).collect();
    tell(&format!("serving; {}; the last phase goes on until Ctrl-C", phases.join(", ")));
    stop.stopped().await;
    for upstream in upstreams {
        upstream.close().await;
    }
    Ok(())
}
