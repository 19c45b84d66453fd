//! The rate limit and the bulkhead in the stack.

use std::time::Duration;

use futures_util::future::join_all;
use upstorm_model::policy::{Backoff, Limits, PolicySettings, Retry};
use upstorm_model::{Rate, TimeSpan};
use upstorm_policy::{Failure, PolicyEvent, Rejection};

use crate::wire::{Ask, Bench, answer, ms, sleep};

const FULL: Result<u16, Failure> = Err(Failure::Rejected(Rejection::BulkheadFull));

fn bulkhead(max_requests: u32, max_pending: Option<u32>) -> PolicySettings {
    let limits = Limits { max_requests: Some(max_requests), max_pending, ..Limits::default() };
    PolicySettings { limits, ..PolicySettings::default() }
}

#[tokio::test(start_paused = true)]
async fn a_full_bulkhead_rejects_at_once() {
    let bench = Bench::new(&bulkhead(2, None), |_, _| answer(200).after(100));
    let answers = join_all((0..5).map(|call| bench.call(Ask::get(call)))).await;
    assert_eq!(answers, [Ok(200), Ok(200), FULL, FULL, FULL]);
    assert_eq!(bench.events(PolicyEvent::BulkheadFull), [ms(0); 3]);
    assert_eq!(bench.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_queue_is_bounded_and_first_come_first_in() {
    let bench = Bench::new(&bulkhead(1, Some(2)), |_, _| answer(200).after(100));
    let answers = join_all((0..5).map(|call| bench.call(Ask::get(call)))).await;
    assert_eq!(answers, [Ok(200), Ok(200), Ok(200), FULL, FULL]);
    let sent: Vec<_> = bench.attempts().iter().map(|seen| (seen.call, seen.at)).collect();
    assert_eq!(sent, [(0, ms(0)), (1, ms(100)), (2, ms(200))]);
}

#[tokio::test(start_paused = true)]
async fn a_place_is_held_to_the_last_byte_and_freed_by_whoever_leaves() {
    let bench = Bench::new(&bulkhead(1, None), |_, _| answer(200).body(vec![(100, Ok("a")), (100, Ok("b"))]));
    let first = bench.head(Ask::get(1)).await.unwrap();
    assert_eq!(bench.call(Ask::get(2)).await, FULL);
    drop(first);
    assert_eq!(bench.call(Ask::get(3)).await, Ok(200));
    assert_eq!(bench.call(Ask::get(4)).await, Ok(200));
}

#[tokio::test(start_paused = true)]
async fn leaving_the_queue_or_dying_as_heir_loses_no_place() {
    let bench = Bench::new(&bulkhead(1, Some(5)), |_, _| answer(200).after(100));
    let call = |call| {
        let bench = bench.clone();
        tokio::spawn(async move { bench.call(Ask::get(call)).await })
    };
    let calls: Vec<_> = (0..4).map(call).collect();
    sleep(50).await;
    // One leaves from the queue; the first leaves from inside, and so does its heir in the same moment.
    calls[2].abort();
    calls[0].abort();
    calls[1].abort();
    sleep(10).await;
    assert_eq!(bench.call(Ask::get(9)).await, Ok(200));
    assert_eq!(bench.attempts().last().map(|seen| (seen.call, seen.at)), Some((9, ms(150))));
}

#[tokio::test(start_paused = true)]
async fn over_the_rate_is_told_when_to_come_back() {
    let limits = Limits { rate: Some(Rate::per_second(10.0)), burst: Some(2), ..Limits::default() };
    let bench = Bench::new(&PolicySettings { limits, ..PolicySettings::default() }, |_, _| answer(200));
    let limited = Rejection::RateLimited { retry_after: Duration::from_millis(100) };
    let answers = join_all((0..3).map(|call| bench.call(Ask::get(call)))).await;
    assert_eq!(answers, [Ok(200), Ok(200), Err(limited.into())]);
    assert_eq!(bench.events(PolicyEvent::RateLimited), [ms(0)]);
    sleep(100).await;
    assert_eq!(bench.call(Ask::get(4)).await, Ok(200));
}

#[tokio::test(start_paused = true)]
async fn retries_need_no_token_and_one_place() {
    let limits = Limits {
        rate: Some(Rate::per_second(1.0)),
        burst: Some(1),
        max_requests: Some(1),
        ..Limits::default()
    };
    let backoff = Backoff { base: TimeSpan::ZERO, ..Backoff::default() };
    let retry = Retry { max_attempts: 4, backoff, ..Retry::default() };
    let bench =
        Bench::new(&PolicySettings { limits, retry, ..PolicySettings::default() }, |_, _| answer(503));
    assert_eq!(bench.call(Ask::get(1)).await, Ok(503));
    assert_eq!(bench.sent().len(), 4);
}
