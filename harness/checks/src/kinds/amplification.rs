//! `amplification`: attempts per call.
//!
//! Layers that each retry three times turn one call into 4³ attempts and a stumble into an outage (Google SRE book,
//! chapter 22). Counted over calls with at least one attempt at the edge, each with all its attempts, whole ttls of the
//! retry budget long and leaving out the first one, in which the budget still holds what it saved up; a stretch shorter
//! than two ttls is counted as a whole. The 95 % interval comes from a block bootstrap over a hundred cells of time.
//! Held if the whole interval is within the bound, Failed if none of it is.
//!
//! Attempts belong to a phase by the first attempt of their call.

use std::time::Duration;

use upstorm_model::policy::BudgetKind;
use upstorm_model::scenario::CheckKind;
use upstorm_model::verdict::{BoundSource, Exhibit, Measure, Observation, Unit};
use upstorm_model::{Offset, Stream};

use crate::evidence::Edge;
use crate::reading::at_most;
use crate::statistics::Redrawn;
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "amplification",
    title: "amplification",
    summary: "attempts per call at an edge, with a block bootstrap interval",
    measures: &[Measure::Amplification],
    always_on: false,
    observe,
};

/// Fewer calls make no ratio.
const LEAST: u64 = 30;
/// Cells of time that the bootstrap draws from.
const CELLS: usize = 100;
/// The ttl where the subject has no budget of its own.
const TTL: Duration = Duration::from_secs(10);

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(CheckKind::Amplification(asked)), Some(edge)) = (&case.check.kind, case.edge()) else {
        return Vec::new();
    };
    let cells = cells(&counted(case, edge), edge);
    let (attempts, calls) = cells.iter().fold((0.0, 0.0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
    let mut dice = case.plan().seed.dice(Stream::named(&["checks", "amplification", &case.check.name]), 0, 0);
    let mut reading = Reading::of(Measure::Amplification, Unit::Times, calls as u64)
        .value((calls > 0.0).then(|| attempts / calls))
        .needs(LEAST)
        .doubted(edge.doubt())
        .exhibits(most_tried(case, edge));
    let redrawn = Redrawn::of(&cells, &mut dice);
    if let Some((low, high)) = redrawn.as_ref().and_then(|r| r.interval(0.95)) {
        reading = reading.interval(low, high, 0.95);
    }
    reading = reading.chance(redrawn.map(|r| r.chance_above(attempts / calls, asked.max)));
    vec![case.judge(reading, at_most(asked.max, BoundSource::Scenario))]
}

/// The stretches that are counted: whole ttls after one ttl, or all of a shorter stretch.
fn counted(case: &Case<'_>, edge: &Edge<'_>) -> Vec<(Offset, Offset)> {
    let budget = case.plan().policy_of(edge.hop.0).map(|p| &p.retry.budget);
    let ttl = budget.filter(|b| b.kind != BudgetKind::None && !b.ttl.is_zero()).map_or(TTL, |b| b.ttl.get());
    let whole = |(from, to): (Offset, Offset)| {
        let ttls = to.since(from).as_nanos() / ttl.as_nanos();
        match u32::try_from(ttls) {
            Ok(ttls) if ttls >= 2 => (from + ttl, from + ttl * ttls),
            _ => (from, to),
        }
    };
    case.period.settled(case.plan().end, Duration::ZERO).into_iter().map(whole).collect()
}

/// Attempts and calls by cell of time, all stretches laid end to end.
fn cells(stretches: &[(Offset, Offset)], edge: &Edge<'_>) -> Vec<(f64, f64)> {
    let total: Duration = stretches.iter().map(|(from, to)| to.since(*from)).sum();
    let mut cells = vec![(0.0, 0.0); CELLS];
    for call in edge.calls() {
        let head = call.first().head;
        let mut before = Duration::ZERO;
        for (from, to) in stretches {
            if (*from..*to).contains(&head) {
                let position = (before + head.since(*from)).as_secs_f64() / total.as_secs_f64();
                let cell = &mut cells[((position * CELLS as f64) as usize).min(CELLS - 1)];
                *cell = (cell.0 + call.attempts() as f64, cell.1 + 1.0);
            }
            before += to.since(*from);
        }
    }
    cells
}

fn most_tried(case: &Case<'_>, edge: &Edge<'_>) -> Vec<Exhibit> {
    let calls = edge.calls().filter(|c| c.attempts() > 1 && case.period.contains(c.first().head));
    let mut tried: Vec<Exhibit> = calls
        .map(|c| Exhibit { at: c.first().head, call: c.first().keys.call, value: c.attempts() as f64 })
        .collect();
    tried.sort_by(|a, b| b.value.total_cmp(&a.value));
    tried
}
