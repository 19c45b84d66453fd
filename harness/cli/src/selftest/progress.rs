//! Progress while subjects are tried: how many runs are done, and whether any verdict was not right so far.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use upstorm_runner::Trial;

use super::counting::Worth;
use crate::console::tell;

/// Lines in a log where there is no terminal to draw a bar on.
const LINES: u64 = 10;

/// Shows progress on stderr: a bar on a terminal, a few plain lines elsewhere.
#[derive(Debug)]
pub(super) struct SelftestProgress {
    runs: u64,
    done: u64,
    wrong: u64,
    unsure: u64,
    bar: ProgressBar,
}

impl SelftestProgress {
    /// Says what begins.
    pub(super) fn new(trials: &[Trial]) -> Self {
        let runs = trials.iter().map(|trial| u64::from(trial.seeds.get())).sum();
        tell(&format!("trying {} subjects, {runs} runs", trials.len()));
        let bar = ProgressBar::with_draw_target(Some(runs), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("[{bar:30}] {pos}/{len} runs: {msg}  {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        Self { runs, done: 0, wrong: 0, unsure: 0, bar }
    }

    /// A run was judged.
    pub(super) fn see(&mut self, worth: Worth) {
        self.done += 1;
        self.wrong += u64::from(worth == Worth::Wrong);
        self.unsure += u64::from(worth == Worth::Inconclusive);
        let told = format!("{} wrong, {} inconclusive", self.wrong, self.unsure);
        let step = |done: u64| done * LINES / self.runs.max(1);
        if self.bar.is_hidden() && step(self.done) > step(self.done - 1) {
            tell(&format!("{}/{} runs: {told}", self.done, self.runs));
        }
        self.bar.inc(1);
        self.bar.set_message(told);
    }

    /// Clears the bar.
    pub(super) fn finish(self) {
        self.bar.finish_and_clear();
    }
}
