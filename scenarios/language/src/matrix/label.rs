//! Labels: what a variant is called in reports, in JUnit, and as a folder.
//!
//! A label is made from what is written, so that it stays the same when another value is added; of characters that
//! every file system and every shell takes; and no two are alike, not even where upper and lower case are the same.

use std::collections::BTreeSet;

use crate::decode::{Axis, AxisValue};
use crate::reading::Reading;
use crate::tree::{Node, Value};

/// The longest value in a label, in characters.
const LONGEST_VALUE: usize = 32;
/// The longest label: folders of many a file system may have 255 bytes.
const LONGEST: usize = 120;

/// The label of each choice, in their order.
pub(super) fn labels(axes: &[Axis], choices: &[Vec<usize>], reading: &Reading<'_>) -> Vec<String> {
    let parts: Vec<Vec<String>> = axes.iter().map(|axis| values(axis, &name(axis, axes), reading)).collect();
    let mut taken = BTreeSet::new();
    let label = |choice: &Vec<usize>| {
        let parts = parts.iter().zip(choice).filter_map(|(values, index)| values.get(*index));
        let whole: Vec<&str> = parts.map(String::as_str).collect();
        let whole: String = whole.join(",").chars().take(LONGEST).collect();
        only(&whole, &mut taken)
    };
    choices.iter().map(label).collect()
}

/// The shortest end of the axis' path that no other axis ends with; nothing for named variants.
fn name(axis: &Axis, axes: &[Axis]) -> String {
    let Some(path) = &axis.path else { return String::new() };
    let keys: Vec<&str> = path.keys().collect();
    let others =
        || axes.iter().filter_map(|other| other.path.as_ref()).filter(|other| other.text() != path.text());
    let end = |length: usize| &keys[keys.len() - length..];
    let shared = |length: usize| {
        others().any(|other| other.keys().rev().take(length).eq(end(length).iter().rev().copied()))
    };
    let length = (1..keys.len()).find(|length| !shared(*length)).unwrap_or(keys.len());
    plain(&end(length).join("."))
}

/// Each value of an axis with its name, no two alike.
fn values(axis: &Axis, name: &str, reading: &Reading<'_>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let part = |value: &AxisValue| {
        let said = only(&said(value, reading), &mut taken);
        if name.is_empty() { said } else { format!("{name}={said}") }
    };
    axis.values.iter().map(part).collect()
}

fn said(value: &AxisValue, reading: &Reading<'_>) -> String {
    let text = match (&value.name, value.sets.first()) {
        (Some(name), _) => return name.clone(),
        (None, Some((_, node))) => plain(&text(node, reading)),
        (None, None) => String::new(),
    };
    let cut: String = text.chars().take(LONGEST_VALUE).collect();
    if cut.is_empty() { "empty".to_owned() } else { cut }
}

fn text(node: &Node, reading: &Reading<'_>) -> String {
    match &node.value {
        Value::Text(text) => text.clone(),
        _ => reading.text_at(node.at),
    }
}

/// Only letters, digits, dots and underscores; anything else becomes a dash between them.
fn plain(text: &str) -> String {
    let kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    let words: Vec<&str> = text.split(|c| !kept(c)).filter(|word| !word.is_empty()).collect();
    words.join("-").trim_matches(['.', '-']).to_owned()
}

/// The text, with a number behind it if it is taken.
fn only(text: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2_u32..).map(|n| format!("{text}-{n}"));
    let mut free = std::iter::once(text.to_owned()).chain(numbered);
    let found = free.find(|label| taken.insert(label.to_lowercase()));
    found.unwrap_or_else(|| text.to_owned())
}
