//! Merging: what a file says over what it extends.
//!
//! Tables merge deeply and arrays of tables by `name`, so that a file can change one number of its base. A key that
//! holds a choice is replaced whole: half of a lognormal and half of a pareto law is neither.

use std::collections::BTreeMap;

use super::{Node, Table, Value};

/// Keys whose value is one thing, never the sum of two.
const REPLACED_WHOLE: [&str; 9] =
    ["latency", "think", "window", "body", "retry_after", "status", "faults", "connect", "requests"];

/// `over` laid over `base`, both the value of `key`.
pub(super) fn merge(base: Node, over: Node, key: &str) -> Node {
    let at = over.at;
    let value = match (base.value, over.value) {
        (Value::Table(base), Value::Table(over)) if is_merged(&base, &over, key) => {
            Value::Table(merge_tables(base, over))
        }
        (Value::List(base), Value::List(over)) if all_named(&base) && all_named(&over) => {
            Value::List(merge_by_name(base, over))
        }
        (_, over) => over,
    };
    Node { at, value }
}

fn is_merged(base: &Table, over: &Table, key: &str) -> bool {
    let is_ramp = |table: &Table| table.get("from").is_some() || table.get("to").is_some();
    !REPLACED_WHOLE.contains(&key) && !is_ramp(base) && !is_ramp(over)
}

fn merge_tables(mut base: Table, over: Table) -> Table {
    for (key, mut entry) in over.0 {
        if let Some(below) = base.0.remove(&key) {
            entry.node = merge(below.node, entry.node, &key);
        }
        base.0.insert(key, entry);
    }
    base
}

fn all_named(list: &[Node]) -> bool {
    list.iter().all(|element| element.name().is_some())
}

/// The base's elements in their order, each with what is laid over it, then those that are new.
fn merge_by_name(base: Vec<Node>, over: Vec<Node>) -> Vec<Node> {
    let name = |node: &Node| node.name().unwrap_or_default().to_owned();
    let mut laid: BTreeMap<String, usize> = BTreeMap::new();
    let mut merged: Vec<Option<Node>> = Vec::with_capacity(base.len());
    for element in base {
        laid.entry(name(&element)).or_insert(merged.len());
        merged.push(Some(element));
    }
    let mut added = Vec::new();
    for element in over {
        let slot = laid.get(&name(&element)).and_then(|index| merged.get_mut(*index));
        match slot {
            Some(slot) => *slot = slot.take().map(|below| merge(below, element, "")),
            None => added.push(element),
        }
    }
    merged.into_iter().flatten().chain(added).collect()
}
