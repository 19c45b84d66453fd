//! `failover`: who takes over, and when.

use upstorm_model::policy::{Failover, FailoverOn};

use crate::decode::table::TableReader;
use crate::decode::value::{list, name, some, text};
use crate::decode::word::unknown_word;
use crate::reading::Reading;
use crate::tree::Node;

/// `failover = { to, on }`. Without anybody in `to`, it is off.
pub(super) fn failover(failover: &mut Failover, node: &Node, reading: &Reading<'_>) {
    let Some(mut table) = TableReader::open(node, "`failover`", reading) else { return };
    if !table.has("to") && failover.to.is_empty() {
        table.missing("`to`: who takes over");
    }
    table.lay("to", &mut failover.to, list("gateways or upstreams that take over", name));
    let reasons = list("reasons to fail over", failover_on);
    table.lay("on", &mut failover.on, some("without a reason nobody ever takes over", reasons));
    table.finish();
}

fn failover_on(node: &Node, reading: &Reading<'_>) -> Option<FailoverOn> {
    let word = text(node, reading)?;
    let found = FailoverOn::from_word(word);
    if found.is_none() {
        let mut words: Vec<&str> = FailoverOn::words().collect();
        words.extend(["429", "502", "503", "504"]);
        reading
            .report(unknown_word(word, &words, node).note("any status from 400 to 599 can stand here too"));
    }
    found
}
