//! `upstorm report`: render the reports of a run folder again, from what was recorded.

use std::path::PathBuf;

use upstorm_runner::{ExitCode, RunFolder};

use crate::console::tell;
use crate::failure::Failure;
use crate::publish::{Extra, Format, Published, publish};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder of a run.
    #[arg(value_name = "RUN_DIR")]
    folder: PathBuf,
    /// A further report: html=FILE, md=FILE, json=FILE or junit=FILE. May be given again.
    #[arg(long = "report", value_name = "KIND=FILE")]
    reports: Vec<Extra>,
    /// What goes to stdout.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Exits 0 when the reports were written, whatever they say: `judge` is the command for gates.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let folder = RunFolder::existing(&args.folder);
    let plan = folder.read_plan()?;
    args.reports.iter().try_for_each(Extra::writable)?;
    let command = format!("upstorm report {}", args.folder.display());
    let published = Published { plan: &plan, folder: &folder, command, scenario_file: None, ended_by: None };
    publish(&published, &args.reports, args.format)?;
    tell(&format!("report: {}", args.folder.join("report.html").display()));
    Ok(ExitCode::Held)
}
