//! `breaker = { … }` of a check: when it must open and close, and the settings it is held to.

use upstorm_model::scenario::{BreakerCheck, BreakerTerms};

use super::policy::window;
use super::table::TableReader;
use super::unit::{share, some_time, unit};
use super::value::{count, list, truth};
use super::word::word;
use crate::reading::Reading;
use crate::tree::Node;

/// What is asked of the breaker of an edge.
pub(super) fn breaker(of: String, table: &mut TableReader<'_>) -> BreakerCheck {
    let check = BreakerCheck {
        of,
        opens_within: table.optional("opens_within", some_time),
        closes_within: table.optional("closes_within", some_time),
        stays_closed: table.optional("stays_closed", truth).unwrap_or_default(),
        max_openings: table.optional("max_openings", count(1..=1_000_000)),
        settings: table.optional("settings", settings).map(Box::new),
    };
    for key in ["opens_within", "closes_within", "max_openings"] {
        if check.stays_closed && table.has(key) {
            table.conflict(("stays_closed", key), format!("a breaker that stays closed has no `{key}`"));
        }
    }
    check
}

/// The settings it is held to, in the words of `[gateway.NAME.breaker]`.
fn settings(node: &Node, reading: &Reading<'_>) -> Option<BreakerTerms> {
    let mut table = TableReader::open(node, "`settings`", reading)?;
    let terms = BreakerTerms {
        window: table.optional("window", window),
        min_calls: table.optional("min_calls", count(0..=1_000_000)),
        failure_rate: table.optional("failure_rate", share),
        compare: table.optional("compare", word),
        evaluate: table.optional("evaluate", word),
        failures: table.optional("failures", count(1..=1_000_000)),
        open_for: table.optional("open_for", some_time),
        half_open_permits: table.optional("half_open_permits", count(1..=1_000_000)),
        half_open_decides: table.optional("half_open_decides", word),
        half_open_max_wait: table.optional("half_open_max_wait", unit),
        late_results: table.optional("late_results", word),
        failure: table.optional("failure", list("what counts as a failure", word)),
    };
    for key in ["window", "failure_rate"] {
        if table.has("failures") && table.has(key) {
            table.conflict(("failures", key), format!("failures in a row open it without a `{key}`"));
        }
    }
    table.finish();
    Some(terms)
}
