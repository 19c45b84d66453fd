//! `[matrix]`: what differs between the variants of a scenario, which of them is the baseline, and which count.
//!
//! Only what is written in the table is decoded here. Which variants there are, and whether each of them is a scenario,
//! is left to the matrix itself.

use super::http::is_plain_name;
use super::run::MOST_SEEDS;
use super::table::TableReader;
use super::value::{count, wrong, wrong_type};
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::source::Spot;
use crate::tree::{Node, Path, Table, Value, Written};

/// `[matrix]`, as it was written.
#[derive(Debug)]
pub(crate) struct WrittenMatrix {
    /// Where.
    pub(crate) at: Spot,
    /// What varies, in the order in which it was written; the named variants come first.
    pub(crate) axes: Vec<Axis>,
    /// What the others are compared with; the first variant where nothing is said.
    pub(crate) baseline: Option<Selector>,
    /// Variants that are left out.
    pub(crate) exclude: Vec<Selector>,
    /// The variants whose checks decide how the run ends; all where nothing is said.
    pub(crate) gate: Option<Vec<Selector>>,
    /// With how many seeds each is run.
    pub(crate) seeds: Option<u32>,
    /// Whether all of it could be decoded. What could be is still looked at, so that all errors are told.
    pub(crate) whole: bool,
}

/// One thing that varies.
#[derive(Debug)]
pub(crate) struct Axis {
    /// The path whose value varies; none for `variants`, which each set paths of their own.
    pub(crate) path: Option<Path>,
    /// Where.
    pub(crate) at: Spot,
    /// What it may be.
    pub(crate) values: Vec<AxisValue>,
}

/// One value of an axis.
#[derive(Debug)]
pub(crate) struct AxisValue {
    /// What the scenario calls it, if it does.
    pub(crate) name: Option<String>,
    /// Where.
    pub(crate) at: Spot,
    /// What it puts where.
    pub(crate) sets: Vec<(Path, Node)>,
}

/// Which variants are meant.
#[derive(Debug)]
pub(crate) struct Selector {
    /// Where.
    pub(crate) at: Spot,
    /// By what.
    pub(crate) by: SelectedBy,
}

/// What variants are selected by.
#[derive(Debug)]
pub(crate) enum SelectedBy {
    /// By their label, in which `*` stands for anything.
    Label(String),
    /// By what they have at these paths.
    Settings(Vec<(Path, Node)>),
}

/// `[matrix]`; none if it is no table, which has then been reported.
pub(crate) fn matrix(node: &Node, reading: &Reading<'_>) -> Option<WrittenMatrix> {
    let before = reading.problems();
    let mut table = TableReader::open(node, "`matrix`", reading)?;
    let variants = table.take("variants").map(|n| (n, table.key_at("variants")));
    let axes = table.optional("axes", axes);
    let baseline = table.optional("baseline", selector);
    let exclude = table.optional("exclude", selectors).unwrap_or_default();
    let gate = table.optional("gate", selectors);
    let seeds = table.optional("seeds", count(1..=MOST_SEEDS));
    if variants.is_none() && !table.has("axes") {
        table.missing("`axes` or `variants`");
    }
    table.finish();
    let named = variants.and_then(|(node, at)| variants_of(node, at, reading));
    let axes: Vec<Axis> = named.into_iter().chain(axes.unwrap_or_default()).collect();
    let whole = reading.problems() == before;
    Some(WrittenMatrix { at: node.at, axes, baseline, exclude, gate, seeds, whole })
}

/// `variants`: a table by name, each with the paths it sets.
fn variants_of(node: &Node, at: Spot, reading: &Reading<'_>) -> Option<Axis> {
    let Some(table) = node.as_table() else {
        return wrong_type(node, "a table of variants by name", reading);
    };
    let values = in_order(table).into_iter().filter_map(|(name, key_at, node)| {
        is_plain_name(name, key_at, reading);
        let sets = settings(node, reading)?;
        Some(AxisValue { name: Some(name.to_owned()), at: key_at, sets })
    });
    let values: Vec<AxisValue> = values.collect();
    some_values("`variants`", at, &values, reading);
    Some(Axis { path: None, at, values })
}

/// `axes`: a table of paths, each with a list of values, or with a table of values by name.
fn axes(node: &Node, reading: &Reading<'_>) -> Option<Vec<Axis>> {
    let Some(table) = node.as_table() else {
        return wrong_type(node, "a table of paths, each with the values it may have", reading);
    };
    if table.0.is_empty() {
        return wrong(&codes::MISSING_KEY, node.at, "at least one path is needed here", reading);
    }
    let axis = |(text, at, node): (&str, Spot, &Node)| {
        let path = path(text, at, reading)?;
        let values = match &node.value {
            Value::List(list) => list.iter().map(|value| one_value(None, value, &path)).collect(),
            Value::Table(table) if path.keys().count() > 1 => named_values(table, &path, reading),
            Value::Table(_) => return unquoted(text, at, reading),
            _ => return wrong_type(node, "a list of values, or a table of values by name", reading),
        };
        some_values(&format!("the axis `{text}`"), at, &values, reading);
        Some(Axis { path: Some(path), at, values })
    };
    Some(in_order(table).into_iter().filter_map(axis).collect())
}

fn one_value(name: Option<&str>, node: &Node, path: &Path) -> AxisValue {
    AxisValue { name: name.map(str::to_owned), at: node.at, sets: vec![(path.clone(), node.clone())] }
}

fn named_values(table: &Table, path: &Path, reading: &Reading<'_>) -> Vec<AxisValue> {
    let named = |(name, at, node): (&str, Spot, &Node)| {
        is_plain_name(name, at, reading);
        one_value(Some(name), node, path)
    };
    in_order(table).into_iter().map(named).collect()
}

/// `axes.gateway.edge.preset = […]` is a table of tables in TOML: the path must be one key.
fn unquoted<T>(first: &str, at: Spot, reading: &Reading<'_>) -> Option<T> {
    let message = format!("the axis `{first}` has a table where its values should be");
    let help = format!("write the whole path as one key, in quotes: `\"{first}.…\" = [ … ]`");
    reading.report(Diagnostic::new(&codes::WRONG_TYPE, message).at(at, "").help(help));
    None
}

fn some_values(what: &str, at: Spot, values: &[AxisValue], reading: &Reading<'_>) {
    if values.is_empty() {
        let _: Option<()> = wrong(&codes::BAD_MATRIX, at, format!("{what} has no values"), reading);
    }
}

fn selectors(node: &Node, reading: &Reading<'_>) -> Option<Vec<Selector>> {
    super::value::list("variants", selector)(node, reading)
}

/// Variants by label (`"preset=none"`, `"preset=*"`) or by what they set (`{ "gateway.edge.preset" = "none" }`).
fn selector(node: &Node, reading: &Reading<'_>) -> Option<Selector> {
    let by = match &node.value {
        Value::Text(label) => SelectedBy::Label(label.clone()),
        Value::Table(_) => SelectedBy::Settings(settings(node, reading)?),
        _ => return wrong_type(node, "the label of a variant, or a table of paths and values", reading),
    };
    Some(Selector { at: node.at, by })
}

/// A table of paths, each with its value.
fn settings(node: &Node, reading: &Reading<'_>) -> Option<Vec<(Path, Node)>> {
    let Some(table) = node.as_table() else {
        return wrong_type(node, "a table of paths and their values", reading);
    };
    let mut sets: Vec<(Path, Node)> = Vec::new();
    for (text, at, node) in in_order(table) {
        let path = path(text, at, reading)?;
        if sets.iter().any(|(other, _)| other.text() == path.text()) {
            return wrong(&codes::BAD_MATRIX, at, format!("`{text}` is set twice"), reading);
        }
        sets.push((path, node.clone()));
    }
    Some(sets)
}

/// What all variants share, because it makes them comparable or says what they are part of.
const SHARED: [&str; 9] =
    ["version", "name", "summary", "extends", "matrix", "run.seed", "run.seeds", "run.world", "run"];

/// A path that a variant may set.
fn path(text: &str, at: Spot, reading: &Reading<'_>) -> Option<Path> {
    let written = reading.text_at(at);
    let begins = match written.find(text) {
        Some(offset) if written.len() - text.len() <= 2 => Some(at.start + offset),
        _ => None,
    };
    let path = match Path::parse(text, Written { all: at, begins }) {
        Ok(path) => path,
        Err(diagnostic) => {
            reading.report(*diagnostic);
            return None;
        }
    };
    let shared = path.text();
    if SHARED.contains(&shared.as_str()) || shared.starts_with("matrix.") {
        let message = format!("`{shared}` cannot vary: it is the same for all variants");
        return wrong(&codes::BAD_MATRIX, at, message, reading);
    }
    Some(path)
}

/// The entries of a table in the order in which they were written.
fn in_order(table: &Table) -> Vec<(&str, Spot, &Node)> {
    let mut entries: Vec<_> =
        table.0.iter().map(|(key, entry)| (key.as_str(), entry.key_at, &entry.node)).collect();
    entries.sort_by_key(|(_, at, _)| *at);
    entries
}
