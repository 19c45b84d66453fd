//! `alert`: would this alert have fired.

use std::time::Duration;

use upstorm_model::TimeSpan;
use upstorm_model::scenario::{AlertCheck, Burn, BurnPair};

use super::table::{TableReader, quoted_list};
use super::unit::{some_time, unit};
use super::value::{count, list, number, some, truth, wrong};
use crate::diagnostic::codes;
use crate::reading::Reading;
use crate::tree::Node;

/// What `pairs` holds.
const PAIRS: &str = "pairs of windows, such as [{ rate = 14.4, long = \"60s\" }]";

/// `alert = { of, errors, window, fires_within }`, or with `burn` in place of a level and its window.
pub(super) fn alert(of: Option<String>, table: &mut TableReader<'_>) -> Option<AlertCheck> {
    let check = AlertCheck {
        errors: table.optional("errors", below_all),
        throttled: table.optional("throttled", below_all),
        p50: table.optional("p50", some_time),
        p90: table.optional("p90", some_time),
        p95: table.optional("p95", some_time),
        p99: table.optional("p99", some_time),
        p999: table.optional("p999", some_time),
        window: table.optional("window", window),
        consecutive: table.optional("consecutive", count(1..=1000)),
        burn: table.optional("burn", burn),
        min_calls: table.optional("min_calls", count(1..=u32::MAX)),
        fires_within: table.optional("fires_within", some_time),
        stays_silent: table.optional("stays_silent", truth).unwrap_or_default(),
        ..AlertCheck::default()
    };
    one_thing(table);
    if check.stays_silent && table.has("fires_within") {
        let message = "an alert that stays silent does not fire within any time";
        table.conflict(("stays_silent", "fires_within"), message);
    } else if !check.stays_silent && !table.has("fires_within") {
        table.missing("`fires_within = \"30s\"` or `stays_silent = true`");
    }
    Some(AlertCheck { of: of?, ..check })
}

/// Exactly one thing is watched: a level in windows, or a burn rate.
fn one_thing(table: &TableReader<'_>) {
    let watched: Vec<&str> =
        AlertCheck::LEVELS.into_iter().chain(["burn"]).filter(|key| table.has(key)).collect();
    match watched.as_slice() {
        [] => table.missing("what it watches, such as `errors = \"5%\"`, `p99 = \"800ms\"` or `burn`"),
        [one] if *one == "burn" => {
            for key in ["window", "consecutive"].into_iter().filter(|key| table.has(key)) {
                table.conflict(
                    ("burn", key),
                    format!("`burn` says itself how long its windows are, and has no `{key}`"),
                );
            }
        }
        [_] if !table.has("window") => {
            table.missing("`window`: how long the calls of one level are gathered")
        }
        [_] => {}
        [first, second, ..] => {
            let message = format!("an alert watches one thing, and here are {}", quoted_list(&watched));
            table.conflict((first, second), message);
        }
    }
}

/// A share that can be exceeded.
fn below_all(node: &Node, reading: &Reading<'_>) -> Option<upstorm_model::Ratio> {
    let share: upstorm_model::Ratio = unit(node, reading)?;
    if share.get() >= 1.0 {
        let message = format!("{share} is no threshold: no share of the calls is over it");
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    Some(share)
}

/// A window's length: in shorter ones there is hardly ever a call, and there would be millions of them.
fn window(node: &Node, reading: &Reading<'_>) -> Option<TimeSpan> {
    at_least(node, reading, AlertCheck::SHORTEST)
}

/// A long window: what is looked at in each step of it is a window too.
fn long(node: &Node, reading: &Reading<'_>) -> Option<TimeSpan> {
    at_least(node, reading, AlertCheck::SHORTEST * (BurnPair::LONG_OVER_SHORT * BurnPair::LOOKS))
}

fn at_least(node: &Node, reading: &Reading<'_>, least: Duration) -> Option<TimeSpan> {
    let span: TimeSpan = some_time(node, reading)?;
    if span.get() < least {
        let message = format!("{span} is out of range: it must be at least {}", TimeSpan::from(least));
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    Some(span)
}

fn burn(node: &Node, reading: &Reading<'_>) -> Option<Burn> {
    let mut table = TableReader::open(node, "`burn`", reading)?;
    let objective = table.required("objective", promise);
    let pairs = table.required("pairs", some("without a pair of windows it never fires", list(PAIRS, pair)));
    table.finish();
    Some(Burn { objective: objective?, pairs: pairs? })
}

/// A share that leaves a budget.
fn promise(node: &Node, reading: &Reading<'_>) -> Option<upstorm_model::Ratio> {
    let share: upstorm_model::Ratio = unit(node, reading)?;
    if share.get() <= 0.0 || share.get() >= 1.0 {
        let message =
            format!("{share} is no objective with an error budget: it must be over 0% and below 100%");
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    Some(share)
}

fn pair(node: &Node, reading: &Reading<'_>) -> Option<BurnPair> {
    let mut table = TableReader::open(node, "a pair of windows", reading)?;
    let rate = table.required("rate", number(0.1..=1e6));
    let long = table.required("long", long);
    table.finish();
    Some(BurnPair { rate: rate?, long: long? })
}
