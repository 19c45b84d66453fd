//! The breaker in the stack: opening, probing, closing; bodies that break, callers that leave, probes that leak.

use std::time::Duration;

use upstorm_model::TimeSpan;
use upstorm_model::policy::{Backoff, Breaker, BreakerKind, Deadline, PolicySettings, Position, Retry};
use upstorm_policy::{Failure, PolicyEvent, Rejection};

use crate::wire::{Ask, Bench, answer, fails, ms, sleep};

/// Opens at four results; the deadline per attempt is 1 s.
fn settings() -> PolicySettings {
    let breaker =
        Breaker { kind: BreakerKind::Rate, min_calls: 4, half_open_permits: 2, ..Breaker::default() };
    let deadline = Deadline { per_try: Some(TimeSpan::from_secs(1)), ..Deadline::default() };
    PolicySettings { breaker, deadline, ..PolicySettings::default() }
}

fn open(retry_after: u64) -> Failure {
    Rejection::BreakerOpen { retry_after: Duration::from_millis(retry_after) }.into()
}

#[tokio::test(start_paused = true)]
async fn opens_rejects_without_an_attempt_probes_and_closes() {
    let bench = Bench::new(&settings(), |_, now| answer(if now < ms(5000) { 503 } else { 200 }));
    for call in 0..4 {
        assert_eq!(bench.call(Ask::get(call)).await, Ok(503));
    }
    sleep(1000).await;
    assert_eq!(bench.call(Ask::get(4)).await, Err(open(9000)));
    assert_eq!(bench.sent().len(), 4);
    sleep(9000).await;
    assert_eq!(bench.call(Ask::get(5)).await, Ok(200));
    assert_eq!(bench.call(Ask::get(6)).await, Ok(200));
    assert_eq!(bench.events(PolicyEvent::BreakerOpened), [ms(0)]);
    assert_eq!(bench.events(PolicyEvent::BreakerHalfOpened), [ms(10_000)]);
    assert_eq!(bench.events(PolicyEvent::BreakerClosed), [ms(10_000)]);
    assert_eq!(bench.events(PolicyEvent::BreakerRejected), [ms(1000)]);
}

#[tokio::test(start_paused = true)]
async fn at_most_so_many_probes_are_out_at_once() {
    let bench = Bench::new(&settings(), |_, now| answer(if now < ms(5000) { 503 } else { 200 }).after(100));
    futures_util::future::join_all((0..4).map(|call| bench.call(Ask::get(call)))).await;
    sleep(10_000).await;
    let probes = futures_util::future::join_all((0..10).map(|call| bench.call(Ask::get(call)))).await;
    assert_eq!(probes.iter().filter(|probe| **probe == Ok(200)).count(), 2);
    assert_eq!(bench.sent().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_failure_counts_a_broken_or_trickling_body_too() {
    for script in [
        fails(Failure::ConnectFailed),
        fails(Failure::Closed),
        answer(200).after(5000),
        answer(200).body(vec![(0, Ok("half")), (10, Err(Failure::Reset))]),
        answer(200).body(vec![(600, Ok("half")), (600, Ok("rest"))]),
    ] {
        let bench = Bench::new(&settings(), move |_, _| script.clone());
        for call in 0..4 {
            assert!(bench.call(Ask::get(call)).await.is_err());
        }
        assert_eq!(bench.events(PolicyEvent::BreakerOpened).len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_cut_at_the_deadline_of_its_call_counts_as_a_timeout() {
    let mut settings = settings();
    settings.deadline = Deadline { total: Some(TimeSpan::from_secs(1)), ..Deadline::default() };
    for script in [answer(200).after(5000), answer(200).body(vec![(5000, Ok("late"))])] {
        let bench = Bench::new(&settings, move |_, _| script.clone());
        for call in 0..4 {
            assert_eq!(bench.call(Ask::get(call)).await, Err(Failure::DeadlineExceeded));
        }
        assert_eq!(bench.events(PolicyEvent::BreakerOpened), [ms(4000)]);
    }
}

#[tokio::test(start_paused = true)]
async fn complete_answers_and_empty_ones_do_not_open_it() {
    for script in [answer(200), answer(204).body(vec![]), answer(429), answer(404)] {
        let bench = Bench::new(&settings(), move |_, _| script.clone());
        for call in 0..20 {
            assert!(bench.call(Ask::get(call)).await.is_ok());
        }
        assert!(bench.events(PolicyEvent::BreakerOpened).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_leaves_gives_the_probe_s_permit_back() {
    let bench = Bench::new(&settings(), |_, now| match now < ms(5000) {
        true => answer(503),
        false => answer(200).body(vec![(0, Ok("half")), (500, Ok("rest"))]),
    });
    for call in 0..4 {
        assert_eq!(bench.call(Ask::get(call)).await, Ok(503));
    }
    sleep(10_000).await;
    for call in 0..10 {
        drop(bench.head(Ask::get(call)).await.expect("the permit is there again"));
    }
    assert!(bench.events(PolicyEvent::BreakerClosed).is_empty());
    assert_eq!(bench.call(Ask::get(10)).await, Ok(200));
    assert_eq!(bench.call(Ask::get(11)).await, Ok(200));
    assert_eq!(bench.events(PolicyEvent::BreakerClosed).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_leaky_twin_stays_half_open_for_ever() {
    let mut leaky = settings();
    leaky.breaker.half_open_leak = true;
    leaky.breaker.half_open_max_wait = TimeSpan::ZERO;
    for (settings, recovers) in [(settings(), true), (leaky, false)] {
        let bench = Bench::new(&settings, |_, now| match now < ms(15_000) {
            true => answer(200).after(5000),
            false => answer(200),
        });
        for call in 0..4 {
            assert_eq!(bench.call(Ask::get(call)).await, Err(Failure::Timeout));
        }
        sleep(10_000).await;
        for call in 0..2 {
            let _ = bench.call(Ask::get(call)).await;
        }
        sleep(60_000).await;
        assert_eq!(bench.call(Ask::get(9)).await.is_ok(), recovers);
    }
}

#[tokio::test(start_paused = true)]
async fn outside_it_counts_attempts_and_inside_calls() {
    for (position, opens_at_call) in [(Position::OutsideBreaker, 2), (Position::InsideBreaker, 4)] {
        let retry = Retry {
            max_attempts: 2,
            position,
            backoff: Backoff { base: TimeSpan::ZERO, ..Backoff::default() },
            ..Retry::default()
        };
        let bench = Bench::new(&PolicySettings { retry, ..settings() }, |_, _| answer(503));
        let mut passed = 0;
        while bench.call(Ask::get(passed)).await == Ok(503) {
            passed += 1;
        }
        assert_eq!(passed, opens_at_call, "{position:?}");
    }
}
