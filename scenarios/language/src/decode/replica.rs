//! Replicas: how many hosts an upstream is, and what single ones do otherwise.

use std::collections::BTreeMap;

use upstorm_model::scenario::ReplicaOverlay;

use super::connect::connect;
use super::table::TableReader;
use super::upstream::{behaviour, route_overlays};
use super::value::{count, wrong, wrong_type};
use crate::diagnostic::codes;
use crate::reading::Reading;
use crate::tree::{Entry, Node};

/// Replicas of one upstream. Each has a loopback address of its own, as every host has.
const MOST: u16 = 100;

/// `replicas = 3`.
pub(super) fn replicas(node: &Node, reading: &Reading<'_>) -> Option<u16> {
    count(1..=MOST)(node, reading)
}

/// `[….replica.2]`: tables by the number of the replica. Whether there is one of that number is left to the names.
pub(super) fn replica_overlays(node: &Node, reading: &Reading<'_>) -> Option<BTreeMap<u16, ReplicaOverlay>> {
    let Some(table) = node.as_table() else {
        let what = "a table of replicas by number, such as `[upstream.payments.replica.2]`";
        return wrong_type(node, what, reading);
    };
    let overlay = |(number, entry): (&String, &Entry)| {
        let Some(index) = replica_number(number) else {
            let message = format!("`{number}` is no number of a replica: they are counted from 1");
            return wrong(&codes::BAD_FORM, entry.key_at, message, reading);
        };
        let mut table = TableReader::open(&entry.node, format!("the replica {number}"), reading)?;
        let overlay = ReplicaOverlay {
            connect: table.optional("connect", connect),
            behaviour: behaviour(&mut table),
            route: table.optional("route", route_overlays).unwrap_or_default(),
        };
        table.finish();
        Some((index, overlay))
    };
    Some(table.0.iter().filter_map(overlay).collect())
}

/// The number of a replica as a key has it: from 1, without leading zeros.
pub(super) fn replica_number(text: &str) -> Option<u16> {
    let number: u16 = text.parse().ok().filter(|number| (1..=MOST).contains(number))?;
    (number.to_string() == text).then_some(number)
}
