//! Several seeds of one plan, or of several variants: each performed and judged in a world of its own.
//!
//! A subject that holds under one seed may do so by luck. In the simulated world every core performs a seed at a time;
//! on real sockets the machine itself is what a run is made of, so there the seeds go one after another. Only findings
//! are kept of a seed, and the recordings of the first that failed and of the first that could not be told, which are
//! what somebody will want to look into. Variants are performed seed by seed, so that whatever ends it early ends it for all
//! of them alike. The order of everything is that of the seeds, whichever thread was first.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::slice;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use upstorm_load::Stop;
use upstorm_model::recording::{Encoder, Record, Recording};
use upstorm_model::scenario::WorldKind;
use upstorm_model::verdict::{Finding, RunFigures, SeedRun};
use upstorm_model::{Plan, Seed};
use upstorm_world::Recorder;
use upstorm_world::real::Stopwatch;
use upstorm_world::simulated::GivenUp;

use crate::crew::{lock, share_out, workers};
use crate::worlds::{Performed, WorldError, perform_in_world};
use crate::{ExitCode, header_of, judge};

/// What came of several seeds.
#[derive(Debug)]
pub struct Seeds {
    /// Each seed that was performed to its end, in their order. Exhibits are left out.
    pub runs: Vec<SeedRun>,
    /// The figures of each of these runs, in the same order.
    pub figures: Vec<RunFigures>,
    /// How the process ends: of all their exit codes the one that counts.
    pub exit: ExitCode,
    /// The first seed that failed or broke down, and the first that was inconclusive, in their order; of a variant for
    /// which every seed held, the first.
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
    let one = Batch { plans: slice::from_ref(plan), count, keeps_first: false };
    let all = perform(&one, stop, &|_, run| seen(run))?;
    all.into_iter().next().ok_or(WorldError::Ended(plan.world))
}

/// Performs every variant with as many seeds as told, from the plans' own on: the same seeds for each, so the same
/// arrivals and the same fates. `seen` is told the index of the variant with each run as it is done, in any order. What
/// came of each variant is in their order.
///
/// # Errors
/// When a run could not be performed at all. The others are lost then: it is the machine's fault, not the subject's.
pub fn perform_variants(
    plans: &[Plan],
    count: NonZero<u32>,
    stop: &Stop,
    seen: &(dyn Fn(usize, &SeedRun) + Sync),
) -> Result<Vec<Seeds>, WorldError> {
    perform(&Batch { plans, count, keeps_first: true }, stop, seen)
}

/// What is to be performed: each plan with as many seeds.
struct Batch<'a> {
    plans: &'a [Plan],
    count: NonZero<u32>,
    keeps_first: bool,
}

impl Batch<'_> {
    /// The variant and the how-manieth seed of it that come at this place: all variants with one seed, then the next.
    fn at(&self, place: u64) -> Option<(usize, u32)> {
        let variants = u64::try_from(self.plans.len()).ok().filter(|n| *n > 0)?;
        let index = u32::try_from(place / variants).ok().filter(|index| *index < self.count.get())?;
        Some((usize::try_from(place % variants).ok()?, index))
    }

    fn runs(&self) -> NonZero<u32> {
        let plans = u32::try_from(self.plans.len()).unwrap_or(u32::MAX);
        self.count.saturating_mul(NonZero::new(plans).unwrap_or(NonZero::<u32>::MIN))
    }
}

fn perform(
    batch: &Batch<'_>,
    stop: &Stop,
    seen: &(dyn Fn(usize, &SeedRun) + Sync),
) -> Result<Vec<Seeds>, WorldError> {
    let watch = Stopwatch::start();
    let none = || batch.plans.iter().map(|_| Gathered::default()).collect();
    let gathered = Mutex::new(none());
    let world = batch.plans.first().map_or(WorldKind::Real, |plan| plan.world);
    share_out(workers(world, batch.runs()), stop, &|place| {
        let Some((variant, index)) = batch.at(place) else { return Ok(false) };
        let keep = batch.keeps_first && index == 0;
        let Some(done) = perform_seed(&batch.plans[variant], index, keep, stop)? else { return Ok(false) };
        seen(variant, &done.run);
        let all: &mut Vec<Gathered> = &mut lock(&gathered);
        all[variant].add(done);
        Ok::<_, WorldError>(true)
    })?;
    let gathered = gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
    let wall = watch.elapsed();
    Ok(gathered.into_iter().map(|variant| variant.finish(batch.count, wall)).collect())
}

/// A seed that was performed and judged.
struct Done {
    run: SeedRun,
    figures: RunFigures,
    kept: Option<KeptSeed>,
    exit: ExitCode,
    took: Duration,
}

/// Performs one seed; none if it was interrupted, for then it says nothing.
fn perform_seed(plan: &Plan, index: u32, keep: bool, stop: &Stop) -> Result<Option<Done>, WorldError> {
    let seed = Seed(plan.seed.0.wrapping_add(u64::from(index)));
    let plan = Arc::new(Plan { seed, ..plan.clone() });
    let recorder = Recorder::in_memory();
    let performed = perform_in_world(&plan, recorder.clone(), stop)?;
    if performed.interrupted {
        return Ok(None);
    }
    Ok(Some(judge_seed(plan, performed, recorder.take(), keep)))
}

fn judge_seed(plan: Arc<Plan>, performed: Performed, records: Vec<Record>, keep: bool) -> Done {
    let Performed { given_up, took, .. } = performed;
    let bytes = encoded(&plan, &records);
    let recording = Recording::from_records(header_of(&plan), records);
    let judgement = judge(&plan, &recording);
    let (seed, exit) = (plan.seed.0, judgement.exit);
    let figures = RunFigures { seed, values: upstorm_checks::figures(&plan, &recording) };
    let findings = judgement.findings.into_iter().map(without_exhibits).collect();
    let run = SeedRun { seed, exit_code: exit.number(), findings };
    let looked_into = keep || exit != ExitCode::Held;
    let kept = looked_into.then_some(KeptSeed { plan, recording: bytes, given_up, exit });
    Done { run, figures, kept, exit, took }
}

/// The bytes that a file of these records holds.
pub(crate) fn encoded(plan: &Plan, records: &[Record]) -> Vec<u8> {
    let (mut encoder, mut bytes) = Encoder::new(&header_of(plan));
    records.iter().for_each(|record| encoder.push(record, &mut bytes));
    encoder.flush(&mut bytes);
    bytes
}

/// Exhibits are most of what a finding weighs, and are told of the seeds that are kept.
pub(crate) fn without_exhibits(mut finding: Finding) -> Finding {
    finding.observations.iter_mut().for_each(|observation| observation.exhibits = Vec::new());
    finding
}

/// What the threads have brought so far, by seed.
#[derive(Default)]
struct Gathered {
    runs: BTreeMap<u64, (SeedRun, RunFigures)>,
    exit: Option<ExitCode>,
    failed: Option<KeptSeed>,
    inconclusive: Option<KeptSeed>,
    held: Option<KeptSeed>,
    took: Duration,
}

impl Gathered {
    fn add(&mut self, done: Done) {
        let Done { run, figures, kept, exit, took } = done;
        self.exit = Some(self.exit.map_or(exit, |so_far| so_far.or(exit)));
        self.took += took;
        if let Some(kept) = kept {
            let place = match exit {
                ExitCode::Held => &mut self.held,
                ExitCode::Inconclusive => &mut self.inconclusive,
                _ => &mut self.failed,
            };
            let is_first = place.as_ref().is_none_or(|first| kept.plan.seed.0 < first.plan.seed.0);
            if is_first {
                *place = Some(kept);
            }
        }
        self.runs.insert(run.seed, (run, figures));
    }

    fn finish(self, count: NonZero<u32>, wall: Duration) -> Seeds {
        let mut kept: Vec<KeptSeed> = [self.failed, self.inconclusive].into_iter().flatten().collect();
        if kept.is_empty() {
            kept.extend(self.held);
        }
        kept.sort_by_key(|seed| seed.plan.seed.0);
        let (runs, figures): (Vec<SeedRun>, Vec<RunFigures>) = self.runs.into_values().unzip();
        let interrupted = runs.len() < count.get() as usize;
        // Nothing judged is never a pass.
        let exit = self.exit.unwrap_or(ExitCode::Inconclusive);
        Seeds { runs, figures, exit, kept, interrupted, took: self.took, wall }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(seed: u64, exit: ExitCode) -> Done {
        let plan = Arc::new(Plan { seed: Seed(seed), ..crate::plans_test::quick() });
        let run = SeedRun { seed, exit_code: exit.number(), findings: Vec::new() };
        let figures = RunFigures { seed, values: BTreeMap::new() };
        let kept = KeptSeed { plan, recording: Vec::new(), given_up: None, exit };
        Done {
            run,
            figures,
            kept: (exit != ExitCode::Held).then_some(kept),
            exit,
            took: Duration::from_secs(1),
        }
    }

    fn gathered(order: &[(u64, ExitCode)]) -> Seeds {
        let mut gathered = Gathered::default();
        order.iter().for_each(|(seed, exit)| gathered.add(done(*seed, *exit)));
        gathered.finish(NonZero::new(6).unwrap(), Duration::ZERO)
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
}
