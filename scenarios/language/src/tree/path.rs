//! Paths: keys joined by dots, as `--set` and the axes of a matrix name one value of the scenario.
//!
//! An entry of an array of tables goes by its `name`, a key with a dot in it stands in quotes. A path may lead to a key
//! that is not there yet: whether the language has it is the decoder's to say.

use super::{Entry, Node, Spans, Table, Value};
use crate::diagnostic::{Diagnostic, codes};
use crate::nearest::did_you_mean;
use crate::source::Spot;

/// The deepest path; TOML itself goes no deeper than 80.
const MAX_DEPTH: usize = 32;

/// A path that was written somewhere.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    segments: Vec<Segment>,
}

/// One part of a path.
#[derive(Debug, Clone)]
struct Segment {
    key: String,
    at: Spot,
}

/// Where a path was written: all of it, and the byte its text begins at where each part of it can be pointed at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    pub(crate) all: Spot,
    pub(crate) begins: Option<usize>,
}

impl Path {
    /// The parts of a path: split at dots; a part in quotes may have dots in it.
    pub(crate) fn parse(text: &str, place: Written) -> Result<Self, Box<Diagnostic>> {
        let mut segments = Vec::new();
        let (mut start, mut quote) = (0, None);
        for (at, c) in text.char_indices().chain([(text.len(), '.')]) {
            match (quote, c) {
                (None, '.') => {
                    segments.push(segment(&text[start..at], start, place)?);
                    start = at + 1;
                }
                (None, '"' | '\'') => quote = Some(c),
                (Some(open), _) if c == open => quote = None,
                _ => {}
            }
        }
        match quote {
            Some(open) => Err(bad(format!("the quote {open} in the path is never closed"), place.all).into()),
            None if segments.len() > MAX_DEPTH => {
                let message =
                    format!("the path has {} parts; at most {MAX_DEPTH} make sense", segments.len());
                Err(bad(message, place.all).into())
            }
            None => Ok(Self { segments }),
        }
    }

    /// The same path has the same text, however it was quoted.
    pub(crate) fn text(&self) -> String {
        let keys: Vec<String> = self.keys().map(Spans::quoted).collect();
        keys.join(".")
    }

    /// Its keys, outermost first.
    pub(crate) fn keys(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.segments.iter().map(|segment| segment.key.as_str())
    }

    /// Whether one of the two is the other, or a table above it.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.keys().zip(other.keys()).all(|(one, other)| one == other)
    }

    /// Puts a value there; tables on the way are made where they are missing.
    pub(crate) fn put(&self, tree: &mut Node, value: Node) -> Result<(), Box<Diagnostic>> {
        put(tree, &self.segments, value)
    }
}

fn segment(raw: &str, start: usize, place: Written) -> Result<Segment, Box<Diagnostic>> {
    let trimmed = raw.trim();
    let quoted = |q: char| trimmed.strip_prefix(q).and_then(|rest| rest.strip_suffix(q));
    let key = quoted('"').or_else(|| quoted('\'')).unwrap_or(trimmed);
    let lead = raw.len() - raw.trim_start().len();
    let at = place.begins.map_or(place.all, |begins| {
        let first = begins + start + lead;
        Spot::new(place.all.source, first..first + trimmed.len())
    });
    if key.is_empty() {
        return Err(bad("a part of the path is empty".to_owned(), at)
            .help("write keys joined by dots, such as `phase.steady.duration=5s`")
            .into());
    }
    Ok(Segment { key: key.to_owned(), at })
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
        let diagnostic = bad(format!("nothing in this list is named `{}`", segment.key), segment.at);
        let hint = did_you_mean(&segment.key, names.iter().map(String::as_str));
        let whole = names.is_empty().then(|| "its entries have no names: set the whole list".to_owned());
        Box::new(diagnostic.help_if(hint).help_if(whole))
    })
}

fn bad(message: String, at: Spot) -> Diagnostic {
    Diagnostic::new(&codes::BAD_SET, message).at(at, "")
}
