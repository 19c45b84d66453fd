//! `upstorm run`: perform scenarios, judge them, write their run folders.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use upstorm_model::scenario::WorldKind;
use upstorm_runner::{ExitCode, RunFolder};

use crate::admin::{self, Way};
use crate::again;
use crate::console::tell;
use crate::failure::Failure;
use crate::input::{Input, Overrides, load_scenario};
use crate::matrix::{Chosen, SeveralVariants};
use crate::outlets::Outlets;
use crate::performance::{perform_and_record, perform_watched};
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
    /// Run only the variants of the scenario's matrix whose label fits, such as preset=none or 'preset=*'. May be given
    /// again; a single variant is run as if it were the whole scenario.
    #[arg(long = "variant", value_name = "GLOB")]
    variants: Vec<String>,
    /// The run folder; without it, a new one below upstorm-runs.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    outlets: Outlets,
    /// No progress on stderr.
    #[arg(long, short)]
    quiet: bool,
    /// Let the run be watched and changed over HTTP while it goes on, at this address (over real sockets only; `serve` has
    /// the same). Without an address, on a free port of loopback.
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "127.0.0.1:0")]
    admin: Option<admin::Address>,
    #[command(flatten)]
    admin_options: admin::Options,
    #[command(flatten)]
    later: Later,
}

/// As many as a scenario may ask for: the findings of each are kept until the end.
const MOST_SEEDS: i64 = 1_000_000;

/// Options of the contract that this version refuses by name.
#[derive(Debug, clap::Args)]
struct Later {
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "")]
    live: Option<String>,
    #[arg(long, hide = true)]
    baseline: Option<String>,
}

impl Later {
    fn refuse(&self) -> Result<(), Failure> {
        let given = [("--live", self.live.is_some()), ("--baseline", self.baseline.is_some())];
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
    let load = |name: &String| {
        load_scenario(name, &args.overrides).and_then(|input| Chosen::of(input, &args.variants))
    };
    let all: Vec<Chosen> = args.scenarios.iter().map(load).collect::<Result<_, _>>()?;
    all.iter().filter_map(|chosen| several(&chosen.input, args)).try_for_each(|seeds| seeds.possible())?;
    if all.iter().any(|chosen| !chosen.variants.is_empty()) {
        args.outlets.without_page()?;
    }
    args.outlets.writable()?;
    let way = args.way()?;
    if way.is_some() {
        all.iter().try_for_each(|chosen| watchable(chosen, args))?;
    }
    let mut code = ExitCode::Held;
    for chosen in &all {
        chosen.input.show_warnings();
        code = code.or(run_one(chosen, args, way.as_ref())?);
        if matches!(code, ExitCode::Interrupted | ExitCode::Terminated) {
            break;
        }
    }
    Ok(code)
}

impl Args {
    /// The way in for whoever watches, if anybody may.
    fn way(&self) -> Result<Option<Way>, Failure> {
        self.admin.map_or(Ok(None), |address| self.admin_options.way(address))
    }
}

/// Refuses to let somebody watch what nobody can: virtual time, or many runs at once.
fn watchable(chosen: &Chosen, args: &Args) -> Result<(), Failure> {
    let message = if chosen.input.plan.world == WorldKind::Sim {
        "--admin needs the real world: the simulated one is over in a moment and its time is nobody else's; give --world real"
    } else if !chosen.variants.is_empty() || several(&chosen.input, args).is_some() {
        "--admin watches one run; choose one seed and one variant"
    } else {
        return Ok(());
    };
    Err(Failure::usage(anyhow::anyhow!(message)))
}

/// The seeds of a scenario, if there are several.
fn several<'a>(input: &'a Input, args: &'a Args) -> Option<SeveralSeeds<'a>> {
    let count = args.seeds.unwrap_or(input.seeds);
    let count = NonZero::new(count).filter(|count| count.get() > 1)?;
    Some(SeveralSeeds { input, overrides: &args.overrides, count, quiet: args.quiet })
}

fn run_one(chosen: &Chosen, args: &Args, way: Option<&Way>) -> Result<ExitCode, Failure> {
    let input = &chosen.input;
    let folder = match &args.out {
        Some(path) => RunFolder::create(path)?,
        None => RunFolder::create_next(Path::new("upstorm-runs"), &input.plan.scenario)?,
    };
    let (code, report) = match several(input, args) {
        _ if !chosen.variants.is_empty() => (run_variants(chosen, &folder, args)?, "summary.md"),
        Some(seeds) => (seeds.run(&folder, &args.outlets)?, "report.html"),
        None => (run_seed(input, &folder, args, way)?, "report.html"),
    };
    if !args.quiet {
        tell(&format!("report: {}", folder.path().join(report).display()));
    }
    Ok(code)
}

fn run_variants(chosen: &Chosen, folder: &RunFolder, args: &Args) -> Result<ExitCode, Failure> {
    let count = NonZero::new(args.seeds.unwrap_or(chosen.input.seeds)).unwrap_or(NonZero::<u32>::MIN);
    let (overrides, patterns, quiet) = (&args.overrides, args.variants.as_slice(), args.quiet);
    SeveralVariants { chosen, overrides, patterns, count, quiet }.run(folder, &args.outlets)
}

fn run_seed(input: &Input, folder: &RunFolder, args: &Args, way: Option<&Way>) -> Result<ExitCode, Failure> {
    folder.write_plan(&input.text, &input.plan).map_err(Failure::harness)?;
    let progress = (!args.quiet).then(|| Progress::new(&input.plan));
    let known = match way {
        Some(way) => perform_watched(&input.plan, &folder.recording(), progress, way.clone())?,
        None => perform_and_record(&input.plan, &folder.recording(), progress)?,
    };
    let published = Published {
        plan: &input.plan,
        folder,
        command: again::one_seed(input, &args.overrides, input.plan.seed.0),
        scenario_file: input.file.as_deref(),
        known,
    };
    publish(&published, &args.outlets)
}
