//! `upstorm run`: perform scenarios, judge them, write their run folders.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use upstorm_runner::{ExitCode, RunFolder};

use crate::again;
use crate::console::tell;
use crate::failure::Failure;
use crate::input::{Input, Overrides, load_scenario};
use crate::outlets::Outlets;
use crate::performance::perform_and_record;
use crate::progress::Progress;
use crate::publish::{Published, publish};
use crate::seeds::SeveralSeeds;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Paths, or names of built-in scenarios.
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<String>,
    #[command(flatten)]
    overrides: Overrides,
    /// Run so many seeds, from the first on, and say how often each check held, instead of the scenario's number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MOST_SEEDS))]
    seeds: Option<u32>,
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

/// As many as a scenario may ask for: the findings of each are kept until the end.
const MOST_SEEDS: i64 = 1_000_000;

/// Options of the contract that this version refuses by name.
#[derive(Debug, clap::Args)]
struct Later {
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
    inputs.iter().filter_map(|input| several(input, args)).try_for_each(|seeds| seeds.possible())?;
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

/// The seeds of a scenario, if there are several.
fn several<'a>(input: &'a Input, args: &'a Args) -> Option<SeveralSeeds<'a>> {
    let count = args.seeds.unwrap_or(input.loaded.scenario.run.seeds);
    let count = NonZero::new(count).filter(|count| count.get() > 1)?;
    Some(SeveralSeeds { input, overrides: &args.overrides, count, quiet: args.quiet })
}

fn run_one(input: &Input, args: &Args) -> Result<ExitCode, Failure> {
    let folder = match &args.out {
        Some(path) => RunFolder::create(path)?,
        None => RunFolder::create_next(Path::new("upstorm-runs"), &input.plan.scenario)?,
    };
    let code = match several(input, args) {
        Some(seeds) => seeds.run(&folder, &args.outlets)?,
        None => run_seed(input, &folder, args)?,
    };
    if !args.quiet {
        tell(&format!("report: {}", folder.path().join("report.html").display()));
    }
    Ok(code)
}

fn run_seed(input: &Input, folder: &RunFolder, args: &Args) -> Result<ExitCode, Failure> {
    folder.write_plan(&input.text, &input.plan).map_err(Failure::harness)?;
    let progress = (!args.quiet).then(|| Progress::new(&input.plan));
    let known = perform_and_record(&input.plan, &folder.recording(), progress)?;
    let published = Published {
        plan: &input.plan,
        folder,
        command: again::one_seed(input, &args.overrides, input.plan.seed.0),
        scenario_file: input.file.as_deref(),
        known,
    };
    publish(&published, &args.outlets)
}
