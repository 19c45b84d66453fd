//! `upstorm judge`: apply checks again to what was recorded, perhaps newer or stricter ones.

use std::path::PathBuf;

use upstorm_model::Plan;
use upstorm_runner::{ExitCode, RunFolder};

use crate::failure::Failure;
use crate::input::{Overrides, load_scenario};
use crate::outlets::Outlets;
use crate::publish::{Known, Published, publish, results_of};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder of a run.
    #[arg(value_name = "RUN_DIR")]
    folder: PathBuf,
    /// Take the checks from this scenario instead of the recorded plan.
    #[arg(long, value_name = "FILE")]
    scenario: Option<String>,
    #[command(flatten)]
    outlets: Outlets,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let folder = RunFolder::existing(&args.folder);
    let mut plan = folder.read_plan()?;
    let mut command = format!("upstorm judge {}", args.folder.display());
    if let Some(scenario) = &args.scenario {
        let newer = load_scenario(scenario, &Overrides::default())?;
        newer.show_warnings();
        let label = plan.variant.clone();
        let same = newer.plan_of(label.as_deref()).ok_or_else(|| {
            let label = label.unwrap_or_default();
            Failure::usage(anyhow::anyhow!(
                "{scenario} has no variant `{label}`, which is the one that was recorded"
            ))
        })?;
        take_checks(&mut plan, same)?;
        command = format!("{command} --scenario {scenario}");
    }
    args.outlets.writable()?;
    let file = args.scenario.as_deref();
    // How fast it was performed is not in the recording.
    let known = Known { pace: results_of(&folder).and_then(|r| r.pace), ..Known::default() };
    let published = Published { plan: &plan, folder: &folder, command, scenario_file: file, known };
    publish(&published, &args.outlets)
}

/// Checks speak of hosts, routes and phases by index, so those must be the recorded ones.
fn take_checks(recorded: &mut Plan, newer: &Plan) -> Result<(), Failure> {
    let routes = |plan: &Plan| -> Vec<Vec<String>> {
        plan.upstreams.iter().map(|u| u.routes.iter().map(|r| r.name.clone()).collect()).collect()
    };
    let differs = if recorded.hosts != newer.hosts {
        "hosts"
    } else if recorded.phases != newer.phases {
        "phases"
    } else if routes(recorded) != routes(newer) {
        "routes"
    } else {
        recorded.checks.clone_from(&newer.checks);
        return Ok(());
    };
    Err(Failure::usage(anyhow::anyhow!(
        "the scenario's {differs} are not those that were recorded; only its checks may differ"
    )))
}
