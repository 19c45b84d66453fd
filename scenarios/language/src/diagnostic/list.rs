//! The diagnostics of one scenario, together with the texts they point into.

use std::fmt;

use super::render::render;
use super::{Diagnostic, Level};
use crate::source::Sources;

/// The most that are rendered: a file with more is no scenario, and nobody reads on.
const MOST_SHOWN: usize = 500;

/// What is wrong with a scenario: at least one diagnostic, in the order of the places they point at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    sources: Sources,
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// These diagnostics, sorted by place; none for an empty list.
    #[must_use]
    pub fn new(sources: &Sources, list: Vec<Diagnostic>) -> Option<Self> {
        (!list.is_empty()).then(|| Self::sorted(sources.clone(), list))
    }

    /// These diagnostics, of which there is at least one, sorted by place.
    pub(crate) fn sorted(sources: Sources, mut list: Vec<Diagnostic>) -> Self {
        list.sort_by_key(|d| d.spot().map(|s| (s.source, s.start, s.end)));
        // Two decoders may stumble over the same mistake; the reader needs to hear of it once.
        list.dedup();
        Self { sources, list }
    }

    /// As text for a person, one block for each, with carets; with ANSI colours where wanted.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let shown = self.list.iter().take(MOST_SHOWN);
        let mut blocks: Vec<String> = shown.map(|d| render(d, &self.sources, colour)).collect();
        if let Some(more) = self.list.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
            blocks.push(format!("and {more} more like these"));
        }
        blocks.join("\n\n") + "\n"
    }

    /// Each diagnostic, in the order of the places.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// The texts they point into.
    #[must_use]
    pub const fn sources(&self) -> &Sources {
        &self.sources
    }

    /// How many of them are errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.list.iter().filter(|d| d.level() == Level::Error).count()
    }

    /// How many of them are warnings.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.list.len() - self.errors()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}
