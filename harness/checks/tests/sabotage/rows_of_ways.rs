//! Rows of the checks about which way calls go, if any: `failover`, `limit` and `fresh`.

use upstorm_model::Rate;
use upstorm_model::verdict::Measure;

use crate::defects::{Defects, NO};
use crate::rows::{Row, SHOPPERS, all_fail, broken, sound, unclear};
use crate::script::{Script, Trouble, from_json, over_edge};
use crate::{kept, regions};

const FAILOVER: &str =
    r#"{"failover":{"of":"edge -> payments","to":"west","within":"1s","back_within":"1s"}}"#;
const LIMIT: &str = r#"{"limit":{}}"#;
const FRESH: &str = r#"{"fresh":{}}"#;

fn regions(trouble: Trouble, defects: Defects) -> Script {
    let script = Script::trouble("none", trouble, (6, 5)).with(defects).asks(over_edge(), &[1], FAILOVER);
    Script { shape: regions::with_west, by: regions::perform, ..script }
}

/// Twice as many calls as the limit grants, in the second phase more than twenty at once as well.
fn limited(check: &str, defects: Defects) -> Script {
    let slow = Trouble::Latency(from_json(r#""500ms""#));
    let mut script = Script::trouble("none", slow, (5, 5)).with(defects).asks(over_edge(), &[], check);
    script.policy.limits.rate = Some(Rate::per_second(100.0));
    script.policy.limits.burst = Some(20);
    script.policy.limits.max_requests = Some(30);
    script
}

fn kept(seconds: u64, defects: Defects) -> Script {
    let script = Script::trouble("none", all_fail(), (seconds, 5)).with(defects).asks(SHOPPERS, &[], FRESH);
    Script { shape: kept::with_cache, by: kept::perform, ..script }
}

/// Every row.
pub(crate) const ROWS: &[Row] = &[
    sound("failover", "over and back in time", || regions(all_fail(), NO)),
    broken("failover", "never", Measure::FailoverTime, || {
        regions(all_fail(), Defects { unused: true, ..NO })
    }),
    broken("failover", "never back", Measure::FailbackTime, || {
        regions(all_fail(), Defects { forever: true, ..NO })
    }),
    broken("failover", "now and then without need", Measure::FailoverStrays, || {
        regions(all_fail(), Defects { needless: true, ..NO })
    }),
    broken("failover", "never, and nobody served", Measure::FailoverServed, || {
        regions(all_fail(), Defects { unused: true, ..NO })
    }),
    unclear("failover", "hardly any calls", || Script { rate: 1.0, ..regions(all_fail(), NO) }),
    sound("limit", "rate and bulkhead", || limited(LIMIT, NO)),
    sound("limit", "as the scenario says", || {
        limited(r#"{"limit":{"rate":"100/s","burst":20,"concurrent":30}}"#, NO)
    }),
    broken("limit", "none", Measure::CallsOverRate, || limited(LIMIT, Defects { limitless: true, ..NO })),
    broken("limit", "no bulkhead", Measure::CallsOverConcurrency, || {
        limited(LIMIT, Defects { limitless: true, ..NO })
    }),
    broken("limit", "a rate over that of the scenario", Measure::CallsOverRate, || {
        limited(r#"{"limit":{"rate":"60/s","burst":20}}"#, NO)
    }),
    broken("limit", "a bulkhead over that of the scenario", Measure::CallsOverConcurrency, || {
        limited(r#"{"limit":{"concurrent":20}}"#, NO)
    }),
    broken("limit", "less than there is room for", Measure::LimitUse, || {
        limited(LIMIT, Defects { miserly: true, ..NO })
    }),
    unclear("limit", "never reached", || Script { rate: 20.0, ..limited(LIMIT, NO) }),
    unclear("limit", "calls that cannot be told apart", || limited(LIMIT, Defects { no_keys: true, ..NO })),
    sound("fresh", "stale in need", || kept(4, NO)),
    sound("fresh", "stale in need, then errors", || kept(8, NO)),
    broken("fresh", "stale without need", Measure::NeedlessStale, || {
        kept(4, Defects { needless: true, ..NO })
    }),
    broken("fresh", "stale for ever", Measure::OverdueAnswers, || kept(8, Defects { forever: true, ..NO })),
    broken("fresh", "errors though there was an answer", Measure::StaleServed, || {
        kept(4, Defects { unused: true, ..NO })
    }),
    unclear("fresh", "nothing ever failed", || {
        let script = Script::steady(8, "none").asks(SHOPPERS, &[], FRESH);
        Script { shape: kept::with_cache, by: kept::perform, ..script }
    }),
];
