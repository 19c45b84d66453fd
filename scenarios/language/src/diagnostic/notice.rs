//! One diagnostic: a code, a sentence, the places it speaks of, and what to do.

use super::Code;
use crate::source::Spot;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The scenario cannot run.
    Error,
    /// It can, but the run would be worth less than it looks.
    Warning,
}

/// A place, and what is to be said of it (perhaps nothing).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub spot: Spot,
    /// What; empty to only underline it.
    pub text: String,
}

/// One thing that is wrong with a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its kind.
    pub code: &'static Code,
    /// What is wrong, naming the thing and the value.
    pub message: String,
    /// Where: the first is where to look, the others explain it.
    pub labels: Vec<Label>,
    /// What is good to know beside it.
    pub notes: Vec<String>,
    /// What to write instead.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A diagnostic of this code without a place yet.
    #[must_use]
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), labels: Vec::new(), notes: Vec::new(), help: Vec::new() }
    }

    /// With a place; the first one given is where to look.
    #[must_use]
    pub fn at(mut self, spot: Spot, text: impl Into<String>) -> Self {
        self.labels.push(Label { spot, text: text.into() });
        self
    }

    /// With something that is good to know.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// With what to write instead.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// With what to write instead, where there is such advice.
    #[must_use]
    pub fn help_if(mut self, text: Option<impl Into<String>>) -> Self {
        self.help.extend(text.map(Into::into));
        self
    }

    /// How bad it is, which its code says.
    #[must_use]
    pub fn level(&self) -> Level {
        self.code.level()
    }

    /// Where to look, if it is about a place.
    #[must_use]
    pub fn spot(&self) -> Option<Spot> {
        self.labels.first().map(|label| label.spot)
    }
}
