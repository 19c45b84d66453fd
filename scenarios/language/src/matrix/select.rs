//! Selecting: which variants `baseline`, `exclude` and `gate` mean.

use super::matches;
use super::variant::listed;
use crate::decode::{Axis, SelectedBy, Selector};
use crate::diagnostic::{Diagnostic, codes};
use crate::nearest::did_you_mean;
use crate::reading::Reading;
use crate::tree::{Node, Path};

/// A variant that is not decoded yet: one value of each axis.
#[derive(Debug)]
pub(super) struct Choice<'a> {
    pub(super) label: String,
    pub(super) values: Vec<usize>,
    pub(super) sets: Vec<&'a (Path, Node)>,
}

/// All choices of a matrix.
pub(super) struct Choices<'a> {
    pub(super) axes: &'a [Axis],
    pub(super) all: Vec<Choice<'a>>,
}

impl Choices<'_> {
    /// The choices that a selector means.
    fn selected(&self, selector: &Selector) -> Vec<usize> {
        let fits = |choice: &Choice<'_>| match &selector.by {
            SelectedBy::Label(pattern) => matches(pattern, &choice.label),
            SelectedBy::Settings(settings) => settings.iter().all(|(path, node)| {
                choice.sets.iter().any(|(set, value)| set.text() == path.text() && node.says_the_same(value))
            }),
        };
        self.all.iter().enumerate().filter(|(_, choice)| fits(choice)).map(|(index, _)| index).collect()
    }

    /// Leaves out the choices that any of these means; one that means none is reported.
    pub(super) fn exclude(&mut self, selectors: &[Selector], reading: &Reading<'_>) {
        let left_out: Vec<usize> =
            selectors.iter().flat_map(|selector| self.meant(selector, reading)).collect();
        let mut index = 0..;
        self.all.retain(|_| index.next().is_some_and(|index: usize| !left_out.contains(&index)));
    }

    /// Whether each choice is meant by any of these; all are where nothing is said.
    pub(super) fn gates(&self, selectors: Option<&[Selector]>, reading: &Reading<'_>) -> Vec<bool> {
        let Some(selectors) = selectors else { return vec![true; self.all.len()] };
        let meant: Vec<usize> = selectors.iter().flat_map(|selector| self.meant(selector, reading)).collect();
        (0..self.all.len()).map(|index| meant.contains(&index)).collect()
    }

    /// The choices that a selector means, of which there must be one.
    fn meant(&self, selector: &Selector, reading: &Reading<'_>) -> Vec<usize> {
        let meant = self.selected(selector);
        if meant.is_empty() {
            reading.report(self.nobody(selector));
        }
        meant
    }

    /// Which choice each is compared with: the one that has the baseline's values and is otherwise the same.
    pub(super) fn baselines(&self, selector: Option<&Selector>, reading: &Reading<'_>) -> Vec<usize> {
        let Some(selector) = selector else { return vec![0; self.all.len()] };
        let meant = self.meant(selector, reading);
        if meant.is_empty() {
            return vec![0; self.all.len()];
        }
        let decided = self.decided(selector);
        let of = |choice: &Choice<'_>| {
            let agrees = |other: &Choice<'_>| {
                let pairs = choice.values.iter().zip(&other.values).zip(&decided);
                pairs.into_iter().all(|((one, other), decided)| *decided || one == other)
            };
            let found: Vec<usize> = meant.iter().copied().filter(|index| agrees(&self.all[*index])).collect();
            if found.len() != 1 {
                reading.report(self.not_one(selector, choice, &found));
            }
            found.first().copied().unwrap_or(0)
        };
        self.all.iter().map(of).collect()
    }

    /// Which axes the baseline decides: those that set one of its paths; all of them by label.
    fn decided(&self, selector: &Selector) -> Vec<bool> {
        let SelectedBy::Settings(settings) = &selector.by else { return vec![true; self.axes.len()] };
        let decides = |axis: &Axis| {
            let mut sets = axis.values.iter().flat_map(|value| &value.sets);
            sets.any(|(set, _)| settings.iter().any(|(path, _)| path.text() == set.text()))
        };
        self.axes.iter().map(decides).collect()
    }

    fn not_one(&self, selector: &Selector, choice: &Choice<'_>, found: &[usize]) -> Diagnostic {
        let message = match (&selector.by, found.len()) {
            (_, 0) => format!("the variant `{}` has no baseline: it is excluded", choice.label),
            (SelectedBy::Label(_), n) => format!("{n} variants are meant, and the baseline is one"),
            (SelectedBy::Settings(_), n) => {
                format!("for the variant `{}` there are {n} baselines", choice.label)
            }
        };
        let labels = found.iter().map(|index| self.all[*index].label.as_str());
        let note = (!found.is_empty()).then(|| format!("they are {}", listed(labels)));
        let diagnostic = Diagnostic::new(&codes::NO_SUCH_VARIANT, message).at(selector.at, "");
        note.into_iter().fold(diagnostic, Diagnostic::note)
    }

    fn nobody(&self, selector: &Selector) -> Diagnostic {
        let labels = || self.all.iter().map(|choice| choice.label.as_str());
        let diagnostic = match &selector.by {
            SelectedBy::Label(label) => {
                let message = format!("no variant is called `{}`", label.escape_debug());
                Diagnostic::new(&codes::NO_SUCH_VARIANT, message).help_if(did_you_mean(label, labels()))
            }
            SelectedBy::Settings(settings) => {
                let unknown = settings.iter().find(|(path, _)| !self.sets(path));
                let message = match unknown {
                    Some((path, _)) => format!("no variant sets `{}`", path.text()),
                    None => "no variant has these values".to_owned(),
                };
                Diagnostic::new(&codes::NO_SUCH_VARIANT, message)
            }
        };
        let note = if self.all.is_empty() {
            "every variant is excluded".to_owned()
        } else {
            format!("the variants are {}", listed(labels()))
        };
        diagnostic.at(selector.at, "").note(note)
    }

    /// Whether any choice sets this path.
    fn sets(&self, path: &Path) -> bool {
        self.all.iter().any(|choice| choice.sets.iter().any(|(set, _)| set.text() == path.text()))
    }
}
