//! A value of the tree, with the place where it was written.

use std::collections::BTreeMap;

use crate::source::Spot;

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// Where.
    pub(crate) at: Spot,
    /// What.
    pub(crate) value: Value,
}

/// The values of TOML.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    /// Wider than TOML asks, so that `u64` seeds fit.
    Integer(i128),
    Float(f64),
    Bool(bool),
    /// Dates and times: the language has no use for them, but must be able to say so.
    Date(String),
    List(Vec<Node>),
    Table(Table),
    /// A text whose placeholder could not be filled in. That has been reported; decoders pass over it in silence.
    Unknown,
}

/// A table, by key.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Table(pub(crate) BTreeMap<String, Entry>);

/// What a table has under one key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Where the key was written (the last part of a dotted key).
    pub(crate) key_at: Spot,
    /// The value.
    pub(crate) node: Node,
}

impl Value {
    /// What it is, with an article, for a sentence.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Bool(_) => "a truth value",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Unknown => "not known",
        }
    }

    /// What it is and, where that is short, which one.
    pub(crate) fn described(&self) -> String {
        match self {
            Self::Text(text) if text.chars().count() <= 40 => format!("the text {text:?}"),
            Self::Integer(number) => format!("the number {number}"),
            Self::Float(number) => format!("the number {number:?}"),
            Self::Bool(truth) => format!("`{truth}`"),
            Self::Date(date) => format!("the date {date}"),
            other => other.kind().to_owned(),
        }
    }
}

impl Node {
    /// Whether both say the same, wherever they were written.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::List(one), Value::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.says_the_same(other))
            }
            (Value::Table(one), Value::Table(other)) => {
                let pairs = || one.0.iter().zip(&other.0);
                one.0.len() == other.0.len()
                    && pairs().all(|((a, one), (b, other))| a == b && one.node.says_the_same(&other.node))
            }
            (one, other) => one == other,
        }
    }

    /// As a table, if it is one.
    pub(crate) const fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// As a text, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The text under `name`, if it is a table with one: the identity of an element of an array of tables.
    pub(crate) fn name(&self) -> Option<&str> {
        self.as_table()?.get("name")?.as_text()
    }
}

impl Table {
    /// The value under this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.0.get(key).map(|entry| &entry.node)
    }
}
