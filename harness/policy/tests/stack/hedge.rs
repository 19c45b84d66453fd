//! Hedging: when an extra attempt is sent, who wins, and what becomes of the losers.

use http::Method;
use upstorm_model::policy::{
    Backoff, Budget, BudgetKind, Deadline, Hedge, HedgeBudget, HedgeKind, Jitter, PolicySettings, Retry,
};
use upstorm_model::{Ratio, TimeSpan};
use upstorm_policy::{Failure, PolicyEvent, Time};

use crate::wire::{Ask, Bench, answer, fails, ms};

fn hedged(hedge: Hedge) -> PolicySettings {
    PolicySettings { hedge: Hedge { kind: HedgeKind::Delay, ..hedge }, ..PolicySettings::default() }
}

fn ordinals(bench: &Bench) -> Vec<u32> {
    bench.attempts().iter().map(|seen| seen.ordinal).collect()
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_is_overtaken_and_its_connection_closed() {
    let bench = Bench::new(&hedged(Hedge::default()), |ask, _| {
        answer(200).after(if ask.scope.ordinal == 1 { 1000 } else { 10 })
    });
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    assert_eq!(bench.time.now(), ms(60));
    assert_eq!(bench.sent(), [ms(0), ms(50)]);
    assert_eq!(ordinals(&bench), [1, 2]);
    assert_eq!(bench.attempts()[0].end, Some((ms(60), false)), "the loser is let go of at once");
    assert_eq!(bench.events(PolicyEvent::Hedged { ordinal: 2 }), [ms(50)]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_time_is_sent_once() {
    let bench = Bench::new(&hedged(Hedge::default()), |_, _| answer(200).after(50));
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    assert_eq!(bench.sent(), [ms(0)], "the answer comes first of what happens at once");
}

#[tokio::test(start_paused = true)]
async fn the_defect_lets_losers_run_on() {
    let bench = Bench::new(&hedged(Hedge { cancel: false, ..Hedge::default() }), |ask, _| {
        answer(200).after(if ask.scope.ordinal == 1 { 1000 } else { 10 })
    });
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    assert_eq!(bench.attempts()[0].end, None);
    crate::wire::sleep(1000).await;
    assert_eq!(bench.attempts()[0].end, Some((ms(1000), true)));
}

#[tokio::test(start_paused = true)]
async fn each_extra_attempt_waits_as_long_again_and_there_are_at_most_so_many() {
    let bench = Bench::new(&hedged(Hedge { max: 3, ..Hedge::default() }), |_, _| answer(200).after(400));
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    assert_eq!(bench.sent(), [ms(0), ms(50), ms(100), ms(150)]);
    assert_eq!(bench.time.now(), ms(400));
}

#[tokio::test(start_paused = true)]
async fn effects_are_not_repeated_without_a_key_or_a_copy() {
    let post = Ask { method: Method::POST, ..Ask::get(1) };
    let keyed = Ask { keyed: true, ..post.clone() };
    let streamed = Ask { streamed: true, ..keyed.clone() };
    for (ask, attempts) in [(post, 1), (keyed, 2), (streamed, 1)] {
        let bench = Bench::new(&hedged(Hedge::default()), |_, _| answer(200).after(100));
        assert_eq!(bench.call(ask).await, Ok(200));
        assert_eq!(bench.sent().len(), attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_does_not_win_while_another_is_under_way() {
    for failing in [answer(503), fails(Failure::Reset)] {
        let bench = Bench::new(&hedged(Hedge::default()), move |ask, _| match ask.scope.ordinal {
            1 => answer(200).after(300),
            _ => failing.clone().after(10),
        });
        assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
        assert_eq!(bench.time.now(), ms(300));
    }
}

#[tokio::test(start_paused = true)]
async fn if_all_fail_the_first_outcome_stands_and_no_more_is_begun() {
    let bench = Bench::new(&hedged(Hedge { max: 9, ..Hedge::default() }), |ask, _| match ask.scope.ordinal {
        1 => answer(503).after(60),
        _ => fails(Failure::Reset).after(100),
    });
    assert_eq!(bench.call(Ask::get(1)).await, Ok(503));
    assert_eq!(bench.sent(), [ms(0), ms(50)]);
    assert_eq!(bench.time.now(), ms(150));
}

#[tokio::test(start_paused = true)]
async fn ordinals_of_extra_attempts_and_retries_are_all_different() {
    let backoff = Backoff { jitter: Jitter::None, ..Backoff::default() };
    let retry = Retry { max_attempts: 3, backoff, ..Retry::default() };
    let settings = PolicySettings { retry, ..hedged(Hedge { max: 2, ..Hedge::default() }) };
    let bench = Bench::new(&settings, |ask, _| match ask.scope.ordinal {
        1..=3 => answer(503).after(20),
        _ => answer(200).after(2000),
    });
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    assert_eq!(ordinals(&bench), [1, 4, 5, 2, 3]);
    assert_eq!(bench.time.now(), ms(2050), "the extra attempts are not retried, and the retries gave up");
}

#[tokio::test(start_paused = true)]
async fn extra_attempts_are_paid_from_the_retry_budget_if_asked() {
    for (shared, most) in [(HedgeBudget::Shared, 50), (HedgeBudget::None, 100)] {
        let mut settings = hedged(Hedge { budget: shared, ..Hedge::default() });
        settings.retry.budget = Budget {
            kind: BudgetKind::RatioWindow,
            ratio: Ratio::new(0.5),
            min_per_sec: 0.0,
            ..Budget::default()
        };
        let bench = Bench::new(&settings, |_, _| answer(200).after(60));
        for call in 0..100 {
            assert_eq!(bench.call(Ask::get(call)).await, Ok(200));
        }
        assert_eq!(bench.sent().len(), 100 + most, "{shared:?}");
        assert_eq!(bench.events(PolicyEvent::BudgetExhausted).len(), 100 - most);
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_all_of_them() {
    let deadline = Deadline { total: Some(TimeSpan::from_millis(200)), ..Deadline::default() };
    let settings = PolicySettings { deadline, ..hedged(Hedge::default()) };
    let bench = Bench::new(&settings, |_, _| answer(200).after(1000));
    assert_eq!(bench.call(Ask::get(1)).await, Err(Failure::DeadlineExceeded));
    let ends: Vec<_> = bench.attempts().iter().map(|seen| seen.end).collect();
    assert_eq!(ends, [Some((ms(200), false)); 2]);
}

#[tokio::test(start_paused = true)]
async fn the_percentile_settles_at_its_share_of_extra_attempts() {
    let hedge = Hedge { percentile: Ratio::new(0.9), ..Hedge::default() };
    let mut settings = hedged(hedge);
    settings.hedge.kind = HedgeKind::Percentile;
    let bench = Bench::new(&settings, |ask, _| {
        // Every tenth first try is ten times as slow.
        let slow = ask.scope.ordinal == 1 && ask.call % 10 == 9;
        answer(200).after(if slow { 300 } else { 20 + ask.call % 7 })
    });
    for call in 0..2000 {
        assert_eq!(bench.call(Ask::get(call)).await, Ok(200));
    }
    let late = bench.attempts().iter().filter(|seen| seen.ordinal == 2 && seen.call >= 1000).count();
    assert!((100..=250).contains(&late), "{late} extra attempts in 1000 calls of which 100 were slow");
    let slowest = bench
        .attempts()
        .into_iter()
        .filter(|s| s.call > 1000 && s.ordinal == 1)
        .map(|s| s.end.map_or(0, |(end, _)| end.since(s.at).as_millis()));
    assert!(slowest.max().unwrap() < 60);
}
