//! `upstorm serve`: the upstreams alone, until stopped. Point your own gateway or client at them, and change what they do
//! over the admin API while it goes on.
//!
//! Whoever calls is another program, so it is always real sockets, whatever world the scenario asks for.

use std::path::PathBuf;
use std::sync::Arc;

use upstorm_model::Plan;
use upstorm_model::plan::Role;
use upstorm_model::recording::{Mark, MarkKind, Record};
use upstorm_runner::{ExitCode, RaiseError, RunFolder, Stop, header_of, real_world};
use upstorm_upstream::Upstream;
use upstorm_world::real::RealWorld;
use upstorm_world::{Recorder, RecordingFile, World};

use crate::admin::{self, Books, Desk, Way, listen};
use crate::console::{say, tell};
use crate::failure::Failure;
use crate::input::{Input, Overrides, World as WorldWord, load_scenario};
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
    /// Where the admin API listens, by which they are watched and changed while they serve: an address, or off.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    admin: admin::Address,
    #[command(flatten)]
    admin_options: admin::Options,
    #[arg(long, hide = true)]
    watch: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    if args.watch {
        return Err(Failure::not_yet("`serve --watch`"));
    }
    let way = args.admin_options.way(args.admin)?;
    let input = over_real_sockets(args)?;
    let plan = input.plan;
    let stop = Stop::default();
    Signals::listen(stop.clone()).map_err(Failure::harness)?;
    let books = way.as_ref().map(|_| Books::new(&plan)).transpose().map_err(Failure::harness)?;
    let tap = books.as_ref().map(Books::tap);
    let (recorder, file) = match (&args.out, tap) {
        (Some(path), tap) => {
            let folder = RunFolder::create(path)?;
            folder.write_plan(&input.text, &plan).map_err(Failure::harness)?;
            let (recorder, file) = Recorder::to_file(&folder.recording(), &header_of(&plan), tap)?;
            (recorder, Some(file))
        }
        (None, Some(tap)) => {
            let (recorder, file) = Recorder::to_tap(tap)?;
            (recorder, Some(file))
        }
        (None, None) => (Recorder::nowhere(), None),
    };
    serve(&plan, recorder, way.zip(books), stop)?;
    file.map_or(Ok(()), RecordingFile::finish)?;
    // Being stopped is how serving ends, so a signal is no interruption.
    Ok(ExitCode::Held)
}

/// The scenario, planned for the only world that other programs can reach.
fn over_real_sockets(args: &Args) -> Result<Input, Failure> {
    if let Some(WorldWord::Sim) = args.overrides.world {
        let message =
            "`serve` answers other programs, which cannot reach the simulated world; leave --world sim out";
        return Err(Failure::usage(anyhow::anyhow!(message)));
    }
    load_scenario(&args.scenario, &Overrides { world: Some(WorldWord::Real), ..args.overrides.clone() })
}

fn serve(
    plan: &Arc<Plan>,
    recorder: Recorder,
    admin: Option<(Way, Books)>,
    stop: Stop,
) -> Result<(), Failure> {
    let world = Arc::new(real_world(plan, recorder)?);
    let (of_story, within) = (Arc::clone(plan), Arc::clone(&world));
    let served = world.run(async move { serve_until(&of_story, &within, admin, stop).await });
    served.unwrap_or(Ok(()))
}

async fn serve_until(
    plan: &Arc<Plan>,
    world: &RealWorld,
    admin: Option<(Way, Books)>,
    stop: Stop,
) -> Result<(), Failure> {
    let mut upstreams = Vec::new();
    for (index, upstream) in plan.upstreams.iter().enumerate() {
        let name = plan.host_name(upstream.host).to_owned();
        let raised = Upstream::raise(world.env(upstream.host, Role::Upstream), Arc::clone(plan), index).await;
        let failed = |source| Failure::harness(RaiseError::Upstream { name: name.clone(), source });
        let raised = raised.map_err(failed)?;
        say(&format!("{name} http://{}", raised.address()))?;
        upstreams.push(raised);
    }
    if let Some((way, books)) = admin {
        let env = world.env_beside();
        let controls = upstreams.iter().map(Upstream::control).collect();
        let desk = Desk::new(Arc::clone(plan), controls, (books, env.recorder.clone()));
        let address = listen(env, way, Arc::new(desk)).await.map_err(Failure::harness)?;
        say(&format!("admin http://{address}"))?;
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
