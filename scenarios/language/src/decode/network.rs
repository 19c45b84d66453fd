//! `[run] network`: the links of the simulated world.
//!
//! A link of minutes or of a few bytes a second would let a run of seconds end before its first answer arrives; such a
//! slip of the pen is refused. What a link between two hosts leaves out is as on every other link.

use upstorm_model::scenario::{Link, LinkBetween, Network};
use upstorm_model::{ByteRate, Law, TimeSpan};

use super::law::law;
use super::table::TableReader;
use super::unit::{is_ramp, unit};
use super::value::{list, pair, wrong};
use crate::diagnostic::codes;
use crate::reading::Reading;
use crate::tree::{Node, Value};

/// The longest delay and jitter: beyond it no timeout would ever be met.
const LONGEST: TimeSpan = TimeSpan::from_secs(10);
/// The narrowest link: a full packet of 1,500 bytes takes a second and a half.
const NARROWEST: ByteRate = ByteRate::per_second(1024);

/// `network = { delay, jitter, bandwidth, between }`.
pub(super) fn network(node: &Node, reading: &Reading<'_>) -> Option<Network> {
    let mut table = TableReader::open(node, "`network` in `run`", reading)?;
    let link = laid_over(Link::default(), &mut table);
    let differing =
        list("links, such as [{ hosts = [\"edge\", \"payments\"], delay = \"5ms\" }]", |node, reading| {
            between(link.clone(), node, reading)
        });
    let between = table.optional("between", differing).unwrap_or_default();
    table.finish();
    Some(Network { link, between })
}

/// `{ hosts, delay, jitter, bandwidth }`: where the link of two hosts is unlike the usual one.
fn between(usual: Link, node: &Node, reading: &Reading<'_>) -> Option<LinkBetween> {
    let mut table = TableReader::open(node, "a link of `between`", reading)?;
    let hosts = table
        .required("hosts", pair("`hosts` are the two ends of the link, such as [\"edge\", \"payments\"]"));
    let link = laid_over(usual, &mut table);
    table.finish();
    Some(LinkBetween { hosts: hosts?, link })
}

fn laid_over(mut link: Link, table: &mut TableReader<'_>) -> Link {
    table.lay("delay", &mut link.delay, delay);
    table.lay("jitter", &mut link.jitter, bounded);
    table.lay("bandwidth", &mut link.bandwidth, wide_enough);
    link
}

/// A time, or a law that each packet's is drawn from.
fn delay(node: &Node, reading: &Reading<'_>) -> Option<Law> {
    if node.as_table().is_none() {
        return bounded(node, reading).map(Law::from);
    }
    if ramps(node) {
        let message = "a link's delay cannot ramp: links know no phases";
        return wrong(&codes::CONFLICT, node.at, message, reading);
    }
    let law = law(node, reading)?;
    let link = Link { delay: law, ..Link::default() };
    let longest = TimeSpan::from(link.longest());
    if longest > LONGEST {
        let message = format!("{longest} is out of range: a link delays by at most {LONGEST}");
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    Some(link.delay)
}

/// Whether there is a ramp anywhere in a law.
fn ramps(node: &Node) -> bool {
    let inner = match &node.value {
        Value::Table(table) => table.0.values().map(|entry| &entry.node).collect(),
        Value::List(list) => list.iter().collect(),
        _ => Vec::new(),
    };
    is_ramp(node) || inner.into_iter().any(ramps)
}

fn bounded(node: &Node, reading: &Reading<'_>) -> Option<TimeSpan> {
    let span: TimeSpan = unit(node, reading)?;
    if span > LONGEST {
        let message = format!("{span} is out of range: a link delays by at most {LONGEST}");
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    Some(span)
}

fn wide_enough(node: &Node, reading: &Reading<'_>) -> Option<ByteRate> {
    let rate: ByteRate = unit(node, reading)?;
    if rate < NARROWEST {
        let message = format!("{rate} is out of range: a link carries at least {NARROWEST}");
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    Some(rate)
}
