//! Several seeds of one scenario: performed, added up, and written as one run folder.

use std::num::NonZero;
use std::sync::Mutex;

use upstorm_model::scenario::WorldKind;
use upstorm_reports::Style;
use upstorm_reports::seeds::{SeedsInput, SeedsResults};
use upstorm_runner::{ExitCode, KeptSeed, RunFolder, Seeds, Stop, perform_seeds, workers};

use crate::again;
use crate::console::{stdout_in_colour, tell};
use crate::failure::Failure;
use crate::input::{Input, Overrides};
use crate::outlets::{Documents, Outlets};
use crate::performance::pace;
use crate::publish::{Known, Published, judged};
use crate::seeds_progress::SeedsProgress;
use crate::signals::Signals;

/// Several seeds of one scenario, as they were asked for.
#[derive(Debug)]
pub(crate) struct SeveralSeeds<'a> {
    /// The scenario, planned with the first of them.
    pub(crate) input: &'a Input,
    /// What the command line put over it.
    pub(crate) overrides: &'a Overrides,
    /// How many.
    pub(crate) count: NonZero<u32>,
    /// Whether progress is shown.
    pub(crate) quiet: bool,
}

impl SeveralSeeds<'_> {
    /// Says what stands in the way before anything starts: there must be so many seeds.
    pub(crate) fn possible(&self) -> Result<(), Failure> {
        let (first, count) = (self.input.plan.seed.0, self.count.get());
        match first.checked_add(u64::from(count - 1)) {
            Some(_) => Ok(()),
            None => Err(Failure::usage(anyhow::anyhow!(
                "there are no {count} seeds from {first} on: the last is {}; begin at a smaller --seed",
                u64::MAX
            ))),
        }
    }

    /// Performs and judges all of them, writes the folder, prints what they came to, and says how the process ends.
    pub(crate) fn run(&self, folder: &RunFolder, outlets: &Outlets) -> Result<ExitCode, Failure> {
        let plan = &self.input.plan;
        folder.write_plan(&self.input.text, plan).map_err(Failure::harness)?;
        let stop = Stop::default();
        let signals = Signals::listen(stop.clone()).map_err(Failure::harness)?;
        let progress = (!self.quiet).then(|| self.progress()).map(Mutex::new);
        let seeds = perform_seeds(plan, self.count, &stop, &|run| {
            if let Some(Ok(mut progress)) = progress.as_ref().map(Mutex::lock) {
                progress.see(run);
            }
        });
        if let Some(Ok(progress)) = progress.map(Mutex::into_inner) {
            progress.finish();
        }
        let seeds = seeds?;
        let code = signals.exit().map_or(seeds.exit, |signal| signal.or(seeds.exit));
        self.write_kept(&seeds.kept, folder)?;
        show(&self.results(&seeds, code), folder, outlets)?;
        Ok(code)
    }

    fn progress(&self) -> SeedsProgress {
        let plan = &self.input.plan;
        let at_once = match (plan.world, workers(plan.world, self.count)) {
            (WorldKind::Real, _) => "one after another, for there is one machine".to_owned(),
            (WorldKind::Sim, at_once) => format!("{at_once} at a time"),
        };
        let first = plan.seed.0;
        tell(&format!("running {} with {} seeds from {first} on, {at_once}", plan.scenario, self.count));
        SeedsProgress::new(self.count)
    }

    /// The document on these seeds.
    pub(crate) fn results(&self, seeds: &Seeds, code: ExitCode) -> SeedsResults {
        let Self { input, overrides, count, .. } = *self;
        SeedsResults::build(&SeedsInput {
            plan: &input.plan,
            tool_version: env!("CARGO_PKG_VERSION"),
            command: again::several_seeds(input, overrides, count.get()),
            seed_command: again::up_to_the_seed(input, overrides),
            scenario_file: input.file.as_deref(),
            runs: &seeds.runs,
            across: upstorm_checks::across(&seeds.runs),
            exit_code: code.number(),
            pace: pace(input.plan.world, seeds.took, seeds.wall),
            partial: seeds.interrupted,
            asked: count.get(),
        })
    }

    /// Writes the whole run folders of the seeds that somebody will want to look into.
    pub(crate) fn write_kept(&self, kept: &[KeptSeed], folder: &RunFolder) -> Result<(), Failure> {
        for seed in kept {
            let number = seed.plan.seed.0;
            let below = folder.create_seed(number).map_err(Failure::harness)?;
            below.write_plan(&self.input.text, &seed.plan).map_err(Failure::harness)?;
            below.write_recording(&seed.recording).map_err(Failure::harness)?;
            let given_up = seed.given_up.as_ref().map(ToString::to_string);
            let (results, _) = judged(&Published {
                plan: &seed.plan,
                folder: &below,
                command: again::one_seed(self.input, self.overrides, number),
                scenario_file: self.input.file.as_deref(),
                known: Known { given_up: given_up.clone(), ..Known::default() },
            })?;
            for (name, text) in upstorm_reports::render_all(&results).map_err(Failure::harness)? {
                below.write(name, text.as_bytes()).map_err(Failure::harness)?;
            }
            if let Some(why) = given_up {
                tell(&format!("error: seed {number} was given up: {why}"));
            }
        }
        Ok(())
    }
}

/// Prints what several seeds came to, and writes every report of it.
pub(crate) fn show(seeds: &SeedsResults, folder: &RunFolder, outlets: &Outlets) -> Result<(), Failure> {
    use upstorm_reports::seeds;
    let documents = Documents {
        terminal: seeds::terminal::render(seeds, Style { colour: stdout_in_colour() }),
        files: seeds::render_all(seeds).map_err(Failure::harness)?,
        annotations: seeds::github::annotations(seeds),
        step_summary: seeds::github::step_summary(seeds),
    };
    outlets.deliver(&documents, folder)
}
