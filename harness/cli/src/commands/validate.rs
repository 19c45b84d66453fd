//! `upstorm validate`: everything that is wrong with a scenario, and what would make its run worthless.

use upstorm_runner::ExitCode;

use crate::console::{say, tell};
use crate::failure::Failure;
use crate::input::{Overrides, load_scenario};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Paths, or names of built-in scenarios.
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<String>,
    #[command(flatten)]
    overrides: Overrides,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let mut code = ExitCode::Held;
    for scenario in &args.scenarios {
        match load_scenario(scenario, &args.overrides) {
            Ok(loaded) => {
                loaded.show_warnings();
                let warned = loaded.warnings.as_ref().map_or(0, |w| w.warnings());
                let what = if warned == 1 { "1 warning".to_owned() } else { format!("{warned} warnings") };
                let variants = match loaded.variants.len() {
                    0 => String::new(),
                    n => format!(", {n} variants with {} seeds each", loaded.seeds),
                };
                say(&format!("{scenario}: sound, {what}{variants}"))?;
            }
            Err(failure) => {
                tell(&failure.message());
                code = code.or(failure.code());
            }
        }
    }
    Ok(code)
}
