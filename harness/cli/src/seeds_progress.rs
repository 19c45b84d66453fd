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
    tally: Tally,
    bar: ProgressBar,
}

impl SeedsProgress {
    /// Ready to show so many seeds.
    pub(crate) fn new(asked: NonZero<u32>) -> Self {
        let target = ProgressDrawTarget::stderr();
        let bar = ProgressBar::with_draw_target(Some(u64::from(asked.get())), target);
        let style = ProgressStyle::with_template("[{bar:30}] {pos}/{len} seeds: {msg}  {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        let tally = Tally::default();
        bar.set_message(tally.words());
        Self { asked: asked.get(), done: 0, tally, bar }
    }

    /// A seed is done.
    pub(crate) fn see(&mut self, run: &SeedRun) {
        self.done += 1;
        self.tally.add(run.exit_code);
        let told = self.tally.words();
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

/// How the runs ended so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    held: u32,
    failed: u32,
    inconclusive: u32,
    /// The harness or the subject did not get as far as a verdict.
    broke_down: u32,
}

impl Tally {
    /// A run ended with this code.
    pub(crate) fn add(&mut self, exit_code: u8) {
        let of = |code: ExitCode| exit_code == code.number();
        *match exit_code {
            _ if of(ExitCode::Held) => &mut self.held,
            _ if of(ExitCode::Failed) => &mut self.failed,
            _ if of(ExitCode::Inconclusive) => &mut self.inconclusive,
            _ => &mut self.broke_down,
        } += 1;
    }

    /// All of it: `3 held, 1 failed, 0 inconclusive`.
    pub(crate) fn words(&self) -> String {
        let Self { held, failed, inconclusive, broke_down } = self;
        let judged = format!("{held} held, {failed} failed, {inconclusive} inconclusive");
        if *broke_down > 0 { format!("{judged}, {broke_down} broke down") } else { judged }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_broke_down_is_no_failure_of_the_subject() {
        let mut tally = Tally::default();
        [0, 10, 0, 12].into_iter().for_each(|code| tally.add(code));
        assert_eq!(tally.words(), "2 held, 1 failed, 1 inconclusive");
        [21, 20].into_iter().for_each(|code| tally.add(code));
        assert_eq!(tally.words(), "2 held, 1 failed, 1 inconclusive, 2 broke down");
    }
}
