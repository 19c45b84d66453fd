//! `probes`: what the first requests after a silence meet.

use upstorm_model::scenario::Probes;

use super::ending::ending;
use super::table::TableReader;
use super::unit::some_time;
use super::value::{count, truth};
use crate::reading::Reading;
use crate::tree::Node;

/// The most probes after one silence: more than any breaker lets through.
const MOST: u32 = 1_000_000;

/// `probes = { after_silence = "1s", first = 20, late = "2s" }` or `probes = { after_silence = "1s", never = true }`.
pub(super) fn probes(node: &Node, reading: &Reading<'_>) -> Option<Probes> {
    let mut table = TableReader::open(node, "`probes`", reading)?;
    let after_silence = table.required("after_silence", some_time);
    let first = table.optional("first", count(1..=MOST));
    let late = table.optional("late", some_time);
    let never = table.optional("never", truth);
    let then = table.optional("then", ending);
    let written = ["first", "late", "never", "then"].map(|key| table.has(key));
    let [_, has_late, _, has_then] = written;
    let is_never = never == Some(true);
    let contradicts = is_never && (has_late || has_then);
    if contradicts {
        let other = if has_late { "late" } else { "then" };
        table.conflict(("never", other), format!("what is never answered has no `{other}`"));
    }
    let idle = !(has_late || is_never || has_then) && written[2] == never.is_some();
    if idle {
        table.missing("what probes meet: `late`, `never` or `then`");
    }
    table.finish();
    // What was written and could not be read was reported, and must not count as left out.
    let read = [first.is_some(), late.is_some(), never.is_some(), then.is_some()];
    (written == read && !contradicts && !idle).then_some(())?;
    let (after_silence, first) = (after_silence?, first.unwrap_or(1));
    Some(Probes { after_silence, first, late, never: is_never, then })
}
