//! `upstorm schema`: the JSON Schema of scenarios, for editors; or that of results.json, for scripts.

use upstorm_runner::ExitCode;

use crate::console::say;
use crate::failure::Failure;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The schema of results.json instead of that of scenarios.
    #[arg(long)]
    results: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let schema =
        if args.results { upstorm_reports::results_schema() } else { upstorm_language::json_schema() };
    say(&serde_json::to_string_pretty(&schema).map_err(Failure::harness)?)?;
    Ok(ExitCode::Held)
}
