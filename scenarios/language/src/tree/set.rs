//! `--set path=value`: one key of the scenario, changed from the command line.
//!
//! Each `--set` is a source of its own, so a mistake in it is shown under the text of the option.

use super::parse::parse_value;
use super::{Entry, Node, Table, Value};
use crate::diagnostic::{Diagnostic, codes};
use crate::nearest::did_you_mean;
use crate::reading::Reading;
use crate::source::{SourceId, Spot};

/// The deepest path; TOML itself goes no deeper than 80.
const MAX_DEPTH: usize = 32;

/// One part of a path.
struct Segment {
    key: String,
    at: Spot,
}

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
        bad(message, all, "").help("write `--set gateway.edge.preset=none`")
    })?;
    let segments = segments(path, source)?;
    let offset = path.len() + 1;
    let value = value_of(value, source, offset)?;
    put(tree, &segments, value)
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

/// The parts of a path: split at dots; a part in quotes may have dots in it.
fn segments(path: &str, source: SourceId) -> Result<Vec<Segment>, Box<Diagnostic>> {
    let mut out = Vec::new();
    let (mut start, mut quote) = (0, None);
    for (at, c) in path.char_indices().chain([(path.len(), '.')]) {
        match (quote, c) {
            (None, '.') => {
                out.push(segment(&path[start..at], start, source)?);
                start = at + 1;
            }
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            _ => {}
        }
    }
    let all = Spot::new(source, 0..path.len());
    match quote {
        Some(open) => Err(bad(format!("the quote {open} in the path is never closed"), all, "").into()),
        None if out.len() > MAX_DEPTH => {
            Err(bad(format!("the path has {} parts; at most {MAX_DEPTH} make sense", out.len()), all, "")
                .into())
        }
        None => Ok(out),
    }
}

fn segment(raw: &str, start: usize, source: SourceId) -> Result<Segment, Box<Diagnostic>> {
    let trimmed = raw.trim();
    let quoted = |q: char| trimmed.strip_prefix(q).and_then(|rest| rest.strip_suffix(q));
    let key = quoted('"').or_else(|| quoted('\'')).unwrap_or(trimmed);
    let lead = raw.len() - raw.trim_start().len();
    let at = Spot::new(source, start + lead..start + lead + trimmed.len());
    if key.is_empty() {
        return Err(bad("a part of the path is empty".to_owned(), at, "")
            .help("write keys joined by dots, such as `phase.steady.duration=5s`")
            .into());
    }
    Ok(Segment { key: key.to_owned(), at })
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
            Err(bad(format!("the value is no TOML: {message}"), at, "").into())
        }
        Err(_) => Ok(Node { at, value: Value::Text(trimmed.to_owned()) }),
    }
}

fn put(node: &mut Node, path: &[Segment], value: Node) -> Result<(), Box<Diagnostic>> {
    let Some((segment, rest)) = path.split_first() else {
        *node = value;
        return Ok(());
    };
    let kind = node.value.kind();
    match &mut node.value {
        Value::Table(table) => {
            let entry = table.0.entry(segment.key.clone()).or_insert_with(|| new_table(segment.at));
            if rest.is_empty() {
                entry.key_at = segment.at;
            }
            put(&mut entry.node, rest, value)
        }
        Value::List(list) => put(element(list, segment)?, rest, value),
        _ => Err(bad(
            format!("there is no `{}` here: the value above it is {kind}, not a table", segment.key),
            segment.at,
            "",
        )
        .help("set the whole value instead, for example `--set 'client.shoppers.rate={from=\"1/s\", to=\"9/s\"}'`")
        .into()),
    }
}

fn new_table(at: Spot) -> Entry {
    Entry { key_at: at, node: Node { at, value: Value::Table(Table::default()) } }
}

/// The element of an array of tables that has this name.
fn element<'t>(list: &'t mut [Node], segment: &Segment) -> Result<&'t mut Node, Box<Diagnostic>> {
    let names: Vec<String> = list.iter().filter_map(Node::name).map(str::to_owned).collect();
    let found = list.iter_mut().find(|node| node.name() == Some(&segment.key));
    found.ok_or_else(|| {
        let diagnostic = bad(format!("nothing in this list is named `{}`", segment.key), segment.at, "");
        let hint = did_you_mean(&segment.key, names.iter().map(String::as_str));
        let whole = names.is_empty().then(|| "its entries have no names: set the whole list".to_owned());
        Box::new(diagnostic.help_if(hint).help_if(whole))
    })
}

fn bad(message: String, at: Spot, label: &str) -> Diagnostic {
    Diagnostic::new(&codes::BAD_SET, message).at(at, label)
}
