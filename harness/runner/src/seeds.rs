//! Several seeds of one plan: each performed and judged in a world of its own.
//!
//! A subject that holds under one seed may do so by luck. In the simulated world every core performs a seed at a time;
//! on real sockets the machine itself is what a run is made of, so there the seeds go one after another. Only findings
//! are kept of a seed, and the recordings of the first that failed and of the first that could not be told, which are
//! what somebody will want to look into. The order of everything is that of the seeds, whichever thread was first.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use upstorm_load::Stop;
use upstorm_model::recording::{Encoder, Record, Recording};
use upstorm_model::scenario::WorldKind;
use upstorm_model::verdict::{Finding, SeedRun};
use upstorm_model::{Plan, Seed};
use upstorm_world::Recorder;
use upstorm_world::real::Stopwatch;
use upstorm_world::simulated::GivenUp;

use crate::worlds::{Performed, WorldError, perform_in_world};
use crate::{ExitCode, header_of, judge};

/// What came of several seeds.
#[derive(Debug)]
pub struct Seeds {
    /// Each seed that was performed to its end, in their order. Exhibits are left out.
    pub runs: Vec<SeedRun>,
    /// How the process ends: of all their exit codes the one that counts.
    pub exit: ExitCode,
    /// The first seed that failed or broke down, and the first that was inconclusive, in their order.
    pub kept: Vec<KeptSeed>,
    /// True when not every seed was performed, because somebody stopped it.
    pub interrupted: bool,
    /// How much time passed in all worlds together.
    pub took: Duration,
    /// How much time passed on the wall.
    pub wall: Duration,
}

/// A seed that is looked into.
#[derive(Debug, Clone)]
pub struct KeptSeed {
    /// Its plan.
    pub plan: Arc<Plan>,
    /// The bytes of its recording, as its file would hold them.
    pub recording: Vec<u8>,
    /// What its world said, if it gave the run up.
    pub given_up: Option<GivenUp>,
    /// How it ended.
    pub exit: ExitCode,
}

/// Performs as many seeds as told, from the plan's own on; `seen` is told of each as it is done, in any order.
///
/// # Errors
/// When a seed could not be performed at all. The others are lost then: it is the machine's fault, not the subject's.
pub fn perform_seeds(
    plan: &Plan,
    count: NonZero<u32>,
    stop: &Stop,
    seen: &(dyn Fn(&SeedRun) + Sync),
) -> Result<Seeds, WorldError> {
    let watch = Stopwatch::start();
    let (next, gathered) = (AtomicU32::new(0), Mutex::new(Gathered::default()));
    let work = || {
        while !stop.is_stopped() && !lock(&gathered).has_failed() {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count.get() {
                break;
            }
            match perform_seed(plan, index, stop) {
                Ok(Some(done)) => {
                    seen(&done.run);
                    lock(&gathered).add(done);
                }
                Ok(None) => break,
                Err(error) => lock(&gathered).error = Some(error),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..workers(plan.world, count) {
            scope.spawn(work);
        }
        work();
    });
    let gathered = gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
    gathered.finish(count, watch.elapsed())
}

/// How many seeds are performed at once.
#[must_use]
pub fn workers(world: WorldKind, count: NonZero<u32>) -> u32 {
    match world {
        WorldKind::Real => 1,
        WorldKind::Sim => {
            let cores = thread::available_parallelism().map_or(1, NonZero::get);
            count.get().min(u32::try_from(cores).unwrap_or(u32::MAX))
        }
    }
}

/// A seed that was performed and judged.
struct Done {
    run: SeedRun,
    kept: Option<KeptSeed>,
    exit: ExitCode,
    took: Duration,
}

/// Performs one seed; none if it was interrupted, for then it says nothing.
fn perform_seed(plan: &Plan, index: u32, stop: &Stop) -> Result<Option<Done>, WorldError> {
    let seed = Seed(plan.seed.0.wrapping_add(u64::from(index)));
    let plan = Arc::new(Plan { seed, ..plan.clone() });
    let recorder = Recorder::in_memory();
    let performed = perform_in_world(&plan, recorder.clone(), stop)?;
    if performed.interrupted {
        return Ok(None);
    }
    Ok(Some(judge_seed(plan, performed, recorder.take())))
}

fn judge_seed(plan: Arc<Plan>, performed: Performed, records: Vec<Record>) -> Done {
    let Performed { given_up, took, .. } = performed;
    let bytes = encoded(&plan, &records);
    let judgement = judge(&plan, &Recording::from_records(header_of(&plan), records));
    let exit = judgement.exit;
    let run = SeedRun {
        seed: plan.seed.0,
        exit_code: exit.number(),
        findings: judgement.findings.into_iter().map(without_exhibits).collect(),
    };
    let kept = (exit != ExitCode::Held).then_some(KeptSeed { plan, recording: bytes, given_up, exit });
    Done { run, kept, exit, took }
}

/// The bytes that a file of these records holds.
pub(crate) fn encoded(plan: &Plan, records: &[Record]) -> Vec<u8> {
    let (mut encoder, mut bytes) = Encoder::new(&header_of(plan));
    records.iter().for_each(|record| encoder.push(record, &mut bytes));
    encoder.flush(&mut bytes);
    bytes
}

/// Exhibits are most of what a finding weighs, and are told of the seeds that are kept.
fn without_exhibits(mut finding: Finding) -> Finding {
    finding.observations.iter_mut().for_each(|observation| observation.exhibits = Vec::new());
    finding
}

/// What the threads have brought so far, by seed.
#[derive(Default)]
struct Gathered {
    runs: BTreeMap<u64, SeedRun>,
    exit: Option<ExitCode>,
    failed: Option<KeptSeed>,
    inconclusive: Option<KeptSeed>,
    took: Duration,
    error: Option<WorldError>,
}

fn lock(gathered: &Mutex<Gathered>) -> MutexGuard<'_, Gathered> {
    gathered.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Gathered {
    const fn has_failed(&self) -> bool {
        self.error.is_some()
    }

    fn add(&mut self, done: Done) {
        let Done { run, kept, exit, took } = done;
        self.exit = Some(self.exit.map_or(exit, |so_far| so_far.or(exit)));
        self.took += took;
        if let Some(kept) = kept {
            let place =
                if exit == ExitCode::Inconclusive { &mut self.inconclusive } else { &mut self.failed };
            let is_first = place.as_ref().is_none_or(|first| kept.plan.seed.0 < first.plan.seed.0);
            if is_first {
                *place = Some(kept);
            }
        }
        self.runs.insert(run.seed, run);
    }

    fn finish(self, count: NonZero<u32>, wall: Duration) -> Result<Seeds, WorldError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let mut kept: Vec<KeptSeed> = [self.failed, self.inconclusive].into_iter().flatten().collect();
        kept.sort_by_key(|seed| seed.plan.seed.0);
        let runs: Vec<SeedRun> = self.runs.into_values().collect();
        let interrupted = runs.len() < count.get() as usize;
        // Nothing judged is never a pass.
        let exit = self.exit.unwrap_or(ExitCode::Inconclusive);
        Ok(Seeds { runs, exit, kept, interrupted, took: self.took, wall })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(seed: u64, exit: ExitCode) -> Done {
        let plan = Arc::new(Plan { seed: Seed(seed), ..crate::plans_test::quick() });
        let run = SeedRun { seed, exit_code: exit.number(), findings: Vec::new() };
        let kept = KeptSeed { plan, recording: Vec::new(), given_up: None, exit };
        Done { run, kept: (exit != ExitCode::Held).then_some(kept), exit, took: Duration::from_secs(1) }
    }

    fn gathered(order: &[(u64, ExitCode)]) -> Seeds {
        let mut gathered = Gathered::default();
        order.iter().for_each(|(seed, exit)| gathered.add(done(*seed, *exit)));
        gathered.finish(NonZero::new(6).unwrap(), Duration::ZERO).unwrap()
    }

    #[test]
    fn whichever_thread_was_first_the_order_is_that_of_the_seeds() {
        use ExitCode::{Failed, Held, Inconclusive};
        let order = [(4, Failed), (1, Held), (5, Inconclusive), (2, Inconclusive), (3, Failed), (6, Held)];
        let seeds = gathered(&order);
        let turned: Vec<_> = order.into_iter().rev().collect();
        let other = gathered(&turned);
        let told = |seeds: &Seeds| {
            let runs: Vec<_> = seeds.runs.iter().map(|run| (run.seed, run.exit_code)).collect();
            let kept: Vec<_> = seeds.kept.iter().map(|kept| (kept.plan.seed.0, kept.exit)).collect();
            (runs, kept, seeds.exit, seeds.took)
        };
        assert_eq!(told(&seeds), told(&other));
        assert_eq!(told(&seeds).1, vec![(2, Inconclusive), (3, Failed)], "the first of each kind");
        assert_eq!((seeds.exit, seeds.interrupted), (Failed, false));
    }

    #[test]
    fn seeds_that_are_missing_are_said_and_none_at_all_is_no_pass() {
        assert!(gathered(&[(1, ExitCode::Held)]).interrupted);
        assert_eq!(gathered(&[]).exit, ExitCode::Inconclusive);
    }

    #[test]
    fn the_real_world_has_one_machine() {
        let many = NonZero::new(1000).unwrap();
        assert_eq!(workers(WorldKind::Real, many), 1);
        assert_eq!(workers(WorldKind::Sim, NonZero::<u32>::MIN), 1);
        assert!(workers(WorldKind::Sim, many) >= 1);
    }
}
