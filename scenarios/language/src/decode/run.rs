//! `[run]`: the seed, and how the run is framed.

use upstorm_model::TimeSpan;
use upstorm_model::scenario::Run;

use super::table::TableReader;
use super::unit::unit;
use super::value::{count, list, wrong};
use super::word::word;
use crate::diagnostic::codes;
use crate::reading::Reading;
use crate::tree::{Node, Value};

/// The longest warm-up or drain.
const LONGEST: TimeSpan = TimeSpan::from_secs(24 * 3600);

/// `[run]`.
pub(super) fn run(node: &Node, reading: &Reading<'_>) -> Option<Run> {
    let mut table = TableReader::open(node, "`run`", reading)?;
    table.refuse(&["network"]);
    table.refuse_unless("seeds", |value| *value == Value::Integer(1));
    let mut run = Run::default();
    table.lay("seed", &mut run.seed, count(0..=u64::MAX));
    table.lay("warmup", &mut run.warmup, up_to_a_day);
    table.lay("drain", &mut run.drain, up_to_a_day);
    table.lay("world", &mut run.world, word);
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
