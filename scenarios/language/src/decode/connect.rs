//! `connect`: what happens to connections.

use upstorm_model::Ratio;
use upstorm_model::scenario::Connect;

use super::law::law;
use super::table::TableReader;
use super::unit::{share, varying_share};
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::tree::Node;

/// `connect = { refuse = "100%" }` and its like.
pub(super) fn connect(node: &Node, reading: &Reading<'_>) -> Option<Connect> {
    let mut table = TableReader::open(node, "`connect`", reading)?;
    let connect = Connect {
        refuse: table.optional("refuse", all_or_nothing),
        blackhole: table.optional("blackhole", all_or_nothing),
        reset: table.optional("reset", varying_share),
        stall: table.optional("stall", varying_share),
        delay: table.optional("delay", law),
    };
    if connect.refuses() && connect.swallows() {
        table.conflict(("refuse", "blackhole"), "a connection cannot be both refused and never answered");
    }
    table.finish();
    Some(connect)
}

fn all_or_nothing(node: &Node, reading: &Reading<'_>) -> Option<Ratio> {
    let ratio = share(node, reading)?;
    if ratio == Ratio::ZERO || ratio == Ratio::ONE {
        return Some(ratio);
    }
    let message = format!("{ratio} of the connections is not possible: a listener is there or it is not");
    reading.report(
        Diagnostic::new(&codes::ALL_OR_NOTHING, message)
            .at(node.at, "")
            .help("write \"100%\", or use `reset` or `stall` for a part of the connections"),
    );
    None
}
