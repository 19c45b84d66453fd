//! The document itself: everything the reports say about several variants.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::scenario::WorldKind;
use upstorm_model::verdict::{Figure, FigureAcross, Verdict};

use crate::results::{Pace, Tool};
use crate::seeds::SeedsResults;

/// The version of the document. Additive changes do not raise it.
pub const MATRIX_VERSION: u32 = 1;

/// Several variants of one scenario, each run with the same seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MatrixResults {
    /// The version of this form, [`MATRIX_VERSION`].
    pub version: u32,
    /// What made it.
    pub tool: Tool,
    /// The scenario's name.
    pub scenario: String,
    /// What the scenario shows, in a sentence; may be empty.
    #[serde(default)]
    pub summary: String,
    /// The scenario file as the user named it; none for one that is built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario_file: Option<String>,
    /// Where the runs were performed.
    pub world: WorldKind,
    /// The command that runs all of it again.
    pub command: String,
    /// The worst verdict of the variants that count; Held where none does.
    pub verdict: Verdict,
    /// How the process ended.
    pub exit_code: u8,
    /// With how many seeds each variant was to be run.
    pub asked: u32,
    /// Whether it ended before all of them were run.
    pub partial: bool,
    /// How fast the runs were performed, all together, where they were simulated. It differs each time: leave it out
    /// when documents are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<Pace>,
    /// The variants, each baseline before those that are compared with it.
    pub variants: Vec<VariantResults>,
}

/// One of the variants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariantResults {
    /// What it is called.
    pub label: String,
    /// Its folder, below the run folder.
    pub folder: String,
    /// What it sets.
    pub settings: Vec<SettingResult>,
    /// The label of the variant it is compared with; none for a baseline, and where that was not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// Whether its checks decide how the process ends.
    pub gates: bool,
    /// The figures it is compared by.
    pub figures: Vec<FigureAcross>,
    /// Everything on its seeds.
    pub seeds: SeedsResults,
}

/// One value that a variant sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingResult {
    /// Where, as `--set` names it.
    pub path: String,
    /// The value, as the scenario writes it.
    pub value: String,
}

impl MatrixResults {
    /// The variants that are compared with another.
    pub fn compared(&self) -> impl Iterator<Item = (&VariantResults, &str)> {
        self.variants.iter().filter_map(|variant| Some((variant, variant.baseline.as_deref()?)))
    }
}

impl VariantResults {
    /// What it has of a figure.
    #[must_use]
    pub fn figure(&self, figure: Figure) -> Option<&FigureAcross> {
        self.figures.iter().find(|across| across.figure == figure)
    }
}
