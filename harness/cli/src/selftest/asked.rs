//! A selftest as it was asked for: trials are performed on all cores, watched and stopped, and become a document.

use std::num::NonZero;
use std::sync::{Mutex, PoisonError};

use upstorm_model::verdict::{SeedRun, Verdict};
use upstorm_reports::results::Tool;
use upstorm_reports::selftest::{KnownAnswer, SELFTEST_VERSION, SelftestResults, SubjectRow, Tally};
use upstorm_runner::{ExitCode, Stop, Trial, perform_trials};
use upstorm_world::real::Stopwatch;

use super::counting::Worth;
use super::progress::SelftestProgress;
use crate::failure::Failure;
use crate::input::{Input, Overrides, World, load_scenario};
use crate::signals::Signals;

/// A selftest, as it was asked for.
#[derive(Debug)]
pub(crate) struct Selftest {
    /// How many seeds everything is tried with, instead of what is usual.
    pub(crate) seeds: Option<NonZero<u32>>,
    /// The first of them, instead of the scenario's.
    pub(crate) first: Option<u64>,
    /// Whether progress is shown.
    pub(crate) quiet: bool,
    /// The command that does the same again.
    pub(crate) command: String,
}

/// How trials ended.
pub(super) struct Ended {
    /// By a signal, if by one.
    signal: Option<ExitCode>,
    /// How long they took.
    seconds: f64,
}

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) subjects: Vec<SubjectRow>,
    pub(super) known_answers: Vec<KnownAnswer>,
}

impl Selftest {
    /// A built-in scenario with this set over it.
    pub(super) fn load(&self, scenario: &str, sets: Vec<String>) -> Result<(Input, Overrides), Failure> {
        let overrides = Overrides { sets, seed: self.first, world: None };
        let simulated = Overrides { world: Some(World::Sim), ..overrides.clone() };
        Ok((load_scenario(scenario, &simulated)?, overrides))
    }

    /// Performs the trials; `see` is told of each run as it is done and says what it was worth.
    pub(super) fn perform(
        &self,
        trials: &[Trial],
        see: impl FnMut(usize, SeedRun) -> Worth + Send,
    ) -> Result<Ended, Failure> {
        for trial in trials {
            let (first, count) = (trial.performed.seed.0, trial.seeds.get());
            if first.checked_add(u64::from(count - 1)).is_none() {
                let message =
                    format!("there are no {count} seeds from {first} on; begin at a smaller --seed");
                return Err(Failure::usage(anyhow::anyhow!(message)));
            }
        }
        let stop = Stop::default();
        let signals = Signals::listen(stop.clone()).map_err(Failure::harness)?;
        let watch = Stopwatch::start();
        let progress = (!self.quiet).then(|| SelftestProgress::new(trials));
        let shared = Mutex::new((see, progress));
        perform_trials(trials, &stop, &|index, run| {
            let (see, progress) = &mut *shared.lock().unwrap_or_else(PoisonError::into_inner);
            let worth = see(index, run);
            if let Some(progress) = progress {
                progress.see(worth);
            }
        })?;
        let (_, progress) = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(progress) = progress {
            progress.finish();
        }
        Ok(Ended { signal: signals.exit(), seconds: watch.elapsed().as_secs_f64() })
    }

    /// The document on what was found, and how the process ends.
    pub(super) fn results(&self, found: Found, ended: &Ended) -> (SelftestResults, ExitCode) {
        let Found { subjects, known_answers } = found;
        let tallies = subjects.iter().map(|row| row.verdicts);
        let tallies = tallies.chain(known_answers.iter().map(|answer| answer.verdicts));
        let mut results = SelftestResults {
            version: SELFTEST_VERSION,
            tool: Tool { name: "upstorm".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            command: self.command.clone(),
            exit_code: 0,
            partial: ended.signal.is_some(),
            seconds: ended.seconds,
            verdicts: tallies.fold(Tally::default(), Tally::and),
            subjects,
            known_answers,
        };
        let code = match results.verdict() {
            Verdict::Held => ExitCode::Held,
            Verdict::Failed => ExitCode::Failed,
            Verdict::Inconclusive => ExitCode::Inconclusive,
        };
        let code = ended.signal.map_or(code, |signal| signal.or(code));
        results.exit_code = code.number();
        (results, code)
    }
}
