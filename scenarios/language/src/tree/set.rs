//! `--set path=value`: one key of the scenario, changed from the command line.
//!
//! Each `--set` is a source of its own, so a mistake in it is shown under the text of the option.

use super::parse::parse_value;
use super::path::{Path, Written};
use super::{Node, Value};
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::source::{SourceId, Spot};

/// Applies every `--set` in order. One that leads nowhere is reported and left out.
pub(crate) fn apply_sets(tree: &mut Node, reading: &Reading<'_>) {
    for text in reading.options().sets {
        let source = reading.add_source("--set", text);
        if let Err(diagnostic) = apply(tree, text, source) {
            reading.report(*diagnostic);
        }
    }
}

fn apply(tree: &mut Node, text: &str, source: SourceId) -> Result<(), Box<Diagnostic>> {
    let all = Spot::new(source, 0..text.len());
    let (path, value) = split_at_equals(text).ok_or_else(|| {
        let message = format!("`{text}` is not of the form path=value");
        bad(message, all).help("write `--set gateway.edge.preset=none`")
    })?;
    let place = Written { all: Spot::new(source, 0..path.len()), begins: Some(0) };
    let offset = path.len() + 1;
    let path = Path::parse(path, place)?;
    path.put(tree, value_of(value, source, offset)?)
}

/// The path and the value: the first `=` outside quotes parts them.
fn split_at_equals(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '=') => return Some((&text[..at], &text[at + 1..])),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

/// A TOML value, or else the text as it stands: `5s` needs no quotes on a command line.
fn value_of(text: &str, source: SourceId, offset: usize) -> Result<Node, Box<Diagnostic>> {
    let trimmed = text.trim();
    let offset = offset + (text.len() - text.trim_start().len());
    let at = Spot::new(source, offset..offset + trimmed.len());
    match parse_value(source, trimmed, offset) {
        Ok(node) => Ok(node),
        // What begins like a quoted text, a list or a table was meant as one.
        Err(message) if trimmed.starts_with(['"', '\'', '[', '{']) => {
            Err(bad(format!("the value is no TOML: {message}"), at).into())
        }
        Err(_) => Ok(Node { at, value: Value::Text(trimmed.to_owned()) }),
    }
}

fn bad(message: String, at: Spot) -> Diagnostic {
    Diagnostic::new(&codes::BAD_SET, message).at(at, "")
}
