//! `upstorm explain`: what a scenario will do, or what a word of the tool means: a code, a check, a fault, a preset.
//!
//! A verdict is trusted by those who can look up what was measured; the registries of the rooms hold the answers.

use upstorm_checks::CHECKS;
use upstorm_model::policy::Preset;
use upstorm_runner::ExitCode;
use upstorm_upstream::FAULTS;

use crate::console::say;
use crate::failure::Failure;
use crate::input::{Overrides, load_scenario};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A scenario (a path, or the name of a built-in one), a code such as S014, or the name of a check, fault or preset.
    #[arg(value_name = "SCENARIO|WORD")]
    what: String,
    #[command(flatten)]
    overrides: Overrides,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    if let Some(text) = word(&args.what) {
        say(&text)?;
        return Ok(ExitCode::Held);
    }
    if looks_like_a_code(&args.what) {
        return Err(Failure::usage(anyhow::anyhow!("there is no diagnostic code `{}`", args.what)));
    }
    let loaded = load_scenario(&args.what, &args.overrides)?;
    loaded.show_warnings();
    say(&upstorm_language::explain::explain(&loaded.loaded, &loaded.plan))?;
    Ok(ExitCode::Held)
}

/// What a code, check, fault or preset is. A check may be written as in a scenario or in words (`retry budget`).
fn word(what: &str) -> Option<String> {
    upstorm_language::explain_code(what)
        .or_else(|| check(what))
        .or_else(|| fault(what))
        .or_else(|| preset(what))
}

fn check(what: &str) -> Option<String> {
    let check = CHECKS.iter().find(|c| c.key == what || c.title == what)?;
    let when = if check.always_on { "always on" } else { "asked for in a [[check]]" };
    let measures: String =
        check.measures.iter().map(|m| format!("  {}\n", upstorm_reports::words::of(*m).label)).collect();
    Some(format!("check {} ({when}): {}\nmeasures\n{measures}", check.key, check.summary))
}

fn fault(what: &str) -> Option<String> {
    let fault = FAULTS.iter().find(|f| f.key == what)?;
    Some(format!("fault {}: {}\n{}\n", fault.key, fault.summary, fault.docs))
}

fn preset(what: &str) -> Option<String> {
    let preset = Preset::named(what)?.info();
    let twin = preset.twin_of.map(|sound| format!("; a broken twin of {sound}")).unwrap_or_default();
    Some(format!("preset {}: {}{twin}\n", preset.name, preset.summary))
}

fn looks_like_a_code(word: &str) -> bool {
    let digits = word.strip_prefix(['S', 's', 'W', 'w']).unwrap_or_default();
    digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit())
}
