//! Progress while several seeds are performed: how many are done, and how they ended so far.

use std::num::NonZero;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use upstorm_model::verdict::SeedRun;
use upstorm_runner::ExitCode;

use crate::console::tell;

/// Lines in a log where there is no terminal to draw a bar on.
const LINES: u32 = 10;

/// Shows progress on stderr: a bar on a terminal, a few plain lines elsewhere.
#[derive(Debug)]
pub(crate) struct SeedsProgress {
    asked: u32,
    done: u32,
    held: u32,
    inconclusive: u32,
    bar: ProgressBar,
}

impl SeedsProgress {
    /// Ready to show so many seeds.
    pub(crate) fn new(asked: NonZero<u32>) -> Self {
        let target = ProgressDrawTarget::stderr();
        let bar = ProgressBar::with_draw_target(Some(u64::from(asked.get())), target);
        let style = ProgressStyle::with_template("[{bar:30}] {pos}/{len} seeds: {msg}  {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        bar.set_message(words(0, 0, 0));
        Self { asked: asked.get(), done: 0, held: 0, inconclusive: 0, bar }
    }

    /// A seed is done.
    pub(crate) fn see(&mut self, run: &SeedRun) {
        self.done += 1;
        self.held += u32::from(run.exit_code == ExitCode::Held.number());
        self.inconclusive += u32::from(run.exit_code == ExitCode::Inconclusive.number());
        let told = words(self.held, self.done - self.held - self.inconclusive, self.inconclusive);
        let step = |done: u32| u64::from(done) * u64::from(LINES) / u64::from(self.asked);
        if self.bar.is_hidden() && step(self.done) > step(self.done - 1) {
            tell(&format!("{}/{} seeds: {told}", self.done, self.asked));
        }
        self.bar.inc(1);
        self.bar.set_message(told);
    }

    /// Clears the bar.
    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

fn words(held: u32, failed: u32, inconclusive: u32) -> String {
    format!("{held} held, {failed} failed, {inconclusive} inconclusive")
}
