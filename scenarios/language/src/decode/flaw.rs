//! Faults that break the form of a response: `malformed`, `content_length`, `redirect_loop`, `header_flood`.
//!
//! Their bounds are those of what can be told apart and sent: a length that is off by nothing is right, and a flood of
//! gigabytes is a test of the network.

use upstorm_model::ByteSize;
use upstorm_model::scenario::FaultKind;

use super::fault::switched_on;
use super::table::TableReader;
use super::unit::unit;
use super::value::{count, wrong};
use super::word::word;
use crate::diagnostic::codes;
use crate::reading::Reading;
use crate::tree::Node;

/// The most bytes by which a length may be off: 1 GiB.
const FARTHEST: i64 = 1 << 30;

/// One of these kinds.
pub(super) fn flaw((key, node): (&'static str, &Node), reading: &Reading<'_>) -> Option<FaultKind> {
    match key {
        "malformed" => malformed(node, reading),
        "content_length" => content_length(node, reading),
        "redirect_loop" => switched_on(node, "`redirect_loop`", reading).map(|()| FaultKind::RedirectLoop {}),
        _ => header_flood(node, reading),
    }
}

/// `malformed = { kind = "chunk-size" }`.
fn malformed(node: &Node, reading: &Reading<'_>) -> Option<FaultKind> {
    let mut table = TableReader::open(node, "`malformed`", reading)?;
    let kind = table.required("kind", word);
    table.finish();
    Some(FaultKind::Malformed { kind: kind? })
}

/// `content_length = { off_by = -10 }`.
fn content_length(node: &Node, reading: &Reading<'_>) -> Option<FaultKind> {
    let mut table = TableReader::open(node, "`content_length`", reading)?;
    let off_by = table.required("off_by", off_by);
    table.finish();
    Some(FaultKind::ContentLength { off_by: off_by? })
}

fn off_by(node: &Node, reading: &Reading<'_>) -> Option<i64> {
    let bytes = count(-FARTHEST..=FARTHEST)(node, reading)?;
    if bytes == 0 {
        let message =
            "a length that is off by 0 bytes is right: write how many it is off by, such as 10 or -10";
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    Some(bytes)
}

/// `header_flood = { size = "64KiB" }`.
fn header_flood(node: &Node, reading: &Reading<'_>) -> Option<FaultKind> {
    let mut table = TableReader::open(node, "`header_flood`", reading)?;
    let size = table.required("size", flood);
    table.finish();
    Some(FaultKind::HeaderFlood { size: size? })
}

fn flood(node: &Node, reading: &Reading<'_>) -> Option<ByteSize> {
    let size: ByteSize = unit(node, reading)?;
    let possible = FaultKind::FLOOD;
    if !possible.contains(&size.get()) {
        let (least, most) = (ByteSize::new(*possible.start()), ByteSize::new(*possible.end()));
        let message = format!("a flood of {size} is out of range: it must lie between {least} and {most}");
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    Some(size)
}
