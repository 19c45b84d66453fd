//! `upstorm`: judges what a client or gateway does when its upstream misbehaves.
//!
//! One file a command. Results go to stdout, everything else to stderr; the exit code is the contract with scripts.

mod admin;
mod again;
mod commands;
mod console;
mod failure;
mod input;
mod matrix;
mod matrix_progress;
mod outlets;
mod performance;
mod progress;
mod publish;
mod record_table;
mod replayed;
mod seeds;
mod seeds_progress;
mod selftest;
mod signals;

use std::process::ExitCode;

use clap::Parser;

use crate::commands::Cli;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version are no errors; clap prints both and knows which is which.
            let _ = e.print();
            return ExitCode::from(u8::try_from(e.exit_code()).unwrap_or(2));
        }
    };
    match commands::dispatch(cli) {
        Ok(code) => ExitCode::from(code.number()),
        Err(failure) => {
            console::complain(&failure.message());
            ExitCode::from(failure.code().number())
        }
    }
}
