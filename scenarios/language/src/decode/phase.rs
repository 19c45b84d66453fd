//! `[[phase]]`: overlays, one after the other.

use std::collections::BTreeMap;

use upstorm_model::TimeSpan;
use upstorm_model::scenario::{Overlay, Phase, Step};

use super::client::load_overlay;
use super::table::TableReader;
use super::unit::some_time;
use super::upstream::upstream_overlay;
use super::value::{count, list, name, pair, wrong, wrong_type};
use crate::diagnostic::codes;
use crate::reading::Reading;
use crate::tree::Node;

/// The most stretches of time that `repeat` and `steps` may make of one phase.
const MAX_STRETCHES: usize = 10_000;
/// The longest phase or step: a run is watched by people.
const LONGEST: TimeSpan = TimeSpan::from_secs(7 * 24 * 3600);

/// What a partition is, for a sentence.
const PARTITION: &str = "a partition is a list of pairs of hosts, such as [[\"edge\", \"payments\"]]";

/// `[[phase]]`.
pub(super) fn phase(node: &Node, reading: &Reading<'_>) -> Option<Phase> {
    let what = node.name().map_or_else(|| "a phase".to_owned(), |name| format!("the phase `{name}`"));
    let mut table = TableReader::open(node, what, reading)?;
    let name = table.required("name", name);
    let duration = table.optional("duration", length);
    let repeat = table.optional("repeat", count(1..=10_000));
    let steps =
        table.optional("steps", list("steps, such as [{ duration = \"2s\" }]", step)).unwrap_or_default();
    match (table.has("duration"), table.has("steps")) {
        (true, true) => {
            table.conflict(("duration", "steps"), "the steps say how long the phase is: leave `duration` out")
        }
        (false, false) => table.missing("a `duration`, or `steps` that have one"),
        _ => {}
    }
    if table.has("repeat") && !table.has("steps") {
        let at = table.key_at("repeat");
        let _: Option<()> =
            wrong(&codes::CONFLICT, at, "`repeat` has a meaning only beside `steps`", reading);
    }
    if steps.len() * repeat.unwrap_or(1) as usize > MAX_STRETCHES {
        let message = format!(
            "{} steps repeated {} times are more than {MAX_STRETCHES} stretches of time",
            steps.len(),
            repeat.unwrap_or(1)
        );
        let _: Option<()> = wrong(&codes::OUT_OF_RANGE, table.key_at("repeat"), message, reading);
    }
    let overlay = overlay(&mut table);
    table.finish();
    Some(Phase { name: name?, duration, repeat, steps, overlay })
}

fn step(node: &Node, reading: &Reading<'_>) -> Option<Step> {
    let mut table = TableReader::open(node, "a step", reading)?;
    let duration = table.required("duration", length);
    let overlay = overlay(&mut table);
    table.finish();
    Some(Step { duration: duration?, overlay })
}

fn length(node: &Node, reading: &Reading<'_>) -> Option<TimeSpan> {
    let span = some_time(node, reading)?;
    if span > LONGEST {
        return wrong(&codes::OUT_OF_RANGE, node.at, format!("{span} is longer than a week"), reading);
    }
    Some(span)
}

fn overlay(table: &mut TableReader<'_>) -> Overlay {
    Overlay {
        upstream: table
            .optional("upstream", |node, reading| by_name(node, upstream_overlay, reading))
            .unwrap_or_default(),
        client: table
            .optional("client", |node, reading| by_name(node, load_overlay, reading))
            .unwrap_or_default(),
        partition: table.optional("partition", list("pairs of hosts", pair(PARTITION))).unwrap_or_default(),
    }
}

/// A table of tables by the name of a host.
fn by_name<T>(
    node: &Node,
    decode: impl Fn(&str, &Node, &Reading<'_>) -> Option<T>,
    reading: &Reading<'_>,
) -> Option<BTreeMap<String, T>> {
    let Some(table) = node.as_table() else { return wrong_type(node, "a table by name", reading) };
    let entry = |(name, entry): (&String, &crate::tree::Entry)| {
        decode(name, &entry.node, reading).map(|value| (name.clone(), value))
    };
    Some(table.0.iter().filter_map(entry).collect())
}
