//! What the document on several seeds is drawn from, and the drawing.

use upstorm_model::Plan;
use upstorm_model::verdict::{CheckAcross, MeasureAcross, SeedRun, Verdict};

use super::document::{SEEDS_VERSION, SeedRow, SeedsResults, verdict_of};
use crate::results::{Pace, Results, Tool};

/// What the document on several seeds is drawn from.
#[derive(Debug, Clone)]
pub struct SeedsInput<'a> {
    /// The plan of any of the runs: they differ only in their seed.
    pub plan: &'a Plan,
    /// The version of the tool.
    pub tool_version: &'a str,
    /// The command that runs all seeds again.
    pub command: String,
    /// The command that runs one of them, up to the seed: ` --seed N` is put behind it.
    pub seed_command: String,
    /// The scenario file as the user named it; none for one that is built in.
    pub scenario_file: Option<&'a str>,
    /// The runs, in the order of their seeds.
    pub runs: &'a [SeedRun],
    /// What each check found over all of them.
    pub across: Vec<CheckAcross>,
    /// How the process ends.
    pub exit_code: u8,
    /// How fast they were performed, all together, where they were simulated.
    pub pace: Option<Pace>,
    /// Whether it ended before all seeds were run.
    pub partial: bool,
    /// How many seeds were asked for.
    pub asked: u32,
}

impl SeedsResults {
    /// Draws the document.
    #[must_use]
    pub fn build(input: &SeedsInput<'_>) -> Self {
        let plan = input.plan;
        Self {
            version: SEEDS_VERSION,
            tool: Tool { name: "upstorm".to_owned(), version: input.tool_version.to_owned() },
            scenario: plan.scenario.clone(),
            variant: plan.variant.clone().unwrap_or_default(),
            summary: plan.summary.clone(),
            scenario_file: input.scenario_file.map(str::to_owned),
            world: plan.world,
            command: input.command.clone(),
            seed_command: input.seed_command.clone(),
            verdict: verdict_of(&input.across),
            exit_code: input.exit_code,
            asked: input.asked,
            partial: input.partial,
            pace: input.pace.and_then(Pace::finite),
            checks: input.across.iter().map(finite).collect(),
            runs: input.runs.iter().map(row).collect(),
        }
    }
}

fn row(run: &SeedRun) -> SeedRow {
    let of = |verdict: Verdict| {
        let found = run.findings.iter().filter(|f| f.verdict == verdict);
        found.map(|f| f.check.clone()).collect()
    };
    SeedRow {
        seed: run.seed,
        exit_code: run.exit_code,
        verdict: Results::verdict_of(&run.findings),
        failed: of(Verdict::Failed),
        inconclusive: of(Verdict::Inconclusive),
    }
}

/// JSON has no infinity: a value that is none is left out.
fn finite(check: &CheckAcross) -> CheckAcross {
    let some = |v: Option<f64>| v.filter(|v| v.is_finite());
    let clean = |m: &MeasureAcross| {
        let mut m = m.clone();
        (m.min, m.max) = (some(m.min), some(m.max));
        m.bound = m.bound.filter(|b| b.value.is_finite());
        m.values.iter_mut().for_each(|v| *v = some(*v));
        m.quantiles.retain(|q| q.value.is_finite());
        m.quantiles.iter_mut().for_each(|q| (q.low, q.high) = (some(q.low), some(q.high)));
        m
    };
    CheckAcross { measures: check.measures.iter().map(clean).collect(), ..check.clone() }
}
