//! What the document on several variants is drawn from, and the drawing.

use upstorm_model::Plan;
use upstorm_model::verdict::{Estimate, FigureAcross, Verdict};

use super::document::{MATRIX_VERSION, MatrixResults, SettingResult, VariantResults};
use crate::results::{Pace, Tool};
use crate::seeds::SeedsResults;

/// What the document on several variants is drawn from.
#[derive(Debug, Clone)]
pub struct MatrixInput<'a> {
    /// The plan of any of the runs.
    pub plan: &'a Plan,
    /// The version of the tool.
    pub tool_version: &'a str,
    /// The command that runs all of it again.
    pub command: String,
    /// The scenario file as the user named it; none for one that is built in.
    pub scenario_file: Option<&'a str>,
    /// How the process ends.
    pub exit_code: u8,
    /// How fast they were performed, all together, where they were simulated.
    pub pace: Option<Pace>,
    /// Whether it ended before every variant was run with all seeds.
    pub partial: bool,
    /// With how many seeds each variant was to be run.
    pub asked: u32,
    /// The variants, in the order of the tables.
    pub variants: Vec<VariantInput>,
}

/// A variant that was run.
#[derive(Debug, Clone)]
pub struct VariantInput {
    /// What it is called.
    pub label: String,
    /// Its folder, below the run folder.
    pub folder: String,
    /// What it sets: paths and values.
    pub settings: Vec<(String, String)>,
    /// The label of the variant it is compared with.
    pub baseline: Option<String>,
    /// Whether its checks decide how the process ends.
    pub gates: bool,
    /// The figures it is compared by.
    pub figures: Vec<FigureAcross>,
    /// Everything on its seeds.
    pub seeds: SeedsResults,
}

impl MatrixResults {
    /// Draws the document.
    #[must_use]
    pub fn build(input: MatrixInput<'_>) -> Self {
        let plan = input.plan;
        let counting = input.variants.iter().filter(|variant| variant.gates);
        let verdict = counting.map(|variant| variant.seeds.verdict).max().unwrap_or(Verdict::Held);
        Self {
            version: MATRIX_VERSION,
            tool: Tool { name: "upstorm".to_owned(), version: input.tool_version.to_owned() },
            scenario: plan.scenario.clone(),
            summary: plan.summary.clone(),
            scenario_file: input.scenario_file.map(str::to_owned),
            world: plan.world,
            command: input.command,
            verdict,
            exit_code: input.exit_code,
            asked: input.asked,
            partial: input.partial,
            pace: input.pace.and_then(Pace::finite),
            variants: input.variants.into_iter().map(variant).collect(),
        }
    }
}

fn variant(input: VariantInput) -> VariantResults {
    let VariantInput { label, folder, settings, baseline, gates, figures, seeds } = input;
    let settings = settings.into_iter().map(|(path, value)| SettingResult { path, value }).collect();
    let figures = figures.iter().map(finite).collect();
    VariantResults { label, folder, settings, baseline, gates, figures, seeds }
}

/// JSON has no infinity: a value that is none is left out.
fn finite(across: &FigureAcross) -> FigureAcross {
    let some = |value: Option<f64>| value.filter(|value| value.is_finite());
    let clean = |estimate: Option<Estimate>| {
        let kept = estimate.filter(|estimate| estimate.value.is_finite());
        kept.map(|e| Estimate { low: some(e.low), high: some(e.high), ..e })
    };
    FigureAcross {
        figure: across.figure,
        mean: clean(across.mean),
        difference: clean(across.difference),
        ratio: clean(across.ratio),
        values: across.values.iter().map(|value| some(*value)).collect(),
    }
}
