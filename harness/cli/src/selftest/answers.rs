//! The known answers: figures of the literature, measured on this machine.
//!
//! A check that tells sound from broken may still count wrong. What others computed, simulated or measured before this
//! tool stands outside of it: each scenario holds its experiment, and its checks the range within which it must come out.

use std::collections::BTreeMap;
use std::num::NonZero;

use upstorm_language::library::KNOWN_ANSWERS;
use upstorm_model::Plan;
use upstorm_model::verdict::{SeedRun, Verdict};
use upstorm_reports::selftest::{KnownAnswer, SelftestResults, Tally};
use upstorm_runner::{ExitCode, Trial};

use super::asked::{Found, Selftest};
use super::counting::Worth;
use crate::again;
use crate::failure::Failure;
use crate::input::{Input, Overrides};

/// An experiment, with its runs so far by seed.
struct Experiment {
    answer: KnownAnswer,
    runs: BTreeMap<u64, SeedRun>,
}

impl Selftest {
    /// Performs the experiments, and holds what comes out against what is known.
    pub(crate) fn known_answers(&self) -> Result<(SelftestResults, ExitCode), Failure> {
        let (mut trials, mut experiments) = (Vec::new(), Vec::new());
        for scenario in KNOWN_ANSWERS {
            let (input, overrides) = self.load(scenario.name, Vec::new())?;
            let seeds = self.seeds.or(NonZero::new(input.seeds)).unwrap_or(NonZero::<u32>::MIN);
            for (plan, command) in variants(&input, &overrides) {
                experiments.push(Experiment::new(scenario.name, &plan, (seeds, command)));
                trials.push(Trial { performed: plan, taken_for: None, seeds });
            }
        }
        let ended = self.perform(&trials, |index, run| {
            let worth = worth(&run);
            experiments[index].runs.insert(run.seed, run);
            worth
        })?;
        let known_answers = experiments.into_iter().map(Experiment::answered).collect();
        Ok(self.results(Found { known_answers, ..Found::default() }, &ended))
    }
}

/// The scenario, or each variant of its matrix, with the command that runs it, up to the seed.
fn variants(input: &Input, overrides: &Overrides) -> Vec<(Plan, String)> {
    if input.variants.is_empty() {
        return vec![(Plan::clone(&input.plan), again::up_to_the_seed(input, overrides))];
    }
    let only = |index| input.only(index);
    let chosen = (0..input.variants.len()).filter_map(only);
    chosen.map(|one| (Plan::clone(&one.plan), again::up_to_the_seed(&one, overrides))).collect()
}

/// What a whole run is worth: the worst of its checks decides.
fn worth(run: &SeedRun) -> Worth {
    match run.findings.iter().map(|finding| finding.verdict).max() {
        Some(Verdict::Held) => Worth::Right,
        Some(Verdict::Failed) => Worth::Wrong,
        Some(Verdict::Inconclusive) | None => Worth::Inconclusive,
    }
}

impl Experiment {
    fn new(scenario: &str, plan: &Plan, (seeds, command): (NonZero<u32>, String)) -> Self {
        let answer = KnownAnswer {
            scenario: scenario.to_owned(),
            variant: plan.variant.clone().unwrap_or_default(),
            summary: plan.summary.clone(),
            command,
            seeds: seeds.get(),
            verdicts: Tally::default(),
            checks: Vec::new(),
        };
        Self { answer, runs: BTreeMap::new() }
    }

    fn answered(self) -> KnownAnswer {
        let runs: Vec<SeedRun> = self.runs.into_values().collect();
        let checks = upstorm_checks::across(&runs);
        let verdicts = checks.iter().fold(Tally::default(), |sum, check| {
            sum.and(Tally { right: check.held, wrong: check.failed, inconclusive: check.inconclusive })
        });
        KnownAnswer { verdicts, checks, ..self.answer }
    }
}
