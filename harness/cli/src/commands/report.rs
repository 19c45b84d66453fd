//! `upstorm report`: render the reports of a run folder again.
//!
//! From `results.json` where there is one, since only it knows the command that performs the run again, how the process
//! ended, and the verdicts of a later `upstorm judge --scenario`. A killed run has none: it is judged first. Of several
//! seeds, from `seeds.json`; of a matrix, from `matrix.json`.

use std::path::{Path, PathBuf};

use upstorm_runner::{ExitCode, RunFolder};

use crate::console::tell;
use crate::failure::Failure;
use crate::outlets::Outlets;
use crate::publish::{Known, Published, publish, results_of, show};
use crate::{matrix, seeds};

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
    let page = match (folder.matrix(), folder.seeds()) {
        (Some(file), _) => {
            let read = upstorm_reports::matrix::json::read(&text_of(&file)?);
            let read = read.map_err(|e| unreadable(&file, &e))?;
            args.outlets.without_page()?;
            args.outlets.writable()?;
            matrix::show(&read, &folder, &args.outlets)?;
            "summary.md"
        }
        (None, Some(file)) => {
            let read = upstorm_reports::seeds::json::read(&text_of(&file)?);
            let read = read.map_err(|e| unreadable(&file, &e))?;
            args.outlets.writable()?;
            seeds::show(&read, &folder, &args.outlets)?;
            "report.html"
        }
        (None, None) => {
            report_one(&folder, args)?;
            "report.html"
        }
    };
    tell(&format!("report: {}", args.folder.join(page).display()));
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

fn text_of(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|e| unreadable(file, &e))
}

fn unreadable(file: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::usage(anyhow::anyhow!("cannot read {}: {why}", file.display()))
}
