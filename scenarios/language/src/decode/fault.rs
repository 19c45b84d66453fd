//! `faults`: what may go wrong with one response.

use upstorm_model::scenario::{Cut, Fault, FaultKind, Keep};
use upstorm_model::{ByteSize, Ratio};

use super::flaw::flaw;
use super::stall::stall;
use super::table::TableReader;
use super::unit::{unit, varying_share};
use super::value::{list, wrong, wrong_type};
use super::word::word;
use crate::diagnostic::codes;
use crate::reading::Reading;
use crate::tree::{Node, Value};

/// Faults of HTTP/2.
const NOT_YET: &[&str] = &["goaway", "stream_reset"];
const NO_HTTP2: &str = "it needs HTTP/2, which this version does not speak";

const KINDS: &[&str] = &[
    "reset",
    "close",
    "hang",
    "truncate",
    "stall",
    "malformed",
    "content_length",
    "redirect_loop",
    "header_flood",
];

/// The most faults of a route: an attempt's record has a byte for the one that hit it.
const MOST: usize = 255;

/// `faults = [{ share = "1%", reset = { at = "mid-body" } }]`.
pub(super) fn faults(node: &Node, reading: &Reading<'_>) -> Option<Vec<Fault>> {
    let nodes = node.as_list().unwrap_or_default();
    if nodes.len() > MOST {
        let message = format!("{} faults in one list are too many: there may be {MOST}", nodes.len());
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    list("faults, such as [{ share = \"1%\", hang = true }]", fault)(node, reading)
}

/// One entry.
pub(crate) fn fault(node: &Node, reading: &Reading<'_>) -> Option<Fault> {
    let mut table = TableReader::open(node, "a fault", reading)?;
    table.refuse_because(NOT_YET, NO_HTTP2);
    let share = table.required("share", varying_share);
    let chosen = table.one_of(KINDS);
    table.finish();
    let kind = chosen.and_then(|chosen| kind(chosen, reading));
    Some(Fault { share: share?, kind: kind? })
}

/// What always happens: a kind of fault without its share.
pub(super) fn certain_fault(node: &Node, reading: &Reading<'_>) -> Option<FaultKind> {
    let mut table = TableReader::open(node, "the fault of a step", reading)?;
    table.refuse_because(NOT_YET, NO_HTTP2);
    let chosen = table.one_of(KINDS);
    table.finish();
    kind(chosen?, reading)
}

fn kind(chosen: (&'static str, &Node), reading: &Reading<'_>) -> Option<FaultKind> {
    match chosen {
        ("reset", node) => cut(node, reading).map(FaultKind::Reset),
        ("close", node) => cut(node, reading).map(FaultKind::Close),
        ("hang", node) => switched_on(node, "`hang`", reading).map(|()| FaultKind::Hang {}),
        ("truncate", node) => truncate(node, reading),
        ("stall", node) => stall(node, reading).map(FaultKind::Stall),
        flawed => flaw(flawed, reading),
    }
}

fn cut(node: &Node, reading: &Reading<'_>) -> Option<Cut> {
    let mut table = TableReader::open(node, "the place of a cut", reading)?;
    let place = place(&mut table);
    table.finish();
    place
}

/// `at` or `after`, among the keys of a table.
pub(super) fn place(table: &mut TableReader<'_>) -> Option<Cut> {
    let reading = table.reading();
    match table.one_of(&["at", "after"])? {
        ("at", node) => word(node, reading).map(|at| Cut::At { at }),
        (_, node) => unit(node, reading).map(|after| Cut::After { after }),
    }
}

/// `hang = true` or `hang = {}`: what has no settings.
pub(super) fn switched_on(node: &Node, what: &str, reading: &Reading<'_>) -> Option<()> {
    match &node.value {
        Value::Bool(true) => Some(()),
        Value::Table(_) => {
            TableReader::open(node, what, reading)?.finish();
            Some(())
        }
        Value::Bool(false) => {
            wrong(&codes::OUT_OF_RANGE, node.at, "a fault that does nothing: leave the entry out", reading)
        }
        _ => wrong_type(node, "`true` or an empty table", reading),
    }
}

fn truncate(node: &Node, reading: &Reading<'_>) -> Option<FaultKind> {
    let mut table = TableReader::open(node, "`truncate`", reading)?;
    let written = table.take("keep");
    table.finish();
    let keep = match written {
        None => Keep::default(),
        Some(node) => keep(node, reading)?,
    };
    Some(FaultKind::Truncate { keep })
}

/// A share (`"50%"`) or a size (`"1KiB"`).
fn keep(node: &Node, reading: &Reading<'_>) -> Option<Keep> {
    let is_share = node.as_text().is_some_and(|text| text.trim_end().ends_with('%'));
    if !is_share {
        return unit::<ByteSize>(node, reading).map(Keep::Size);
    }
    let share: Ratio = unit(node, reading)?;
    if share.get() >= 1.0 {
        let message = format!("keeping {share} cuts nothing off: it must be below 100%");
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    Some(Keep::Share(share))
}
