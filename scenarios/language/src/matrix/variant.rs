//! What a matrix comes to: its variants, each a scenario of its own.

use super::matches;
use crate::Loaded;
use crate::nearest::nearest;

/// The variants of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// With how many seeds each is run, where the matrix says so.
    pub seeds: Option<u32>,
    /// The variants, each baseline before those that are compared with it.
    pub variants: Vec<Variant>,
}

/// A variant.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// What it is called, such as `preset=none`: the only one of this name, and fit to name a folder.
    pub label: String,
    /// What it sets.
    pub settings: Vec<Setting>,
    /// The index of the variant it is compared with; its own for a baseline.
    pub baseline: usize,
    /// Whether its checks decide how the run ends.
    pub gates: bool,
    /// The scenario that it is.
    pub loaded: Loaded,
}

/// One value that a variant sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Where, as `--set` names it.
    pub path: String,
    /// The value, as the scenario writes it.
    pub value: String,
}

impl Matrix {
    /// The indices of the variants whose label fits one of these patterns; of all without any.
    ///
    /// # Errors
    /// With a pattern that fits no label, as a sentence that names what is near.
    pub fn select(&self, patterns: &[String]) -> Result<Vec<usize>, String> {
        let labels = || self.variants.iter().map(|variant| variant.label.as_str());
        if let Some(idle) = patterns.iter().find(|pattern| !labels().any(|label| matches(pattern, label))) {
            let hint = match nearest(idle, labels()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the variants are {}", listed(labels())),
            };
            return Err(format!("no variant is called `{idle}`; {hint}"));
        }
        let fits = |label: &str| patterns.is_empty() || patterns.iter().any(|p| matches(p, label));
        Ok(labels().enumerate().filter(|(_, label)| fits(label)).map(|(index, _)| index).collect())
    }

    /// The variant of this label.
    #[must_use]
    pub fn labelled(&self, label: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.label == label)
    }
}

/// Labels that are named one by one before the rest is only counted.
const MOST_NAMED: usize = 12;

/// `a`, `b` and so on, as far as a reader reads on.
pub(super) fn listed<'a>(labels: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<String> = labels.map(|label| format!("`{label}`")).collect();
    match all.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
        Some(more) => format!("{} and {more} more", all[..MOST_NAMED].join(", ")),
        None => all.join(", "),
    }
}
