//! Progress while the variants of a matrix are performed: how many runs are done, and how each variant ended.

use std::num::NonZero;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use upstorm_model::Plan;
use upstorm_model::scenario::WorldKind;
use upstorm_model::verdict::SeedRun;
use upstorm_runner::workers;

use crate::console::tell;
use crate::seeds_progress::Tally;

/// Lines on how far it is in a log, where there is no terminal to draw a bar on.
const LINES: u64 = 10;

/// Shows progress on stderr: a bar on a terminal, a few plain lines elsewhere, and a line for each variant that is done.
#[derive(Debug)]
pub(crate) struct MatrixProgress {
    variants: Vec<Progress>,
    seeds: u32,
    runs: u64,
    done: u64,
    bar: ProgressBar,
}

/// A variant.
#[derive(Debug, Default)]
struct Progress {
    label: String,
    done: u32,
    tally: Tally,
}

impl MatrixProgress {
    /// Says what begins, ready to show so many seeds of each of these.
    pub(crate) fn new(plans: &[Plan], seeds: NonZero<u32>) -> Self {
        let runs = plans.len() as u64 * u64::from(seeds.get());
        let bar = ProgressBar::with_draw_target(Some(runs), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("[{bar:30}] {pos}/{len} runs  {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        if let Some(plan) = plans.first() {
            let most = NonZero::new(u32::try_from(runs).unwrap_or(u32::MAX)).unwrap_or(seeds);
            let at_once = match (plan.world, workers(plan.world, most)) {
                (WorldKind::Real, _) => "one after another, for there is one machine".to_owned(),
                (WorldKind::Sim, at_once) => format!("{at_once} at a time"),
            };
            let (n, first) = (plans.len(), plan.seed.0);
            tell(&format!(
                "running {} in {n} variants with {seeds} seeds each from {first} on, {at_once}",
                plan.scenario
            ));
        }
        let variant =
            |plan: &Plan| Progress { label: plan.variant.clone().unwrap_or_default(), ..Progress::default() };
        Self { variants: plans.iter().map(variant).collect(), seeds: seeds.get(), runs, done: 0, bar }
    }

    /// A run of this variant is done.
    pub(crate) fn see(&mut self, variant: usize, run: &SeedRun) {
        self.done += 1;
        let step = |done: u64| done * LINES / self.runs.max(1);
        if self.bar.is_hidden() && step(self.done) > step(self.done - 1) {
            tell(&format!("{}/{} runs", self.done, self.runs));
        }
        self.bar.inc(1);
        let Some(of) = self.variants.get_mut(variant) else { return };
        of.done += 1;
        of.tally.add(run.exit_code);
        if of.done == self.seeds {
            let line = format!("{}: {}", of.label, of.tally.words());
            self.bar.suspend(|| tell(&line));
        }
    }

    /// Clears the bar.
    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}
