//! The variants of one scenario: performed with the same seeds, compared, and written as one run folder.

use std::num::NonZero;
use std::sync::Mutex;

use upstorm_language::Variant;
use upstorm_model::Plan;
use upstorm_model::verdict::RunFigures;
use upstorm_reports::{MatrixInput, MatrixResults, Style, VariantInput};
use upstorm_runner::{ExitCode, RunFolder, Seeds, Stop, perform_variants};

use crate::again;
use crate::console::stdout_in_colour;
use crate::failure::Failure;
use crate::input::{Input, Overrides};
use crate::matrix_progress::MatrixProgress;
use crate::outlets::{Documents, Outlets};
use crate::performance::pace;
use crate::seeds::SeveralSeeds;
use crate::signals::Signals;

/// What is run of a scenario: itself, or the variants at these places of its matrix.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// The scenario; where one variant was picked, that variant.
    pub(crate) input: Input,
    /// The places of the variants; none where the scenario is run as it is.
    pub(crate) variants: Vec<usize>,
}

impl Chosen {
    /// The variants that fit any of these patterns, all without any. A single one that was picked is run as if it were the
    /// whole scenario.
    pub(crate) fn of(input: Input, patterns: &[String]) -> Result<Self, Failure> {
        let Some(matrix) = &input.loaded.matrix else {
            return match patterns.first() {
                Some(_) => {
                    Err(Failure::usage(anyhow::anyhow!("{} has no [matrix], so no --variant", input.name)))
                }
                None => Ok(Self { input, variants: Vec::new() }),
            };
        };
        let variants = matrix.select(patterns).map_err(|why| {
            let name = &input.name;
            Failure::usage(anyhow::anyhow!("{name}: {why}; `upstorm explain {name}` lists all of them"))
        })?;
        let only = match variants.as_slice() {
            [only] if !patterns.is_empty() => input.only(*only),
            _ => None,
        };
        Ok(match only {
            Some(input) => Self { input, variants: Vec::new() },
            None => Self { input, variants },
        })
    }
}

/// Several variants of one scenario, as they were asked for.
#[derive(Debug)]
pub(crate) struct SeveralVariants<'a> {
    /// The scenario, and which of its variants.
    pub(crate) chosen: &'a Chosen,
    /// What the command line put over it.
    pub(crate) overrides: &'a Overrides,
    /// The patterns they were picked by.
    pub(crate) patterns: &'a [String],
    /// With how many seeds each.
    pub(crate) count: NonZero<u32>,
    /// Whether progress is shown.
    pub(crate) quiet: bool,
}

impl SeveralVariants<'_> {
    /// Performs and judges all of them, writes the folder, prints how they compare, and says how the process ends.
    pub(crate) fn run(&self, folder: &RunFolder, outlets: &Outlets) -> Result<ExitCode, Failure> {
        let input = &self.chosen.input;
        folder.write_scenario(&input.text).map_err(Failure::harness)?;
        let plans: Vec<Plan> =
            self.chosen.variants.iter().filter_map(|index| input.variants.get(*index)).cloned().collect();
        let stop = Stop::default();
        let signals = Signals::listen(stop.clone()).map_err(Failure::harness)?;
        let progress = (!self.quiet).then(|| MatrixProgress::new(&plans, self.count)).map(Mutex::new);
        let done = perform_variants(&plans, self.count, &stop, &|variant, run| {
            if let Some(Ok(mut progress)) = progress.as_ref().map(Mutex::lock) {
                progress.see(variant, run);
            }
        });
        if let Some(Ok(progress)) = progress.map(Mutex::into_inner) {
            progress.finish();
        }
        let done = done?;
        let judged = self.exit(&done);
        let code = signals.exit().map_or(judged, |signal| signal.or(judged));
        let variants = self.variants(&done, folder)?;
        show(&self.results(variants, &done, code), folder, outlets)?;
        Ok(code)
    }

    /// The variants that were run, with their places in the matrix.
    fn chosen(&self) -> impl Iterator<Item = (usize, &Variant)> {
        let all = self.chosen.input.loaded.matrix.as_ref().map_or(&[][..], |matrix| &matrix.variants);
        self.chosen.variants.iter().filter_map(move |index| Some((*index, all.get(*index)?)))
    }

    /// How all of it ends: the worst of the variants that count. Of the others, only that something could not do its
    /// part, for then the comparison is worth nothing.
    fn exit(&self, done: &[Seeds]) -> ExitCode {
        let codes =
            self.chosen().zip(done).map(
                |((_, variant), seeds)| {
                    if variant.gates { seeds.exit } else { seeds.exit.without_checks() }
                },
            );
        codes.fold(ExitCode::Held, ExitCode::or)
    }

    /// Writes the folder of each variant, and gives what is said of it.
    fn variants(&self, done: &[Seeds], folder: &RunFolder) -> Result<Vec<VariantInput>, Failure> {
        let mut said = Vec::new();
        for ((index, variant), seeds) in self.chosen().zip(done) {
            let Some(input) = self.chosen.input.only(index) else { continue };
            let below = folder.create_variant(&variant.label).map_err(Failure::harness)?;
            below.write_plan(&input.text, &input.plan).map_err(Failure::harness)?;
            let one = SeveralSeeds {
                input: &input,
                overrides: self.overrides,
                count: self.count,
                quiet: self.quiet,
            };
            one.write_kept(&seeds.kept, &below)?;
            // The threads are shared, so how fast one variant was cannot be told.
            let results = upstorm_reports::SeedsResults { pace: None, ..one.results(seeds, seeds.exit) };
            for (name, text) in upstorm_reports::seeds::render_all(&results).map_err(Failure::harness)? {
                below.write(name, text.as_bytes()).map_err(Failure::harness)?;
            }
            let baseline = self.baseline_of(index, variant, done);
            said.push(VariantInput {
                label: variant.label.clone(),
                folder: RunFolder::of_variant(&variant.label),
                settings: variant.settings.iter().map(|s| (s.path.clone(), s.value.clone())).collect(),
                baseline: baseline.as_ref().map(|(label, _)| (*label).to_owned()),
                gates: variant.gates,
                figures: upstorm_checks::compared(&seeds.figures, baseline.map(|(_, figures)| figures)),
                seeds: results,
            });
        }
        Ok(said)
    }

    /// What a variant is compared with, if that was run; a baseline with nothing.
    fn baseline_of<'s>(
        &'s self,
        index: usize,
        variant: &Variant,
        done: &'s [Seeds],
    ) -> Option<(&'s str, &'s [RunFigures])> {
        if variant.baseline == index {
            return None;
        }
        let mut all = self.chosen().zip(done);
        let ((_, baseline), seeds) = all.find(|((place, _), _)| *place == variant.baseline)?;
        Some((baseline.label.as_str(), seeds.figures.as_slice()))
    }

    fn results(&self, variants: Vec<VariantInput>, done: &[Seeds], code: ExitCode) -> MatrixResults {
        let input = &self.chosen.input;
        let took = done.iter().map(|seeds| seeds.took).sum();
        let wall = done.first().map(|seeds| seeds.wall).unwrap_or_default();
        MatrixResults::build(MatrixInput {
            plan: &input.plan,
            tool_version: env!("CARGO_PKG_VERSION"),
            command: again::variants(input, self.overrides, (self.patterns, self.count.get())),
            scenario_file: input.file.as_deref(),
            exit_code: code.number(),
            pace: pace(input.plan.world, took, wall),
            partial: done.iter().any(|seeds| seeds.interrupted),
            asked: self.count.get(),
            variants,
        })
    }
}

/// Prints how the variants compare, and writes every report of it.
pub(crate) fn show(results: &MatrixResults, folder: &RunFolder, outlets: &Outlets) -> Result<(), Failure> {
    use upstorm_reports::matrix;
    let documents = Documents {
        terminal: matrix::terminal::render(results, Style { colour: stdout_in_colour() }),
        files: matrix::render_all(results).map_err(Failure::harness)?,
        annotations: matrix::github::annotations(results),
        step_summary: matrix::github::step_summary(results),
    };
    outlets.deliver(&documents, folder)
}
