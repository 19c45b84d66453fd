//! Rows of the sabotage table about breakers that are held to their settings, and about what does not get well by
//! itself.

use upstorm_model::policy::{BreakerKind, PolicySettings};
use upstorm_model::recording::Recording;
use upstorm_model::verdict::Measure;
use upstorm_model::{Plan, TimeSpan};

use crate::defects::{Defects, NO};
use crate::rows::{Row, SHOPPERS, all_fail, breaker, breaking, broken, failing, recovering, sound, unclear};
use crate::script::{Script, Trouble, from_json, over_edge};
use crate::{outcomes, stage};

/// Good answers that take three seconds come in while the probes of a breaker that opened since are out.
fn slow_answers(defects: Defects) -> Script {
    let mut script = breaker(all_fail(), defects);
    let [steady, trouble, after] = [0, 1, 2].map(|index| script.phases[index].2.clone());
    let slow = Trouble::Latency(from_json(r#""3s""#));
    script.phases =
        vec![("steady", 5, steady), ("slow", 2, slow), ("trouble", 1, trouble), ("after", 8, after)];
    script.shape = |plan| plan.upstreams[0].timeline[4].routes[0].latency = from_json(r#""500ms""#);
    script.asks(over_edge(), &[2, 3], r#"{"breaker":{"opens_within":"1s","closes_within":"4s"}}"#)
}

/// A gateway of which the plan knows nothing, with a breaker of five failures in a row that is open for two seconds.
fn stranger(terms: &str, defects: Defects) -> Script {
    let mut script = breaker(all_fail(), defects);
    script.by = by_a_stranger;
    script.shape = |plan| plan.gateways[0].policy = PolicySettings::default();
    let asks = format!(r#"{{"breaker":{{"opens_within":"2s","settings":{terms}}}}}"#);
    script.asks(over_edge(), &[1, 2], &asks)
}

fn by_a_stranger(script: &Script, plan: &Plan) -> Recording {
    let mut own = plan.clone();
    own.gateways[0].policy = breaking(false);
    own.gateways[0].policy.breaker.kind = BreakerKind::Consecutive;
    stage::perform(script, &own)
}

const TERMS: &str = r#"{"failures":20,"open_for":"2s","half_open_permits":3}"#;

/// Five good seconds, three bad ones, and these.
fn after(phases: &[(&'static str, u64)], asks: &str) -> Script {
    let mut script = Script::trouble("none", Trouble::None, (3, 0));
    script.phases[1].0 = "down";
    script.phases.pop();
    script.phases.extend(phases.iter().map(|(name, seconds)| (*name, *seconds, Trouble::None)));
    script.by = outcomes::perform;
    script.asks(SHOPPERS, &[], asks)
}

/// Down for good, with a backlog that goes for sure: so many wait, and so long, that no chance looks like it.
fn ebbing(asks: &str) -> Script {
    Script { rate: 1000.0, ..after(&[("ebb", 30)], asks) }
}

const STUCK: &str = r#"{"recovery":{"of":"shoppers","after":"down","within":"3s","expect":"stuck"}}"#;
const SLOW: &str = r#"{"recovery":{"of":"shoppers","after":"down","within":"3s","expect":"slow"}}"#;
const METASTABLE: &str = r#"{"recovery":{"of":"shoppers","after":"down","within":"3s","expect":"metastable","drop":"half","restore":"full"}}"#;

pub(crate) const ROWS: &[Row] = &[
    broken("breaker", "it opens late", Measure::BreakerTripOverrun, || {
        breaker(all_fail(), Defects { opens_late: true, ..NO })
    }),
    broken("breaker", "it opens at the first failure", Measure::BreakerNeedlessTrips, || {
        breaker(failing("25%"), Defects { opens_early: true, ..NO })
    }),
    broken("breaker", "it stays open for too long", Measure::BreakerOverdue, || {
        breaker(all_fail(), Defects { opens_too_long: true, ..NO })
    }),
    broken("breaker", "it waits for its probes for ever", Measure::BreakerOverdue, || {
        breaker(all_fail(), Defects { stuck: true, ..NO })
    }),
    broken("breaker", "it keeps those waiting that it turns away", Measure::BreakerRejectionTime, || {
        breaker(all_fail(), Defects { slow_rejections: true, ..NO })
    }),
    sound("breaker", "answers come long after it opened", || slow_answers(NO)),
    broken("breaker", "it hears answers of older states", Measure::BreakerProbes, || {
        slow_answers(Defects { hears_late: true, ..NO })
    }),
    sound("breaker", "one opening, as often as it may", || {
        let asks = r#"{"breaker":{"max_openings":1}}"#;
        breaker(all_fail(), NO).asks(over_edge(), &[1, 2], asks)
    }),
    sound("breaker", "a stranger that keeps to what is stated", || stranger(TERMS, NO)),
    sound("breaker", "a stranger of whom nothing else is stated", || {
        stranger("{}", Defects { opens_late: true, opens_too_short: true, ..NO })
    }),
    broken("breaker", "a stranger that opens late", Measure::BreakerTripOverrun, || {
        stranger(TERMS, Defects { opens_late: true, ..NO })
    }),
    broken("breaker", "a stranger that stays open for too long", Measure::BreakerOverdue, || {
        stranger(TERMS, Defects { opens_too_long: true, ..NO })
    }),
    broken("breaker", "a stranger that opens again too soon", Measure::BreakerEarlyAdmissions, || {
        stranger(TERMS, Defects { opens_too_short: true, ..NO })
    }),
    broken("breaker", "a stranger that probes with everything", Measure::BreakerProbes, || {
        let script = stranger(TERMS, Defects { unlimited_probes: true, ..NO });
        Script { latency: from_json(r#""80ms""#), ..script }
    }),
    sound("recovery", "stuck, as expected", || after(&[("down for good", 12)], STUCK)),
    broken("recovery", "not stuck", Measure::GoodSeconds, || {
        after(&[("down a while", 6), ("after", 8)], STUCK)
    }),
    unclear("recovery", "down, and fewer wait with each second", || ebbing(STUCK)),
    unclear("recovery", "not watched long enough to be stuck", || after(&[("down for good", 6)], STUCK)),
    sound("recovery", "slow, as expected", || after(&[("down a while", 6), ("after", 8)], SLOW)),
    broken("recovery", "quicker than slow", Measure::TimeDown, || after(&[("after", 12)], SLOW)),
    broken("recovery", "stuck, and not slow", Measure::TimeDown, || after(&[("down for good", 12)], SLOW)),
    unclear("recovery", "its end is near and not seen", || ebbing(SLOW)),
    sound("recovery", "metastable, as expected", || {
        after(&[("down too", 9), ("half", 4), ("full", 9)], METASTABLE)
    }),
    broken("recovery", "taking the load away heals nothing", Measure::RecoveryTime, || {
        let mut script = after(&[("down too", 9), ("half", 4), ("full", 9)], METASTABLE);
        script.by = |script, plan| {
            let mut down = plan.clone();
            down.phases[4].name = "down".to_owned();
            outcomes::perform(script, &down)
        };
        script
    }),
    broken("recovery", "well before the load is taken away", Measure::GoodSeconds, || {
        after(&[("after", 9), ("half", 4), ("full", 9)], METASTABLE)
    }),
    sound("recovery", "a breaker that never closes is stuck", || {
        recovering(Defects { stuck: true, ..NO }).asks(
            SHOPPERS,
            &[],
            r#"{"recovery":{"of":"shoppers","after":"trouble","within":"5s","expect":"stuck"}}"#,
        )
    }),
    sound("recovery", "a breaker that opens for long is slow", || {
        let mut script = recovering(NO);
        script.policy.breaker.open_for = TimeSpan::from_secs(8);
        script.asks(
            SHOPPERS,
            &[],
            r#"{"recovery":{"of":"shoppers","after":"trouble","within":"2s","expect":"slow"}}"#,
        )
    }),
];

#[test]
fn whatever_is_said_of_breakers_and_recoveries_shows_what_decided_it() {
    for row in crate::rows::rows().filter(|row| ["breaker", "recovery"].contains(&row.check)) {
        let found = crate::finding(row, 1);
        for o in found.observations.iter().filter(|o| o.n > 0) {
            assert!(!o.exhibits.is_empty(), "{}, {}: {o:#?}", row.check, row.name);
        }
    }
}
