//! Retries: exact waits, hints, safety, budget.

use std::collections::BTreeSet;

use http::Method;
use upstorm_model::TimeSpan;
use upstorm_model::policy::{
    Backoff, Budget, BudgetKind, Deadline, Hint, HintHeader, Jitter, PolicySettings, Retry,
};
use upstorm_policy::{Failure, PolicyEvent, Time};

use crate::wire::{Ask, Bench, answer, fails, ms};

fn settings() -> PolicySettings {
    let backoff = Backoff { jitter: Jitter::None, ..Backoff::default() };
    PolicySettings {
        retry: Retry { max_attempts: 4, backoff, ..Retry::default() },
        ..PolicySettings::default()
    }
}

fn obedient() -> PolicySettings {
    let mut settings = settings();
    settings.retry.hint = Hint { honor: vec![HintHeader::RetryAfter], jitter_factor: 0.0, ..Hint::default() };
    settings
}

#[tokio::test(start_paused = true)]
async fn waits_double_and_the_last_answer_is_passed_on() {
    let bench = Bench::new(&settings(), |_, _| answer(503).after(10));
    assert_eq!(bench.call(Ask::get(1)).await, Ok(503));
    assert_eq!(bench.sent(), [ms(0), ms(210), ms(620), ms(1430)]);
    let ordinals: Vec<u32> = bench.attempts().iter().map(|seen| seen.ordinal).collect();
    assert_eq!(ordinals, [1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn stops_at_the_first_good_answer() {
    let bench = Bench::new(&settings(), |_, now| match now >= ms(600) {
        true => answer(200),
        false => fails(Failure::Reset),
    });
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    assert_eq!(bench.sent(), [ms(0), ms(200), ms(600)]);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_in_retry_on_is_passed_on_at_once() {
    for script in [answer(500), answer(404), answer(200)] {
        let status = script.head;
        let bench = Bench::new(&settings(), move |_, _| script.clone());
        assert_eq!(bench.call(Ask::get(1)).await, status);
        assert_eq!(bench.sent().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_response_that_is_retried_is_let_go_before_the_wait() {
    let bench = Bench::new(&settings(), |_, now| answer(if now == ms(0) { 503 } else { 200 }));
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    assert_eq!(bench.attempts()[0].end, Some((ms(0), false)));
}

#[tokio::test(start_paused = true)]
async fn effects_are_not_repeated_without_a_key_or_a_copy() {
    let post = Ask { method: Method::POST, ..Ask::get(1) };
    let keyed = Ask { keyed: true, ..post.clone() };
    let streamed = Ask { streamed: true, ..keyed.clone() };
    for (ask, attempts) in [(post, 1), (keyed, 4), (streamed, 1)] {
        let bench = Bench::new(&settings(), |_, _| answer(503));
        assert_eq!(bench.call(ask).await, Ok(503));
        assert_eq!(bench.sent().len(), attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_obeyed_in_seconds_and_as_a_date() {
    for (hint, back) in [("3", 3000), ("Sun, 06 Nov 1994 08:49:40 GMT", 3000), ("soon", 200)] {
        let bench = Bench::new(&obedient(), move |_, now| match now == ms(0) {
            true => answer(429).header("retry-after", hint),
            false => answer(200),
        });
        assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
        assert_eq!(bench.sent(), [ms(0), ms(back)], "{hint}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_date_is_read_against_the_date_of_its_response() {
    let bench = Bench::new(&obedient(), |_, now| match now == ms(0) {
        true => answer(503)
            .header("date", "Sun, 06 Nov 1994 09:00:00 GMT")
            .header("retry-after", "Sunday, 06-Nov-94 09:00:02 GMT"),
        false => answer(200),
    });
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    assert_eq!(bench.sent(), [ms(0), ms(2000)]);
}

#[tokio::test(start_paused = true)]
async fn the_deaf_twin_comes_back_early_and_too_long_a_hint_ends_the_call() {
    for (settings, hint, attempts) in [(settings(), "3", 4), (obedient(), "301", 1)] {
        let bench = Bench::new(&settings, move |_, _| answer(429).header("retry-after", hint));
        assert_eq!(bench.call(Ask::get(1)).await, Ok(429));
        assert_eq!(bench.sent().len(), attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn no_retry_begins_that_cannot_make_the_deadline() {
    let deadline = Deadline { total: Some(TimeSpan::from_millis(600)), ..Deadline::default() };
    let bench = Bench::new(&PolicySettings { deadline, ..settings() }, |_, _| answer(503));
    assert_eq!(bench.call(Ask::get(1)).await, Ok(503));
    assert_eq!(bench.sent(), [ms(0), ms(200)]);
    assert_eq!(bench.time.now(), ms(200), "it does not wait for what it will not do");
}

#[tokio::test(start_paused = true)]
async fn every_call_draws_its_own_jitter_and_the_same_one_each_run() {
    let mut spread = settings();
    spread.retry.backoff.jitter = Jitter::Full;
    spread.retry.max_attempts = 2;
    let run = || async {
        let bench = Bench::new(&spread, |_, _| answer(503));
        let calls = (0..50).map(|call| bench.call(Ask::get(call)));
        futures_util::future::join_all(calls).await;
        let retries: BTreeSet<(u64, _)> = bench
            .attempts()
            .iter()
            .filter(|seen| seen.ordinal == 2)
            .map(|seen| (seen.call, seen.at))
            .collect();
        retries
    };
    let (first, second) = (run().await, run().await);
    assert_eq!(first, second);
    let instants: BTreeSet<_> = first.iter().map(|(_, at)| at).collect();
    assert!(instants.len() > 30, "only {} different waits", instants.len());
}

#[tokio::test(start_paused = true)]
async fn the_budget_holds_amplification_to_one_plus_ratio_plus_reserve() {
    let mut frugal = settings();
    frugal.retry.backoff.base = TimeSpan::ZERO;
    frugal.retry.budget = Budget { kind: BudgetKind::RatioWindow, ..Budget::default() };
    let bench = Bench::new(&frugal, |_, _| answer(503));
    for call in 0..6000 {
        assert_eq!(bench.call(Ask::get(call)).await, Ok(503));
        crate::wire::sleep(10).await;
    }
    // 100 calls/s: 1 + 0.2 + 10/100, over whole ttls after the first.
    let late = bench.sent().iter().filter(|at| **at >= ms(20_000)).count();
    let amplification = late as f64 / 4000.0;
    assert!((amplification - 1.3).abs() < 0.01, "{amplification}");
    assert!(!bench.events(PolicyEvent::BudgetExhausted).is_empty());
}
