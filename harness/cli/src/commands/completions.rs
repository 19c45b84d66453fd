//! `upstorm completions SHELL`.

use clap::CommandFactory;
use clap_complete::Shell;
use upstorm_runner::ExitCode;

use crate::commands::Cli;
use crate::console::say;
use crate::failure::Failure;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "upstorm", &mut script);
    say(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::Held)
}
