//! Trials: plans that are performed to see what the checks say, each perhaps judged as if it had been another plan.
//!
//! A check that was never seen to fail proves nothing. Most defects can be given to a subject, and its own plan judges it.
//! But the checks that judge the harness compare what happened with what the plan declares, and no setting makes the
//! harness break its own plan: there the run of a plan is put before the judge as if it were a run of the other.

use std::num::NonZero;
use std::sync::Arc;

use upstorm_load::Stop;
use upstorm_model::recording::Recording;
use upstorm_model::scenario::WorldKind;
use upstorm_model::verdict::SeedRun;
use upstorm_model::{Plan, Seed};
use upstorm_world::Recorder;

use crate::crew::{share_out, workers};
use crate::seeds::without_exhibits;
use crate::worlds::{WorldError, perform_in_world};
use crate::{header_of, judge};

/// A plan to perform, and one to judge it by.
#[derive(Debug, Clone)]
pub struct Trial {
    /// What is performed.
    pub performed: Plan,
    /// What it is taken for by whoever judges it; without it, what it is.
    pub taken_for: Option<Plan>,
    /// With how many seeds, from that of its plan on.
    pub seeds: NonZero<u32>,
}

/// Performs every trial with each of its seeds: all trials with the first one, then with the next.
/// `seen` is told the index of the trial with each run as it is done, in any order; what it is told has no exhibits.
///
/// # Errors
/// When a run could not be performed at all: it is the machine's fault, not the subject's.
pub fn perform_trials(
    trials: &[Trial],
    stop: &Stop,
    seen: &(dyn Fn(usize, SeedRun) + Sync),
) -> Result<(), WorldError> {
    let world = trials.first().map_or(WorldKind::Real, |trial| trial.performed.world);
    let Some(each) = NonZero::new(trials.len() as u64) else { return Ok(()) };
    let most = trials.iter().map(|trial| trial.seeds).max().unwrap_or(NonZero::<u32>::MIN);
    let runs = trials.iter().fold(0, |sum: u32, trial| sum.saturating_add(trial.seeds.get()));
    share_out(workers(world, NonZero::new(runs).unwrap_or(most)), stop, &|place| {
        let index = u32::try_from(place / each).ok().filter(|index| *index < most.get());
        let (Some(index), Ok(trial)) = (index, usize::try_from(place % each)) else { return Ok(false) };
        if index >= trials[trial].seeds.get() {
            return Ok(true);
        }
        let run = trials[trial].run(index, stop)?;
        let done = run.is_some();
        run.into_iter().for_each(|run| seen(trial, run));
        Ok(done)
    })
}

impl Trial {
    /// The how-manieth seed of it; none if it was interrupted, for then it says nothing.
    fn run(&self, index: u32, stop: &Stop) -> Result<Option<SeedRun>, WorldError> {
        let seed = Seed(self.performed.seed.0.wrapping_add(u64::from(index)));
        let plan = Arc::new(Plan { seed, ..self.performed.clone() });
        let recorder = Recorder::in_memory();
        if perform_in_world(&plan, recorder.clone(), stop)?.interrupted {
            return Ok(None);
        }
        let recording = Recording::from_records(header_of(&plan), recorder.take());
        let judged = match &self.taken_for {
            Some(other) => judge(&Plan { seed, ..other.clone() }, &recording),
            None => judge(&plan, &recording),
        };
        let findings = judged.findings.into_iter().map(without_exhibits).collect();
        Ok(Some(SeedRun { seed: seed.0, exit_code: judged.exit.number(), findings }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::*;
    use crate::crew::lock;

    #[test]
    fn each_trial_is_run_with_each_seed_and_judged_as_what_it_is_taken_for() {
        let plan = Plan { world: WorldKind::Sim, seed: Seed(5), ..crate::plans_test::quick() };
        let unasked = Plan { checks: Vec::new(), ..plan.clone() };
        let seeds = |count| NonZero::new(count).unwrap();
        let trials = [
            Trial { performed: plan.clone(), taken_for: None, seeds: seeds(3) },
            Trial { performed: plan.clone(), taken_for: Some(unasked), seeds: seeds(2) },
        ];
        let seen = Mutex::new(BTreeMap::new());
        let told = |trial, run: SeedRun| {
            lock(&seen).insert((trial, run.seed), run.findings.len());
        };
        perform_trials(&trials, &Stop::new(), &told).expect("a world can be made");
        let each = |trial, end, findings| (5..end).map(move |seed| ((trial, seed), findings));
        let expected: BTreeMap<_, _> = each(0, 8, plan.checks.len()).chain(each(1, 7, 0)).collect();
        assert_eq!(lock(&seen).clone(), expected);
        assert!(!plan.checks.is_empty());
    }
}
