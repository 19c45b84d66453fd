//! `upstorm schema`: the JSON Schema of scenarios, for editors; or that of what a run leaves, for scripts.

use upstorm_runner::ExitCode;

use crate::console::say;
use crate::failure::Failure;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The schema of results.json instead of that of scenarios.
    #[arg(long, conflicts_with_all = ["seeds", "matrix", "selftest"])]
    results: bool,
    /// The schema of seeds.json, which a run of several seeds leaves.
    #[arg(long, conflicts_with_all = ["matrix", "selftest"])]
    seeds: bool,
    /// The schema of matrix.json, which a run of several variants leaves.
    #[arg(long, conflicts_with = "selftest")]
    matrix: bool,
    /// The schema of what `upstorm selftest --format json` prints.
    #[arg(long)]
    selftest: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let schema = match (args.results, args.seeds, args.matrix, args.selftest) {
        (true, ..) => upstorm_reports::results_schema(),
        (_, true, ..) => upstorm_reports::seeds::seeds_schema(),
        (_, _, true, _) => upstorm_reports::matrix_schema(),
        (.., true) => upstorm_reports::selftest_schema(),
        _ => upstorm_language::json_schema(),
    };
    say(&serde_json::to_string_pretty(&schema).map_err(Failure::harness)?)?;
    Ok(ExitCode::Held)
}
