//! `upstorm run`: perform scenarios, judge them, write their run folders.

use std::path::{Path, PathBuf};

use upstorm_runner::{ExitCode, RunFolder};

use crate::console::tell;
use crate::failure::Failure;
use crate::input::{Input, Overrides, load_scenario};
use crate::performance::{perform_and_record, performable};
use crate::progress::Progress;
use crate::publish::{Outlets, Published, publish};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Paths, or names of built-in scenarios.
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<String>,
    #[command(flatten)]
    overrides: Overrides,
    /// The run folder; without it, a new one below upstorm-runs.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    outlets: Outlets,
    /// No progress on stderr.
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    later: Later,
}

/// Options of the contract that this version refuses by name.
#[derive(Debug, clap::Args)]
struct Later {
    #[arg(long, hide = true)]
    seeds: Option<String>,
    #[arg(long, hide = true)]
    variant: Option<String>,
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "")]
    live: Option<String>,
    #[arg(long, hide = true)]
    baseline: Option<String>,
    #[arg(long, hide = true)]
    admin: bool,
}

impl Later {
    fn refuse(&self) -> Result<(), Failure> {
        let given = [
            ("--seeds", self.seeds.is_some()),
            ("--variant", self.variant.is_some()),
            ("--live", self.live.is_some()),
            ("--baseline", self.baseline.is_some()),
            ("--admin", self.admin),
        ];
        given
            .iter()
            .find(|(_, given)| *given)
            .map_or(Ok(()), |(name, _)| Err(Failure::not_yet(&format!("`run {name}`"))))
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    args.later.refuse()?;
    if args.out.is_some() && args.scenarios.len() > 1 {
        let message = "--out names one run folder, and several scenarios were given; run them one by one";
        return Err(Failure::usage(anyhow::anyhow!(message)));
    }
    // All are read before the first one runs: a typo in the last is said at once.
    let inputs: Vec<Input> =
        args.scenarios.iter().map(|name| load_scenario(name, &args.overrides)).collect::<Result<_, _>>()?;
    inputs.iter().try_for_each(|input| performable(&input.plan))?;
    args.outlets.writable()?;
    let mut code = ExitCode::Held;
    for input in &inputs {
        input.show_warnings();
        code = code.or(run_one(input, args)?);
        if matches!(code, ExitCode::Interrupted | ExitCode::Terminated) {
            break;
        }
    }
    Ok(code)
}

fn run_one(input: &Input, args: &Args) -> Result<ExitCode, Failure> {
    let folder = match &args.out {
        Some(path) => RunFolder::create(path)?,
        None => RunFolder::create_next(Path::new("upstorm-runs"), &input.plan.scenario)?,
    };
    folder.write_plan(&input.text, &input.plan).map_err(Failure::harness)?;
    let progress = (!args.quiet).then(|| Progress::new(&input.plan));
    let performed = perform_and_record(&input.plan, &folder, progress)?;
    let published = Published {
        plan: &input.plan,
        folder: &folder,
        command: reproduce(input, &args.overrides),
        scenario_file: input.file.as_deref(),
        ended_by: performed.ended_by,
        calls: Some(performed.calls),
    };
    let code = publish(&published, &args.outlets)?;
    if !args.quiet {
        tell(&format!("report: {}", folder.path().join("report.html").display()));
    }
    Ok(code)
}

/// The command that runs the same again.
fn reproduce(input: &Input, overrides: &Overrides) -> String {
    let mut words = vec!["upstorm".to_owned(), "run".to_owned(), quoted(&input.name)];
    words.extend(overrides.sets.iter().flat_map(|set| ["--set".to_owned(), quoted(set)]));
    words.push(format!("--seed {}", input.plan.seed.0));
    words.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,%@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
