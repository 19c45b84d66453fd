//! Commands of the contract that this version refuses by name.

use upstorm_runner::ExitCode;

use crate::failure::Failure;

/// Whatever is given is taken, so that the refusal is about the command and not its arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _rest: Vec<String>,
}

pub(crate) fn refuse(command: &str) -> Result<ExitCode, Failure> {
    Err(Failure::not_yet(&format!("`upstorm {command}`")))
}
