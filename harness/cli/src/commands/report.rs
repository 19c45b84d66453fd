//! `upstorm report`: render the reports of a run folder again.
//!
//! From `results.json` where there is one, since only it knows the command that performs the run again, how the process
//! ended, and the verdicts of a later `upstorm judge --scenario`. A killed run has none: it is judged first. Of several
//! seeds, from `seeds.json`.

use std::path::{Path, PathBuf};

use upstorm_reports::seeds::SeedsResults;
use upstorm_runner::{ExitCode, RunFolder};

use crate::console::tell;
use crate::failure::Failure;
use crate::outlets::Outlets;
use crate::publish::{Known, Published, publish, results_of, show};
use crate::seeds;

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
    match folder.seeds() {
        Some(file) => {
            let read = read_seeds(&file)?;
            args.outlets.writable()?;
            seeds::show(&read, &folder, &args.outlets)?;
        }
        None => report_one(&folder, args)?,
    }
    tell(&format!("report: {}", args.folder.join("report.html").display()));
    Ok(ExitCode::Held)
}

fn report_one(folder: &RunFolder, args: &Args) -> Result<(), Failure> {
    let plan = folder.read_plan()?;
    args.outlets.writable()?;
    if let Some(results) = results_of(folder) {
        return show(&results, folder, &args.outlets);
    }
    let command = format!("upstorm report {}", args.folder.display());
    let known = Known::default();
    publish(&Published { plan: &plan, folder, command, scenario_file: None, known }, &args.outlets)?;
    Ok(())
}

fn read_seeds(file: &Path) -> Result<SeedsResults, Failure> {
    let unreadable = |why: String| Failure::usage(anyhow::anyhow!("cannot read {}: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|e| unreadable(e.to_string()))?;
    upstorm_reports::seeds::json::read(&text).map_err(|e| unreadable(e.to_string()))
}
