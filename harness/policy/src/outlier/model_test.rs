//! Outlier ejection against a model that keeps everything and works it out anew each time.

use std::time::Duration;

use proptest::prelude::*;
use upstorm_model::policy::{self, OutlierKind};
use upstorm_model::{Offset, Ratio, TimeSpan};

use super::{Outlier, Turned};
use crate::Ending;

fn settings() -> policy::Outlier {
    policy::Outlier {
        kind: OutlierKind::Consecutive,
        consecutive_5xx: 3,
        interval: TimeSpan::from_secs(1),
        base_ejection_time: TimeSpan::from_secs(2),
        max_ejection_time: TimeSpan::from_secs(5),
        max_ejection_percent: Ratio::new(1.0),
        panic_threshold: Ratio::new(0.0),
        ..policy::Outlier::default()
    }
}

fn ms(millis: u64) -> Offset {
    Offset::from_millis(millis)
}

fn fail(outlier: &mut Outlier, at: u64, replica: usize, times: u32) -> Vec<Turned> {
    (0..times).flat_map(|_| outlier.settle(ms(at), replica, Ending::Answered(503))).collect()
}

#[test]
fn a_row_of_failures_ejects_and_time_lets_back_in() {
    let mut outlier = Outlier::new(&settings(), 3);
    assert!(fail(&mut outlier, 100, 1, 2).is_empty());
    assert_eq!(fail(&mut outlier, 100, 1, 1), [Turned { at: ms(100), replica: 1, out: true }]);
    assert_eq!(outlier.among(ms(2099)).0, [0, 2]);
    // Two seconds are over at 2100, and seen to at the end of the interval after that.
    assert_eq!(outlier.among(ms(2999)), (vec![0, 2], vec![]));
    let (within, turned) = outlier.among(ms(7000));
    assert_eq!((within, turned), (vec![0, 1, 2], vec![Turned { at: ms(3000), replica: 1, out: false }]));
}

#[test]
fn an_answer_in_between_begins_the_row_anew() {
    let mut outlier = Outlier::new(&settings(), 2);
    fail(&mut outlier, 0, 0, 2);
    outlier.settle(ms(0), 0, Ending::Answered(404));
    assert!(fail(&mut outlier, 0, 0, 2).is_empty());
    assert!(outlier.settle(ms(0), 0, Ending::Left).is_empty());
    assert_eq!(fail(&mut outlier, 0, 0, 1).len(), 1);
}

#[test]
fn each_ejection_lasts_longer_up_to_the_longest_and_good_times_make_up_for_it() {
    let mut outlier = Outlier::new(&settings(), 2);
    let mut lasted = Vec::new();
    let mut now = 0;
    for _ in 0..4 {
        fail(&mut outlier, now, 0, 3);
        let began = now;
        while outlier.is_out(0) {
            now += 1000;
            outlier.among(ms(now));
        }
        lasted.push((now - began) / 1000);
    }
    assert_eq!(lasted, [2, 4, 5, 5]);
    outlier.among(ms(now + 20_000));
    fail(&mut outlier, now + 20_000, 0, 3);
    outlier.among(ms(now + 22_000));
    assert!(!outlier.is_out(0), "counted anew");
}

#[test]
fn one_may_always_be_out_and_more_only_up_to_the_share() {
    let tight = policy::Outlier { max_ejection_percent: Ratio::new(0.1), ..settings() };
    let mut outlier = Outlier::new(&tight, 3);
    assert_eq!(fail(&mut outlier, 0, 0, 3).len(), 1);
    assert!(fail(&mut outlier, 0, 1, 9).is_empty());
    assert_eq!(outlier.among(ms(1)).0, [1, 2]);
}

#[test]
fn with_too_few_left_all_are_asked() {
    let panics = policy::Outlier { panic_threshold: Ratio::new(0.5), ..settings() };
    let mut outlier = Outlier::new(&panics, 4);
    fail(&mut outlier, 0, 0, 3);
    fail(&mut outlier, 0, 1, 3);
    assert_eq!(outlier.among(ms(1)).0, [2, 3], "half are in, which is not fewer");
    fail(&mut outlier, 0, 2, 3);
    assert_eq!(outlier.among(ms(1)).0, [0, 1, 2, 3]);
}

#[test]
fn gateway_failures_have_a_row_of_their_own() {
    let gateway = policy::Outlier { consecutive_5xx: 0, consecutive_gateway_failure: 2, ..settings() };
    let mut outlier = Outlier::new(&gateway, 2);
    outlier.settle(ms(0), 0, Ending::TimedOut);
    outlier.settle(ms(0), 0, Ending::Answered(500));
    assert!(outlier.settle(ms(0), 0, Ending::ConnectFailed).is_empty());
    assert_eq!(outlier.settle(ms(0), 0, Ending::Broken).len(), 1);
}

#[test]
fn success_rates_are_compared_at_the_end_of_an_interval() {
    let rates = policy::Outlier {
        kind: OutlierKind::SuccessRate,
        success_rate_minimum_hosts: 5,
        success_rate_request_volume: 10,
        ..settings()
    };
    let mut outlier = Outlier::new(&rates, 5);
    for replica in 0..5 {
        for number in 0..20 {
            let status = if replica == 3 && number % 2 == 0 { 500 } else { 200 };
            assert!(outlier.settle(ms(10), replica, Ending::Answered(status)).is_empty());
        }
    }
    assert_eq!(outlier.among(ms(1500)).1, [Turned { at: ms(1000), replica: 3, out: true }]);
}

/// The model of the rows and the times: a list of what happened, looked through from the beginning at each question.
fn out_by_model(events: &[(u64, usize, bool)], now: u64, replicas: usize) -> Vec<bool> {
    let (mut out, mut count, mut row) = (vec![None; replicas], vec![0_u64; replicas], vec![0; replicas]);
    let mut events = events.iter().peekable();
    for at in 0..=now {
        if at > 0 && at % 1000 == 0 {
            for replica in 0..replicas {
                match out[replica] {
                    None => count[replica] = u64::saturating_sub(count[replica], 1),
                    Some(since) if at - since >= (2000 * count[replica]).min(5000) => {
                        (out[replica], row[replica]) = (None, 0);
                    }
                    Some(_) => {}
                }
            }
        }
        while let Some((_, replica, failed)) = events.next_if(|event| event.0 == at) {
            row[*replica] = if *failed { row[*replica] + 1 } else { 0 };
            if row[*replica] == 3 {
                row[*replica] = 0;
                if out[*replica].is_none() {
                    out[*replica] = Some(at);
                    count[*replica] += u64::from(2000 * count[*replica] < 5000);
                }
            }
        }
    }
    out.iter().map(Option::is_some).collect()
}

proptest! {
    #[test]
    fn agrees_with_the_model(steps in prop::collection::vec((0u64..900, 0usize..3, prop::bool::weighted(0.8)), 1..80)) {
        let mut outlier = Outlier::new(&settings(), 3);
        let (mut now, mut events) = (0, Vec::new());
        for (wait, replica, failed) in steps {
            now += wait;
            outlier.settle(ms(now), replica, Ending::Answered(if failed { 500 } else { 200 }));
            events.push((now, replica, failed));
            let expected = out_by_model(&events, now, 3);
            let got: Vec<bool> = (0..3).map(|replica| outlier.is_out(replica)).collect();
            prop_assert_eq!(got, expected, "at {}", now);
        }
    }

    #[test]
    fn is_the_same_however_often_it_is_asked(
        steps in prop::collection::vec((0u64..3000, 0usize..3, prop::bool::weighted(0.8), 0u32..3), 1..60),
    ) {
        let (mut often, mut seldom) = (Outlier::new(&settings(), 3), Outlier::new(&settings(), 3));
        let mut now = Duration::ZERO;
        for (wait, replica, failed, asks) in steps {
            for part in 1..=asks {
                let _ = often.among(Offset::from(now + Duration::from_millis(wait) * part / (asks + 1)));
            }
            now += Duration::from_millis(wait);
            let ending = Ending::Answered(if failed { 503 } else { 200 });
            often.settle(Offset::from(now), replica, ending);
            seldom.settle(Offset::from(now), replica, ending);
            prop_assert_eq!(often.among(Offset::from(now)).0, seldom.among(Offset::from(now)).0);
        }
    }
}
