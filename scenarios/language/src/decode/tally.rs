//! `tally`: what is counted, of whom, and the range it must lie in.

use upstorm_model::scenario::{Counted, Tally, TallyPer};

use super::http::method;
use super::table::TableReader;
use super::unit::unit;
use super::value::{count, number};
use super::word::word;

/// The largest number that can be asked for.
const MOST: f64 = 1e12;

/// The keys of a `tally` beside `of`.
pub(super) fn tally(of: Option<String>, table: &mut TableReader<'_>) -> Option<Tally> {
    let mut tally = Tally {
        method: table.optional("method", method),
        status: table.optional("status", count(100..=599)),
        outcome: table.optional("outcome", word),
        per: table.optional("per", word),
        min: table.optional("min", number(0.0..=MOST)),
        max: table.optional("max", number(0.0..=MOST)),
        last_after: table.optional("last_after", unit),
        last_within: table.optional("last_within", unit),
        reach: table.optional("reach", number(0.0..=MOST)),
        reach_after: table.optional("reach_after", unit),
        reach_within: table.optional("reach_within", unit),
        ..Tally::default()
    };
    table.lay("count", &mut tally.count, word);
    table.lay("by", &mut tally.by, word);
    tally.of = of?;
    makes_sense(&tally, table);
    Some(tally)
}

fn makes_sense(tally: &Tally, table: &TableReader<'_>) {
    let bounds = ["min", "max", "last_after", "last_within", "reach_after", "reach_within"];
    if !bounds.iter().any(|key| table.has(key)) {
        table.missing("at least one bound, such as `max = 100` or `last_within = \"10s\"`");
    }
    let is_edge = tally.of.contains("->");
    if !is_edge && tally.count != Counted::Calls {
        let message =
            "of a client only calls can be counted; what it sent is counted at an edge, `\"from -> to\"`";
        table.conflict(("of", "count"), message);
    }
    if !is_edge && table.has("method") {
        table.conflict(
            ("of", "method"),
            "the method is seen where attempts arrive: name an edge, `\"from -> to\"`",
        );
    }
    if tally.count == Counted::Rejected {
        if is_edge && tally.of.contains('/') {
            table.conflict(("count", "of"), "a rejected call came to no route; name the edge without one");
        }
        for key in ["method", "status"].into_iter().filter(|key| table.has(key)) {
            table.conflict(("count", key), format!("a rejected call was not sent, so it has no {key}"));
        }
    }
    if tally.per.is_some() && tally.min.is_none() && tally.max.is_none() {
        table.missing("`min` or `max`: `per` divides a number, and none is asked for");
    }
    if tally.per == Some(TallyPer::Call) && tally.count == Counted::Calls && is_edge && filters(tally) == 0 {
        table.conflict(("count", "per"), "there is exactly one call for each call");
    }
    if matches!((tally.min, tally.max), (Some(min), Some(max)) if min > max) {
        table.conflict(("min", "max"), "`max` lies below `min`");
    }
    for (after, within, keys) in [
        (tally.last_after, tally.last_within, ("last_after", "last_within")),
        (tally.reach_after, tally.reach_within, ("reach_after", "reach_within")),
    ] {
        if matches!((after, within), (Some(after), Some(within)) if after > within) {
            table.conflict(keys, format!("`{}` is over before `{}`", keys.1, keys.0));
        }
    }
    let awaited = tally.reach_after.is_some() || tally.reach_within.is_some();
    if awaited && tally.reach.is_none() {
        table.missing("`reach`: how many in one second are waited for");
    }
    if tally.reach.is_some() && !awaited && bounds.iter().any(|key| table.has(key)) {
        table.missing("`reach_after` or `reach_within`: when `reach` is to be reached");
    }
}

fn filters(tally: &Tally) -> usize {
    usize::from(tally.method.is_some())
        + usize::from(tally.status.is_some())
        + usize::from(tally.outcome.is_some())
}
