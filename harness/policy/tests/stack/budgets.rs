//! Each kind of retry budget through the whole stack, and the adaptive throttle: what comes back comes back.

use std::collections::BTreeSet;

use upstorm_model::TimeSpan;
use upstorm_model::policy::{
    Backoff, Budget, Jitter, PolicySettings, Preset, Retry, Sequence, Throttle, ThrottleKind,
};
use upstorm_policy::{Failure, PolicyEvent, Rejection};

use crate::wire::{Ask, Bench, answer, ms, sleep};

/// A preset's budget over retries that are made at once, four attempts a call.
fn at_once(preset: &str) -> PolicySettings {
    let budget = Preset::named(preset).expect("it is in the registry").settings().retry.budget;
    with_budget(budget)
}

fn with_budget(budget: Budget) -> PolicySettings {
    let backoff = Backoff { base: TimeSpan::ZERO, jitter: Jitter::None, ..Backoff::default() };
    let retry = Retry { max_attempts: 4, backoff, budget, ..Retry::default() };
    PolicySettings { retry, ..PolicySettings::default() }
}

#[tokio::test(start_paused = true)]
async fn grpc_makes_three_retries_ever_until_fifty_one_successes() {
    let bench = Bench::new(&at_once("grpc"), |ask, _| match ask.call {
        0..20 => answer(503),
        20..71 => answer(200),
        _ => answer(503),
    });
    for call in 0..20 {
        assert_eq!(bench.call(Ask::get(call)).await, Ok(503));
    }
    assert_eq!(bench.sent().len(), 20 + 3);
    for call in 20..71 {
        assert_eq!(bench.call(Ask::get(call)).await, Ok(200));
    }
    let before = bench.sent().len();
    // The failure itself takes a token, so the bucket is below its half again.
    assert_eq!(bench.call(Ask::get(99)).await, Ok(503));
    assert_eq!(bench.sent().len(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn aws_makes_35_retries_or_100_after_429s() {
    for (status, retries) in [(503, 35), (429, 100)] {
        let bench = Bench::new(&at_once("aws-2026"), move |_, _| answer(status));
        for call in 0..100 {
            assert_eq!(bench.call(Ask::get(call)).await, Ok(status));
        }
        assert_eq!(bench.sent().len(), 100 + retries, "{status}");
        assert!(!bench.events(PolicyEvent::BudgetExhausted).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn envoy_has_three_retries_under_way_and_gets_their_places_back() {
    let mut settings = at_once("envoy");
    settings.retry.max_attempts = 2;
    settings.retry.backoff =
        Backoff { base: TimeSpan::from_millis(500), jitter: Jitter::None, ..Backoff::default() };
    let bench = Bench::new(&settings, |_, _| answer(503));
    for round in 0..3 {
        let calls = (0..50).map(|call| bench.call(Ask::get(round * 50 + call)));
        futures_util::future::join_all(calls).await;
        assert_eq!(bench.sent().len() as u64, 53 * (round + 1), "round {round}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_given_up_while_it_waits_gives_its_place_back() {
    let mut settings = at_once("envoy");
    settings.retry.backoff.base = TimeSpan::from_secs(60);
    settings.retry.backoff.max = TimeSpan::from_secs(60);
    let bench = Bench::new(&settings, |_, _| answer(503));
    for round in 0..5u64 {
        let calls: Vec<_> = (0..3)
            .map(|call| {
                let bench = bench.clone();
                tokio::spawn(async move { bench.call(Ask::get(round * 3 + call)).await })
            })
            .collect();
        sleep(10).await;
        // Each of the three holds a place while it waits; giving them up frees all three for the next round.
        assert_eq!(bench.events(PolicyEvent::BudgetExhausted).len(), 0, "round {round}");
        for call in calls {
            call.abort();
        }
        sleep(10).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_sre_budget_holds_amplification_to_one_and_a_tenth() {
    let mut settings = at_once("sre");
    settings.retry.max_attempts = 3;
    let bench = Bench::new(&settings, |_, _| answer(503));
    for call in 0..3000 {
        let _ = bench.call(Ask::get(call)).await;
        sleep(10).await;
    }
    let amplification = bench.sent().len() as f64 / 3000.0;
    assert!((1.08..=1.13).contains(&amplification), "{amplification}");
}

#[tokio::test(start_paused = true)]
async fn finagle_retries_one_call_until_the_budget_is_empty() {
    let mut settings = at_once("finagle");
    settings.retry.max_attempts = Retry::UNLIMITED;
    let bench = Bench::new(&settings, |_, _| answer(503));
    assert_eq!(bench.call(Ask::get(1)).await, Ok(503));
    assert_eq!(bench.sent().len(), 1 + 100, "ten a second for ten seconds, and a fifth of one call");
}

#[tokio::test(start_paused = true)]
async fn the_throttle_holds_back_what_would_be_turned_away() {
    let window = TimeSpan::from_secs(20);
    let throttle = Throttle { kind: ThrottleKind::Adaptive, window, ..Throttle::default() };
    let settings = PolicySettings { throttle, ..PolicySettings::default() };
    let bench = Bench::new(&settings, |_, now| if now < ms(10_000) { answer(503) } else { answer(200) });
    let (mut held_back, held) = (0, Err(Failure::Rejected(Rejection::Throttled)));
    for call in 0..1000 {
        held_back += usize::from(bench.call(Ask::get(call)).await == held);
        sleep(10).await;
    }
    // Nothing is accepted: after n calls the next one passes with 1/(n + 1).
    assert!(held_back > 980, "{held_back}");
    assert_eq!(bench.sent().len(), 1000 - held_back);
    assert_eq!(bench.events(PolicyEvent::Throttled).len(), held_back);
    // It finds out that all is well again: what passes is accepted, and lets more pass, e-fold in half a window.
    let mut late = 0;
    for call in 1000..16_000 {
        let outcome = bench.call(Ask::get(call)).await;
        late += usize::from(call > 14_500 && outcome == held);
        sleep(10).await;
    }
    assert_eq!(late, 0);
}

#[tokio::test(start_paused = true)]
async fn with_a_shared_sequence_all_calls_come_back_together() {
    let instants = |sequence| async move {
        let backoff = Backoff { sequence, ..Backoff::default() };
        let retry = Retry { max_attempts: 2, backoff, ..Retry::default() };
        let bench = Bench::new(&PolicySettings { retry, ..PolicySettings::default() }, |_, _| answer(503));
        futures_util::future::join_all((0..50).map(|call| bench.call(Ask::get(call)))).await;
        bench.sent().into_iter().skip(50).collect::<BTreeSet<_>>().len()
    };
    assert_eq!(instants(Sequence::Shared).await, 1);
    assert!(instants(Sequence::PerCall).await > 30);
}

#[tokio::test(start_paused = true)]
async fn grpc_waits_as_long_as_it_is_pushed_back_or_gives_up() {
    let settings = Preset::named("grpc").expect("it is in the registry").settings();
    for (pushback, attempts) in [("1234", vec![ms(0), ms(1234), ms(2468), ms(3702)]), ("-1", vec![ms(0)])] {
        let bench = Bench::new(&settings, move |_, _| answer(503).header("grpc-retry-pushback-ms", pushback));
        assert_eq!(bench.call(Ask::get(1)).await, Ok(503));
        assert_eq!(bench.sent(), attempts);
    }
}
