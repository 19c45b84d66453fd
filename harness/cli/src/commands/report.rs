//! `upstorm report`: render the reports of a run folder again, from what was recorded.

use std::path::PathBuf;

use upstorm_runner::{ExitCode, RunFolder};

use crate::console::tell;
use crate::failure::Failure;
use crate::publish::{Outlets, Published, publish};

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
    let command = format!("upstorm report {}", args.folder.display());
    let published = Published { plan: &plan, folder: &folder, command, scenario_file: None, ended_by: None };
    publish(&published, &args.outlets)?;
    tell(&format!("report: {}", args.folder.join("report.html").display()));
    Ok(ExitCode::Held)
}
