//! Rows of `tally`: numbers that are within their range, and numbers that are not. A call that is tried again just as the
//! outage ends is served, so that not every one is tried four times.

use upstorm_model::plan::Subject;
use upstorm_model::verdict::Measure;

use crate::defects::{Defects, NO};
use crate::rows::{Row, SHOPPERS, all_fail, broken, sound, unclear};
use crate::script::{Script, over_edge};

const FOUR_EACH: &str = r#"{"tally":{"count":"attempts","per":"call","min":3.9,"max":4.0}}"#;
const THREE_RETRIES: &str = r#"{"tally":{"count":"retries","status":503,"per":"call","min":2.9,"max":3.0}}"#;
const NOBODY_REJECTED: &str = r#"{"tally":{"count":"rejected","max":0.0}}"#;
const AS_MANY_CALLS: &str = r#"{"tally":{"count":"calls","per":"second","min":180.0,"max":220.0}}"#;
const THE_LAST_FAILURE: &str =
    r#"{"tally":{"count":"calls","outcome":"error","last_after":"11.8s","last_within":"13s"}}"#;
const WELL_AGAIN: &str = r#"{"tally":{"count":"calls","outcome":"success","by":"end","reach":150.0,"reach_after":"0s","reach_within":"1s"}}"#;
const NOT_YET: &str =
    r#"{"tally":{"count":"calls","outcome":"success","by":"end","reach":150.0,"reach_after":"12s"}}"#;

/// Twelve seconds in which everything fails, and five good ones.
fn outage(policy: &str, (of, during): (Subject, &[u16]), check: &str) -> Script {
    Script::trouble(policy, all_fail(), (12, 5)).asks(of, during, check)
}

fn after_the_outage(defects: Defects, check: &str) -> Script {
    outage("standard", (SHOPPERS, &[1, 2]), check).with(defects)
}

/// Every row.
pub(crate) const ROWS: &[Row] = &[
    sound("tally", "four attempts of each call", || outage("naive", (over_edge(), &[1]), FOUR_EACH)),
    sound("tally", "three retries of each call", || outage("naive", (over_edge(), &[1]), THREE_RETRIES)),
    broken("tally", "one attempt of each call", Measure::Tally, || {
        outage("none", (over_edge(), &[1]), FOUR_EACH)
    }),
    broken("tally", "no retries", Measure::Tally, || outage("none", (over_edge(), &[1]), THREE_RETRIES)),
    sound("tally", "nobody rejected", || outage("naive", (over_edge(), &[1]), NOBODY_REJECTED)),
    broken("tally", "rejected by a breaker", Measure::Tally, || {
        outage("standard", (over_edge(), &[1]), NOBODY_REJECTED)
    }),
    sound("tally", "as many calls as planned", || outage("none", (SHOPPERS, &[]), AS_MANY_CALLS)),
    broken("tally", "fewer calls than planned", Measure::Tally, || {
        outage("none", (SHOPPERS, &[]), AS_MANY_CALLS).with(Defects { lost_load: true, ..NO })
    }),
    sound("tally", "the last failure as the outage ends", || {
        outage("naive", (SHOPPERS, &[1, 2]), THE_LAST_FAILURE)
    }),
    broken("tally", "failures that go on", Measure::TallyLast, || {
        after_the_outage(Defects { stuck: true, ..NO }, THE_LAST_FAILURE)
    }),
    broken("tally", "no failures", Measure::TallyLast, || {
        Script::steady(15, "none").asks(SHOPPERS, &[], THE_LAST_FAILURE)
    }),
    sound("tally", "well again at once", || outage("naive", (SHOPPERS, &[2]), WELL_AGAIN)),
    broken("tally", "never well again", Measure::TallyReached, || {
        let script = after_the_outage(Defects { stuck: true, ..NO }, WELL_AGAIN);
        Script { check: script.check.map(|(kind, of, _)| (kind, of, vec![2])), ..script }
    }),
    sound("tally", "not well before the outage ends", || after_the_outage(NO, NOT_YET)),
    broken("tally", "well from the beginning", Measure::TallyReached, || {
        Script::steady(15, "none").asks(SHOPPERS, &[], NOT_YET)
    }),
    unclear("tally", "nobody calls", || Script {
        rate: 1e-6,
        ..outage("naive", (over_edge(), &[1]), NOBODY_REJECTED)
    }),
    unclear("tally", "attempts that belong to nobody", || {
        outage("naive", (over_edge(), &[1]), FOUR_EACH).with(Defects { no_keys: true, ..NO })
    }),
    unclear("tally", "seconds that are not looked at", || {
        outage(
            "naive",
            (SHOPPERS, &[2]),
            r#"{"tally":{"outcome":"error","by":"end","reach":10.0,"reach_within":"20s"}}"#,
        )
    }),
];
