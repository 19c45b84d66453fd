//! `upstorm explain`: what a scenario will do, or what a diagnostic code means.

use upstorm_runner::ExitCode;

use crate::console::say;
use crate::failure::Failure;
use crate::input::{Overrides, load_scenario};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A scenario (a path, or the name of a built-in one), or a code such as S014.
    #[arg(value_name = "SCENARIO|CODE")]
    what: String,
    #[command(flatten)]
    overrides: Overrides,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    if let Some(text) = upstorm_language::explain_code(&args.what) {
        say(&text);
        return Ok(ExitCode::Held);
    }
    if looks_like_a_code(&args.what) {
        return Err(Failure::usage(anyhow::anyhow!("there is no diagnostic code `{}`", args.what)));
    }
    let loaded = load_scenario(&args.what, &args.overrides)?;
    loaded.show_warnings();
    say(&upstorm_language::explain::explain(&loaded.loaded, &loaded.plan));
    Ok(ExitCode::Held)
}

fn looks_like_a_code(word: &str) -> bool {
    let digits = word.strip_prefix(['S', 's', 'W', 'w']).unwrap_or_default();
    digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit())
}
