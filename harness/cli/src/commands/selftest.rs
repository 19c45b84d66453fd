//! `upstorm selftest`: try every check on subjects whose verdict is known before.

use std::num::NonZero;

use upstorm_reports::{Style, selftest as report};
use upstorm_runner::ExitCode;

use crate::console::{say, stdout_in_colour};
use crate::failure::Failure;
use crate::selftest::{Row, Selftest, rows};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Perform the experiments of the literature instead, and hold what comes out against what is known.
    #[arg(long, conflicts_with = "checks")]
    known_answers: bool,
    /// Try everything with so many seeds; without it, each subject with 20, and each experiment with as many as it needs.
    #[arg(long, value_name = "N")]
    seeds: Option<NonZero<u32>>,
    /// Begin at this seed, instead of that of the scenarios.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Only this check, such as retry_budget. May be given again.
    #[arg(long = "check", value_name = "NAME")]
    checks: Vec<String>,
    /// What goes to stdout.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// No progress on stderr.
    #[arg(long, short)]
    quiet: bool,
}

/// What goes to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The table, for people.
    Text,
    /// The same as JSON, for scripts: its schema is `upstorm schema --selftest`.
    Json,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let (seeds, first, quiet) = (args.seeds, args.seed, args.quiet);
    let selftest = Selftest { seeds, first, quiet, command: again(args) };
    let (results, code) = match args.known_answers {
        true => selftest.known_answers()?,
        false => selftest.try_rows(&chosen(&args.checks)?)?,
    };
    match args.format {
        Format::Text => say(&report::terminal::render(&results, Style { colour: stdout_in_colour() }))?,
        Format::Json => say(&report::json::render(&results).map_err(Failure::harness)?)?,
    }
    Ok(code)
}

/// The rows of these checks, all without any.
fn chosen(checks: &[String]) -> Result<Vec<&'static Row>, Failure> {
    for check in checks {
        if rows().all(|row| row.check != check) {
            let near = upstorm_language::nearest(check, rows().map(|row| row.check));
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(Failure::usage(anyhow::anyhow!("there is no check `{check}`{hint}")));
        }
    }
    let is_chosen = |row: &&Row| checks.is_empty() || checks.iter().any(|check| check == row.check);
    Ok(rows().filter(is_chosen).collect())
}

/// The command that does the same again.
fn again(args: &Args) -> String {
    let answers = args.known_answers.then(|| " --known-answers".to_owned());
    let checks = args.checks.iter().map(|check| format!(" --check {check}"));
    let numbers = [("seeds", args.seeds.map(|n| u64::from(n.get()))), ("seed", args.seed)];
    let numbers = numbers.into_iter().filter_map(|(name, n)| Some(format!(" --{name} {}", n?)));
    format!("upstorm selftest{}", answers.into_iter().chain(checks).chain(numbers).collect::<String>())
}
