//! `[run]`: the seed, and how the run is framed.

use upstorm_model::TimeSpan;
use upstorm_model::scenario::Run;

use super::network::network;
use super::table::TableReader;
use super::unit::unit;
use super::value::{count, list, wrong};
use super::word::word;
use crate::diagnostic::codes;
use crate::reading::Reading;
use crate::tree::Node;

/// The longest warm-up or drain.
const LONGEST: TimeSpan = TimeSpan::from_secs(24 * 3600);

/// The most seeds of one run: as many virtual minutes would take days.
pub(super) const MOST_SEEDS: u32 = 1_000_000;

/// `[run]`.
pub(super) fn run(node: &Node, reading: &Reading<'_>) -> Option<Run> {
    let mut table = TableReader::open(node, "`run`", reading)?;
    let mut run = Run::default();
    table.lay("seed", &mut run.seed, count(0..=u64::MAX));
    table.lay("seeds", &mut run.seeds, count(1..=MOST_SEEDS));
    table.lay("warmup", &mut run.warmup, up_to_a_day);
    table.lay("drain", &mut run.drain, up_to_a_day);
    table.lay("world", &mut run.world, word);
    table.lay("network", &mut run.network, network);
    table.lay("off", &mut run.off, list("always-on checks", word));
    table.finish();
    Some(run)
}

fn up_to_a_day(node: &Node, reading: &Reading<'_>) -> Option<TimeSpan> {
    let span: TimeSpan = unit(node, reading)?;
    if span > LONGEST {
        return wrong(&codes::OUT_OF_RANGE, node.at, format!("{span} is longer than a day"), reading);
    }
    Some(span)
}
