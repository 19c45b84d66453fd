//! What is found: each row performed in the world that its scenario says, and judged.

use std::sync::OnceLock;

use upstorm_model::recording::Recording;
use upstorm_model::scenario::WorldKind;
use upstorm_model::verdict::{Measure, Observation, Verdict};
use upstorm_reports::words::is_always_on;
use upstorm_runner::{ExitCode, Judgement, Stop, header_of, judge, perform_cast};
use upstorm_world::Recorder;

use crate::ground::{cast, planned};
use crate::rows::{Figure, Find, ROWS, Row};

/// Seeds that a row of the simulated world is asked with; the first one's figures are shown.
const SEEDS: u64 = 5;
/// Real runs that go side by side: they wait on sockets and timers, not on the processor.
const AT_ONCE: usize = 6;
/// How often a run is made that is not the same each time: over real sockets the tool itself may say that the machine was
/// too noisy to tell, and where a crate draws from the machine chance may fail it.
const TRIES: usize = 3;

/// One line of the table: a row, what it finds, and the observation that says so.
pub(crate) struct Line {
    pub(crate) row: &'static Row,
    pub(crate) find: &'static Find,
    pub(crate) world: WorldKind,
    /// The kind of the check.
    pub(crate) kind: String,
    pub(crate) observation: Observation,
    /// Whether the run was the one that the scenario declares, and could be judged.
    is_sound: bool,
    /// Whatever was not as expected.
    wrong: Option<String>,
}

/// The lines of a world's rows.
pub(crate) fn lines(world: WorldKind) -> &'static [Line] {
    static SIMULATED: OnceLock<Vec<Line>> = OnceLock::new();
    static REAL: OnceLock<Vec<Line>> = OnceLock::new();
    match world {
        WorldKind::Sim => SIMULATED.get_or_init(|| of_world(world).into_iter().flat_map(simulated).collect()),
        WorldKind::Real => REAL.get_or_init(|| {
            // Those take the whole processor while they last.
            let _done = lines(WorldKind::Sim);
            side_by_side(&of_world(world))
        }),
    }
}

/// Fails with every line that is not as its row says.
pub(crate) fn all_as_expected(world: WorldKind) {
    let wrong: Vec<&str> = lines(world).iter().filter_map(|line| line.wrong.as_deref()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!lines(world).is_empty());
}

fn of_world(world: WorldKind) -> Vec<&'static Row> {
    ROWS.iter().filter(|row| planned(row.scenario, row.sets, 1).world == world).collect()
}

fn performed(row: &Row, seed: u64) -> Judgement {
    let plan = planned(row.scenario, row.sets, seed);
    let recorder = Recorder::in_memory();
    let place = format!("{} on {}", row.package, row.scenario);
    perform_cast(&cast(&plan, row.build), recorder.clone(), &Stop::new())
        .unwrap_or_else(|e| panic!("{place}: {e}"));
    judge(&plan, &Recording::from_records(header_of(&plan), recorder.take()))
}

/// The lines of the first seed, each marked where any seed finds something else.
fn simulated(row: &'static Row) -> Vec<Line> {
    let is_repeatable = row.finds.iter().any(|find| find.figure == Figure::Exact);
    if !is_repeatable {
        return until_told(row, WorldKind::Sim);
    }
    let mut first = lines_of(row, WorldKind::Sim, &performed(row, 1), 1);
    for seed in 2..=SEEDS {
        let again = lines_of(row, WorldKind::Sim, &performed(row, seed), seed);
        for (line, other) in first.iter_mut().zip(again) {
            line.wrong = line.wrong.take().or(other.wrong);
        }
    }
    first
}

fn side_by_side(rows: &[&'static Row]) -> Vec<Line> {
    let mut lines = Vec::new();
    for batch in rows.chunks(AT_ONCE) {
        std::thread::scope(|scope| {
            let runs: Vec<_> =
                batch.iter().map(|row| scope.spawn(|| until_told(row, WorldKind::Real))).collect();
            lines.extend(runs.into_iter().flat_map(|run| run.join().expect("a run does not panic")));
        });
    }
    lines
}

/// The lines of the first run that is as expected, or of the last.
fn until_told(row: &'static Row, world: WorldKind) -> Vec<Line> {
    let mut told = lines_of(row, world, &performed(row, 1), 1);
    for _ in 1..TRIES {
        let erred = told.iter().any(|line| match line.observation.verdict {
            Verdict::Inconclusive => true,
            _ => line.wrong.is_some() && (world == WorldKind::Sim || !line.is_sound),
        });
        if !erred {
            break;
        }
        told = lines_of(row, world, &performed(row, 1), 1);
    }
    told
}

fn lines_of(row: &'static Row, world: WorldKind, judged: &Judgement, seed: u64) -> Vec<Line> {
    let mut lines: Vec<Line> = row.finds.iter().map(|find| line(row, find, (world, seed), judged)).collect();
    let unsaid = unsaid(row, judged);
    if let Some(first) = lines.first_mut().filter(|_| !unsaid.is_empty()) {
        let place = format!("{} ({}), seed {seed}", row.package, row.feature);
        first
            .wrong
            .get_or_insert(format!("{place}: failed as well, and the row does not say so: {unsaid:#?}"));
    }
    lines
}

/// What failed and the row does not say: nothing that is found of a crate is left out.
fn unsaid<'a>(row: &Row, judged: &'a Judgement) -> Vec<&'a Observation> {
    let says = |check: &str, measure: Measure| {
        let told = |f: &&Find| f.check == check && f.measure == measure && f.verdict == Verdict::Failed;
        row.finds.iter().any(|find| told(&find))
    };
    let findings = judged.findings.iter().filter(|finding| !is_always_on(&finding.kind));
    let failed = findings.flat_map(|finding| {
        finding
            .observations
            .iter()
            .filter(|o| o.verdict == Verdict::Failed && !says(&finding.check, o.measure))
    });
    failed.collect()
}

fn line(row: &'static Row, find: &'static Find, (world, seed): (WorldKind, u64), judged: &Judgement) -> Line {
    let place = format!("{} ({}) on {}, seed {seed}", row.package, row.feature, row.scenario);
    let finding = judged.findings.iter().find(|finding| finding.check == find.check);
    let finding = finding.unwrap_or_else(|| panic!("{place}: no check `{}`", find.check));
    let measured: Vec<&Observation> =
        finding.observations.iter().filter(|o| o.measure == find.measure).collect();
    let shown = measured.iter().find(|o| o.verdict == find.verdict).or_else(|| measured.first());
    let shown: &Observation = shown.unwrap_or_else(|| panic!("{place}: nothing measured: {finding:#?}"));
    // What is held is held in every part.
    let as_told = match find.verdict {
        Verdict::Held => measured.iter().all(|o| o.verdict == Verdict::Held),
        _ => shown.verdict == find.verdict,
    };
    let is_sound = !matches!(judged.exit, ExitCode::Harness | ExitCode::Inconclusive);
    let wrong = (!as_told || judged.exit == ExitCode::Harness).then(|| {
        let (check, expected) = (find.check, find.verdict);
        format!("{place}: `{check}` was to be {expected:?}: {:#?}\nexit {:?}", finding, judged.exit)
    });
    Line { row, find, world, kind: finding.kind.clone(), observation: shown.clone(), is_sound, wrong }
}
