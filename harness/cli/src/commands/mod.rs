//! The command line: one file a command.

mod completions;
mod explain;
mod judge;
mod later;
mod replay;
mod report;
mod run;
mod scenarios;
mod schema;
mod selftest;
mod serve;
mod validate;

use clap::{Parser, Subcommand};
use upstorm_runner::ExitCode;

use crate::failure::Failure;

/// Judges what a client or gateway does when its upstream misbehaves.
///
/// Upstorm raises a fake upstream that follows a scenario, drives a gateway and its callers, and decides from what the
/// upstream saw whether retries, budgets, breakers and timeouts did what they should.
#[derive(Debug, Parser)]
#[command(name = "upstorm", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios and judge them.
    Run(run::Args),
    /// Run the upstream alone, until stopped: point your own gateway or client at it.
    Serve(serve::Args),
    /// Apply checks again to what was recorded, perhaps newer or stricter ones.
    Judge(judge::Args),
    /// Run a recorded plan again in the simulated world, and say whether it matches.
    Replay(replay::Args),
    /// Render the reports of a run folder again.
    Report(report::Args),
    /// Read a scenario and say what is wrong with it.
    Validate(validate::Args),
    /// Say what a scenario will do, or what a diagnostic code means.
    Explain(explain::Args),
    /// Print the JSON Schema of scenarios, or of results.json, seeds.json or matrix.json.
    Schema(schema::Args),
    /// List, show and copy the built-in scenarios.
    Scenarios(scenarios::Args),
    /// Try every check on sound subjects and on broken ones, and say whether its verdicts are right.
    Selftest(selftest::Args),
    /// Print a completion script for a shell.
    Completions(completions::Args),
    /// Compare two or more run folders.
    #[command(hide = true)]
    Compare(later::Args),
    /// Find out what a gateway or client does, without a scenario.
    #[command(hide = true)]
    Probe(later::Args),
    /// Print the manual page.
    #[command(hide = true)]
    Man(later::Args),
}

/// Carries out a command.
pub(crate) fn dispatch(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Judge(args) => judge::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Validate(args) => validate::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Scenarios(args) => scenarios::run(&args),
        Command::Selftest(args) => selftest::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Compare(_) => later::refuse("compare"),
        Command::Probe(_) => later::refuse("probe"),
        Command::Man(_) => later::refuse("man"),
    }
}
