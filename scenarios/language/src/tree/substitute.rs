//! `${vars.x}`, `${ENV}` and `${ENV:-default}`: replaced inside texts after parsing, so that spans stay true.
//!
//! `$${` stands for `${` itself. Placeholders of rendered files (`${file.…}`, `${upstream.…}`, `${gateway.…}`) are
//! somebody else's and are left as they are.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::placeholder::{Part, Placeholder, parts};
use super::{Node, Table, Value};
use crate::diagnostic::{Diagnostic, codes};
use crate::nearest::did_you_mean;
use crate::reading::Reading;
use crate::source::Spot;

/// The longest text that replacing may make, in bytes: variables that double each other would fill any memory.
const LONGEST: usize = 64 * 1024;

/// Takes `vars` out of the tree and fills in every placeholder of the rest.
pub(crate) fn substitute(tree: &mut Node, reading: &Reading<'_>) {
    let Value::Table(root) = &mut tree.value else { return };
    let vars = root.0.remove("vars").map(|entry| entry.node);
    let filler = Filler { vars: variables(vars, reading), known: RefCell::default(), reading };
    let names: Vec<String> = filler.vars.0.keys().cloned().collect();
    for name in names {
        // Also those that nobody uses, so that a mistake in one is told.
        filler.variable(&name, &mut Vec::new());
    }
    filler.fill_all(tree);
}

fn variables(vars: Option<Node>, reading: &Reading<'_>) -> Table {
    let Some(node) = vars else { return Table::default() };
    let Value::Table(mut table) = node.value else {
        let message = format!("`vars` must be a table of your own names, but this is {}", node.value.kind());
        reading.report(
            Diagnostic::new(&codes::WRONG_TYPE, message)
                .at(node.at, "")
                .help("write `vars = { rate = \"200/s\" }`"),
        );
        return Table::default();
    };
    table.0.retain(|name, entry| {
        let plain = !matches!(entry.node.value, Value::List(_) | Value::Table(_));
        if !plain {
            let message =
                format!("`vars.{name}` is {}, but a variable is one plain value", entry.node.value.kind());
            reading.report(Diagnostic::new(&codes::WRONG_TYPE, message).at(entry.node.at, ""));
        }
        plain
    });
    table
}

struct Filler<'a> {
    vars: Table,
    /// Variables that are already filled in; none for one that cannot be.
    known: RefCell<BTreeMap<String, Option<Value>>>,
    reading: &'a Reading<'a>,
}

impl Filler<'_> {
    fn fill_all(&self, node: &mut Node) {
        let at = node.at;
        match &mut node.value {
            Value::Text(text) => {
                node.value = self.fill(text, at, &mut Vec::new()).unwrap_or(Value::Unknown);
            }
            Value::List(list) => list.iter_mut().for_each(|element| self.fill_all(element)),
            Value::Table(table) => table.0.values_mut().for_each(|entry| self.fill_all(&mut entry.node)),
            _ => {}
        }
    }

    /// A text with its placeholders replaced. One that is nothing but a placeholder takes the variable's own type.
    fn fill(&self, text: &str, at: Spot, stack: &mut Vec<String>) -> Option<Value> {
        if !text.contains("${") {
            return Some(Value::Text(text.to_owned()));
        }
        let Ok(parts) = parts(text) else { return self.unclosed(at) };
        if let [Part::Placeholder(only)] = parts.as_slice() {
            return self.look_up(*only, at, stack);
        }
        let mut out = String::new();
        for part in parts {
            match part {
                Part::Literal(literal) => out.push_str(literal),
                Part::Placeholder(placeholder) => {
                    out.push_str(&plain(self.look_up(placeholder, at, stack)?))
                }
            }
            if out.len() > LONGEST {
                let message = format!("the text grows past {LONGEST} bytes when its variables are filled in");
                self.reading.report(Diagnostic::new(&codes::BAD_PLACEHOLDER, message).at(at, ""));
                return None;
            }
        }
        Some(Value::Text(out))
    }

    fn unclosed(&self, at: Spot) -> Option<Value> {
        self.reading.report(
            Diagnostic::new(&codes::BAD_PLACEHOLDER, "a `${` is never closed")
                .at(at, "")
                .help("close it with `}`, or write `$${` for the characters themselves"),
        );
        None
    }

    fn look_up(&self, placeholder: Placeholder<'_>, at: Spot, stack: &mut Vec<String>) -> Option<Value> {
        let fallback = || placeholder.default.map(|text| Value::Text(text.to_owned()));
        let place = self.within(placeholder.whole, at);
        if let Some(var) = placeholder.name.strip_prefix("vars.") {
            if !self.vars.0.contains_key(var) {
                return fallback().or_else(|| self.unknown_variable(var, place));
            }
            if stack.iter().any(|seen| seen == var) {
                let message = format!("`vars.{var}` is made from itself");
                self.reading.report(Diagnostic::new(&codes::BAD_PLACEHOLDER, message).at(place, ""));
                return None;
            }
            return self.variable(var, stack);
        }
        if !placeholder.is_env() {
            return self.neither(placeholder.whole, place);
        }
        let value = (self.reading.options().env)(placeholder.name).map(Value::Text);
        value.or_else(fallback).or_else(|| self.unset(placeholder.name, place))
    }

    fn neither(&self, whole: &str, at: Spot) -> Option<Value> {
        let message = format!("`{whole}` is neither a variable of the scenario nor of the environment");
        let help =
            "write `${vars.name}`, `${NAME}` or `${NAME:-default}`, or `$${` for the characters themselves";
        self.reading.report(Diagnostic::new(&codes::BAD_PLACEHOLDER, message).at(at, "").help(help));
        None
    }

    fn variable(&self, name: &str, stack: &mut Vec<String>) -> Option<Value> {
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        let node = self.vars.get(name)?;
        stack.push(name.to_owned());
        let value = match &node.value {
            Value::Text(text) => self.fill(text, node.at, stack),
            other => Some(other.clone()),
        };
        stack.pop();
        self.known.borrow_mut().insert(name.to_owned(), value.clone());
        value
    }

    fn unknown_variable(&self, name: &str, at: Spot) -> Option<Value> {
        let hint = did_you_mean(name, self.vars.0.keys().map(String::as_str));
        let fix = format!("define it: `[vars]` with `{name} = \"…\"`");
        let diagnostic =
            Diagnostic::new(&codes::UNKNOWN_VARIABLE, format!("there is no variable `vars.{name}`"));
        self.reading.report(diagnostic.at(at, "").help(hint.unwrap_or(fix)));
        None
    }

    fn unset(&self, name: &str, at: Spot) -> Option<Value> {
        let message = format!("the environment has no variable `{name}`");
        let help = format!("set it, or give a default: `${{{name}:-default}}`");
        self.reading.report(Diagnostic::new(&codes::UNKNOWN_VARIABLE, message).at(at, "").help(help));
        None
    }

    /// Where a placeholder stands, if the text was written without escapes; else the whole text.
    fn within(&self, whole: &str, at: Spot) -> Spot {
        let offset = self.reading.text_at(at).find(whole);
        offset.map_or(at, |n| Spot::new(at.source, at.start + n..at.start + n + whole.len()))
    }
}

/// A value as it stands inside a longer text.
fn plain(value: Value) -> String {
    match value {
        Value::Text(text) | Value::Date(text) => text,
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::List(_) | Value::Table(_) | Value::Unknown => String::new(),
    }
}
