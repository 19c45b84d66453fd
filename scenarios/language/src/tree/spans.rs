//! Spans: a side table from a path in the scenario to the place where it was written.
//!
//! The decoded scenario knows no places, so that it stays plain data; whoever finds fault with it later (the
//! compiler, the warnings, a failed check) looks the place up here.

use std::collections::BTreeMap;

use super::{Node, Value};
use crate::source::Spot;

/// Where each key and each value was written. A path is keys joined by dots and indices in brackets, from 0:
/// `phase[2].upstream.payments.route.charge.latency`, `check[0].slo.p99`, `client.shoppers.rate`. A key that has a
/// dot, a bracket or a quote in it stands in quotes, as in TOML.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spans(BTreeMap<String, Place>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    key: Option<Spot>,
    value: Spot,
}

impl Spans {
    /// The places of a whole tree.
    pub(crate) fn of(root: &Node) -> Self {
        let mut spans = Self::default();
        spans.walk(root, None, &mut String::new());
        spans
    }

    fn walk(&mut self, node: &Node, key: Option<Spot>, path: &mut String) {
        if !path.is_empty() {
            self.0.insert(path.clone(), Place { key, value: node.at });
        }
        let length = path.len();
        match &node.value {
            Value::Table(table) => {
                for (name, entry) in &table.0 {
                    if length > 0 {
                        path.push('.');
                    }
                    path.push_str(&quoted(name));
                    self.walk(&entry.node, Some(entry.key_at), path);
                    path.truncate(length);
                }
            }
            Value::List(list) => {
                for (index, element) in list.iter().enumerate() {
                    path.push_str(&format!("[{index}]"));
                    self.walk(element, key, path);
                    path.truncate(length);
                }
            }
            _ => {}
        }
    }

    /// Where the value of this path was written.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<Spot> {
        self.0.get(path).map(|place| place.value)
    }

    /// Where the key of this path was written; for an element of a list, the key of the list.
    #[must_use]
    pub fn key(&self, path: &str) -> Option<Spot> {
        self.0.get(path).and_then(|place| place.key)
    }

    /// Where the value of this path was written, or else of the nearest path above it that was written.
    #[must_use]
    pub fn nearest(&self, path: &str) -> Option<Spot> {
        let mut rest = path;
        loop {
            if let Some(spot) = self.value(rest) {
                return Some(spot);
            }
            rest = &rest[..rest.rfind(['.', '['])?];
        }
    }

    /// A key as it stands in a path.
    #[must_use]
    pub fn quoted(key: &str) -> String {
        quoted(key)
    }

    /// Every path that was written.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn quoted(key: &str) -> String {
    let plain = !key.is_empty() && !key.contains(['.', '[', ']', '"', '\'']);
    if plain { key.to_owned() } else { format!("{key:?}") }
}
