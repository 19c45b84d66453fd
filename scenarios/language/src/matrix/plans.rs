//! The plans of all variants, and what would make their runs worthless.

use upstorm_model::Plan;

use super::{Matrix, Variant};
use crate::compile::{self, PlanOptions};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::{Loaded, warn};

/// The plan of each variant, in their order, named after it. The same scenario and options give the same plans.
///
/// # Errors
/// With everything that keeps any variant from being planned, at once.
pub fn plans(matrix: &Matrix, options: &PlanOptions) -> Result<Vec<Plan>, Diagnostics> {
    let mut told = Told::default();
    let mut plans = Vec::new();
    for variant in &matrix.variants {
        match compile::plan(&variant.loaded, options) {
            Ok(plan) => plans.push(Plan { variant: Some(variant.label.clone()), ..plan }),
            Err(diagnostics) => told.add(variant, diagnostics.iter().cloned()),
        }
    }
    match matrix.variants.first().and_then(|first| Diagnostics::new(&first.loaded.sources, told.noted)) {
        Some(diagnostics) => Err(diagnostics),
        None => Ok(plans),
    }
}

/// The warnings of all variants that count, each once. The others may be broken on purpose, and warnings of a twin
/// that is broken on purpose would teach nobody anything. The plans must be those of the matrix.
#[must_use]
pub fn warnings(matrix: &Matrix, plans: &[Plan]) -> Vec<Diagnostic> {
    let mut told = Told::default();
    for (variant, plan) in matrix.variants.iter().zip(plans).filter(|(variant, _)| variant.gates) {
        told.add(variant, warn::warnings(&variant.loaded, plan).into_iter());
    }
    told.noted
}

/// What was said of the variants so far: once each, with the first that it was said of.
#[derive(Default)]
struct Told {
    plain: Vec<Diagnostic>,
    noted: Vec<Diagnostic>,
}

impl Told {
    fn add(&mut self, variant: &Variant, found: impl Iterator<Item = Diagnostic>) {
        for diagnostic in found {
            if !self.plain.contains(&diagnostic) {
                self.plain.push(diagnostic.clone());
                self.noted.push(diagnostic.note(format!("in the variant `{}`", variant.label)));
            }
        }
    }
}

impl Loaded {
    /// How many seeds the file asks for: its matrix before its `[run]`.
    #[must_use]
    pub fn seeds(&self) -> u32 {
        self.matrix.as_ref().and_then(|matrix| matrix.seeds).unwrap_or(self.scenario.run.seeds)
    }
}
