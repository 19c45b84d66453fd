//! `upstorm report`: render the reports of a run folder again.
//!
//! From `results.json` where there is one, since only it knows the command that performs the run again, how the process
//! ended, and the verdicts of a later `upstorm judge --scenario`. A killed run has none: it is judged first.

use std::path::PathBuf;

use upstorm_reports::Results;
use upstorm_runner::{ExitCode, RunFolder};

use crate::console::tell;
use crate::failure::Failure;
use crate::publish::{Outlets, Published, publish, show};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder of a run.
    #[arg(value_name = "RUN_DIR")]
    folder: PathBuf,
    #[command(flatten)]
    outlets: Outlets,
}

/// Exits 0 when the reports were written, whatever they say: `judge` is the command for gates.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let folder = RunFolder::existing(&args.folder);
    let plan = folder.read_plan()?;
    args.outlets.writable()?;
    if let Some(results) = results_of(&folder) {
        show(&results, &folder, &args.outlets)?;
    } else {
        let command = format!("upstorm report {}", args.folder.display());
        let published = Published {
            plan: &plan,
            folder: &folder,
            command,
            scenario_file: None,
            ended_by: None,
            calls: None,
        };
        publish(&published, &args.outlets)?;
    }
    tell(&format!("report: {}", args.folder.join("report.html").display()));
    Ok(ExitCode::Held)
}

/// The results that an earlier command left, if this version can read them.
fn results_of(folder: &RunFolder) -> Option<Results> {
    let text = std::fs::read_to_string(folder.path().join("results.json")).ok()?;
    upstorm_reports::json::read(&text).ok()
}
