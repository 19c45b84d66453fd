//! The table reader: hands out keys one by one and, at the end, reports those that nobody asked for.
//!
//! A decoder thus states its keys exactly once, in the order of the documentation; what it does not state is an
//! unknown key with a did-you-mean, and no list of keys has to be kept beside the code.

use crate::diagnostic::{Diagnostic, codes};
use crate::nearest::did_you_mean;
use crate::reading::Reading;
use crate::source::Spot;
use crate::tree::{Node, Table, Value};

/// A table that is being decoded. Forgetting [`TableReader::finish`] would let unknown keys pass.
#[must_use]
pub(super) struct TableReader<'a> {
    reading: &'a Reading<'a>,
    table: &'a Table,
    at: Spot,
    what: String,
    known: Vec<&'static str>,
    refused: Vec<&'static str>,
    choice: Option<&'static [&'static str]>,
}

impl<'a> TableReader<'a> {
    /// Begins to read `node` as a table; `what` names it in sentences, with an article (`a phase`). Reports a value
    /// that is no table.
    pub(super) fn open(node: &'a Node, what: impl Into<String>, reading: &'a Reading<'a>) -> Option<Self> {
        let what = what.into();
        let Value::Table(table) = &node.value else {
            if node.value == Value::Unknown {
                return None;
            }
            let message = format!("{what} must be a table, but this is {}", node.value.described());
            reading.report(Diagnostic::new(&codes::WRONG_TYPE, message).at(node.at, ""));
            return None;
        };
        let (known, refused) = (Vec::new(), Vec::new());
        Some(Self { reading, table, at: node.at, what, known, refused, choice: None })
    }

    /// What every stage shares.
    pub(super) const fn reading(&self) -> &'a Reading<'a> {
        self.reading
    }

    /// Where the table was written.
    pub(super) const fn at(&self) -> Spot {
        self.at
    }

    /// Says that the table may have this key, and gives its value.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'a Node> {
        self.known.push(key);
        self.table.get(key)
    }

    /// True where the table has this key. Does not say that it may.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// Where a key of the table was written.
    pub(super) fn key_at(&self, key: &str) -> Spot {
        self.table.0.get(key).map_or(self.at, |entry| entry.key_at)
    }

    /// The decoded value of a key that may be left out.
    pub(super) fn optional<T>(
        &mut self,
        key: &'static str,
        decode: impl Fn(&'a Node, &'a Reading<'a>) -> Option<T>,
    ) -> Option<T> {
        self.take(key).and_then(|node| decode(node, self.reading))
    }

    /// The decoded value of a key that must be there.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        decode: impl Fn(&'a Node, &'a Reading<'a>) -> Option<T>,
    ) -> Option<T> {
        let node = self.take(key);
        if node.is_none() && self.refused.is_empty() {
            self.missing(&format!("`{key}`"));
        }
        node.and_then(|node| decode(node, self.reading))
    }

    /// Puts the decoded value of a key over what a preset or default says.
    pub(super) fn lay<T>(
        &mut self,
        key: &'static str,
        over: &mut T,
        decode: impl Fn(&'a Node, &'a Reading<'a>) -> Option<T>,
    ) {
        if let Some(value) = self.optional(key, decode) {
            *over = value;
        }
    }

    /// The same for a setting that may be absent.
    pub(super) fn lay_some<T>(
        &mut self,
        key: &'static str,
        over: &mut Option<T>,
        decode: impl Fn(&'a Node, &'a Reading<'a>) -> Option<T>,
    ) {
        if let Some(value) = self.optional(key, decode) {
            *over = Some(value);
        }
    }

    /// Keys the language knows and this version cannot do: refused by name. To be called first, so that what is
    /// missing because of them is not reported as well.
    pub(super) fn refuse(&mut self, keys: &[&'static str]) {
        for key in keys.iter().filter(|key| self.table.get(key).is_some()) {
            self.refused.push(key);
            self.reading.report(not_supported(&format!("`{key}` in {}", self.what), self.key_at(key)));
        }
    }

    /// The same, with the reason.
    pub(super) fn refuse_because(&mut self, keys: &[&'static str], reason: &str) {
        for key in keys.iter().filter(|key| self.table.get(key).is_some()) {
            self.refused.push(key);
            let refusal = not_supported(&format!("`{key}` in {}", self.what), self.key_at(key));
            self.reading.report(refusal.note(reason));
        }
    }

    /// A key of which only one value can be done: `plain` says whether this is it; anything else is refused.
    pub(super) fn refuse_unless(&mut self, key: &'static str, plain: impl Fn(&Value) -> bool) {
        if self.table.get(key).is_some_and(|node| plain(&node.value)) {
            self.refused.push(key);
        } else {
            self.refuse(&[key]);
        }
    }

    /// The one key of `kinds` that the table has. Two are reported here; none is reported by `finish`, unless
    /// unknown keys explain it.
    pub(super) fn one_of(&mut self, kinds: &'static [&'static str]) -> Option<(&'static str, &'a Node)> {
        self.known.extend(kinds);
        let present: Vec<&'static str> = kinds.iter().filter(|key| self.has(key)).copied().collect();
        match present.as_slice() {
            [] => {
                self.choice = Some(kinds);
                None
            }
            [kind] => self.table.get(kind).map(|node| (*kind, node)),
            [first, others @ ..] => {
                let message =
                    format!("{} has {}, and must have exactly one of them", self.what, quoted_list(&present));
                let diagnostic = Diagnostic::new(&codes::NOT_ONE_CHOICE, message).at(self.key_at(first), "");
                self.reading.report(others.iter().fold(diagnostic, |d, other| d.at(self.key_at(other), "")));
                None
            }
        }
    }

    /// Reports two keys that contradict each other.
    pub(super) fn conflict(&self, (first, second): (&str, &str), message: impl Into<String>) {
        self.reading.report(
            Diagnostic::new(&codes::CONFLICT, message).at(self.key_at(second), "").at(self.key_at(first), ""),
        );
    }

    /// Reports that something must be there.
    pub(super) fn missing(&self, what: &str) {
        let message = format!("{} needs {what}", self.what);
        self.reading.report(Diagnostic::new(&codes::MISSING_KEY, message).at(self.at, ""));
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(self) {
        let mut unknown = false;
        for (key, entry) in &self.table.0 {
            let asked = self.known.contains(&key.as_str()) || self.refused.contains(&key.as_str());
            if !asked && !key.starts_with("x-") {
                unknown = true;
                self.reading.report(self.unknown_key(key, entry.key_at));
            }
        }
        if let Some(kinds) = self.choice.filter(|_| !unknown && self.refused.is_empty()) {
            let message = format!("{} needs exactly one of {}", self.what, listed(kinds, "or"));
            self.reading.report(Diagnostic::new(&codes::NOT_ONE_CHOICE, message).at(self.at, ""));
        }
    }

    fn unknown_key(&self, key: &str, at: Spot) -> Diagnostic {
        let message = format!("{} has no key `{key}`", self.what);
        let mut known = self.known.clone();
        known.sort_unstable();
        known.dedup();
        Diagnostic::new(&codes::UNKNOWN_KEY, message)
            .at(at, "")
            .note(format!("it may have {}", quoted_list(&known)))
            .help_if(did_you_mean(key, known.iter().copied()))
    }
}

/// The refusal of something the language knows.
pub(super) fn not_supported(what: &str, at: Spot) -> Diagnostic {
    Diagnostic::new(&codes::NOT_SUPPORTED, format!("{what} is not supported by this version of upstorm"))
        .at(at, "")
}

/// `a`, `b` and `c`, each in backquotes.
pub(super) fn quoted_list(words: &[&str]) -> String {
    listed(words, "and")
}

fn listed(words: &[&str], joint: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [firsts @ .., last] => format!("{} {joint} {last}", firsts.join(", ")),
    }
}
