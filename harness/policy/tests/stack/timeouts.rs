//! Timeouts and deadlines: what is cut, when, and what becomes of its connection.

use upstorm_model::TimeSpan;
use upstorm_model::policy::{Backoff, Deadline, Jitter, OnPerTryTimeout, PolicySettings, Retry};
use upstorm_policy::{Failure, PolicyEvent};

use crate::wire::{Ask, Bench, Script, answer, ms, sleep};

fn settings(on_per_try_timeout: OnPerTryTimeout) -> PolicySettings {
    let deadline = Deadline {
        total: Some(TimeSpan::from_secs(5)),
        per_try: Some(TimeSpan::from_secs(3)),
        connect: None,
        on_per_try_timeout,
    };
    PolicySettings { deadline, ..PolicySettings::default() }
}

fn slow_head() -> Script {
    answer(200).after(4000)
}

fn slow_body() -> Script {
    answer(200).body(vec![(2000, Ok("half")), (2000, Ok("rest"))])
}

#[tokio::test(start_paused = true)]
async fn an_aborted_attempt_is_let_go_at_its_timeout_in_head_or_body() {
    for script in [slow_head(), slow_body()] {
        let bench = Bench::new(&settings(OnPerTryTimeout::Abort), move |_, _| script.clone());
        assert_eq!(bench.call(Ask::get(1)).await, Err(Failure::Timeout));
        assert_eq!(bench.attempts()[0].end, Some((ms(3000), false)));
        assert_eq!(bench.events(PolicyEvent::AttemptTimedOut), [ms(3000)]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_attempt_runs_to_its_end_unheard_in_head_or_body() {
    for script in [slow_head(), slow_body()] {
        let bench = Bench::new(&settings(OnPerTryTimeout::Abandon), move |_, _| script.clone());
        assert_eq!(bench.call(Ask::get(1)).await, Err(Failure::Timeout));
        assert_eq!(bench.attempts()[0].end, None);
        sleep(2000).await;
        assert_eq!(bench.attempts()[0].end, Some((ms(4000), true)));
    }
}

#[tokio::test(start_paused = true)]
async fn what_ends_in_time_is_not_touched() {
    let script = answer(200).after(1000).body(vec![(1000, Ok("half")), (999, Ok("rest"))]);
    let bench = Bench::new(&settings(OnPerTryTimeout::Abort), move |_, _| script.clone());
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    assert_eq!(bench.attempts()[0].end, Some((ms(2999), true)));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_cuts_the_attempt_under_way_even_if_that_would_be_abandoned() {
    for on_timeout in [OnPerTryTimeout::Abort, OnPerTryTimeout::Abandon] {
        let mut settings = settings(on_timeout);
        settings.deadline.per_try = None;
        for script in [answer(200).after(9000), answer(200).body(vec![(9000, Ok("late"))])] {
            let bench = Bench::new(&settings, move |_, _| script.clone());
            assert_eq!(bench.call(Ask::get(1)).await, Err(Failure::DeadlineExceeded));
            assert_eq!(bench.attempts()[0].end, Some((ms(5000), false)));
            assert_eq!(bench.events(PolicyEvent::DeadlineExceeded), [ms(5000)]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_retried_until_the_deadline() {
    let backoff = Backoff { jitter: Jitter::None, ..Backoff::default() };
    let retry = Retry { max_attempts: 4, backoff, ..Retry::default() };
    let settings = PolicySettings { retry, ..settings(OnPerTryTimeout::Abort) };
    let bench = Bench::new(&settings, |_, _| answer(200).after(60_000));
    assert_eq!(bench.call(Ask::get(1)).await, Err(Failure::DeadlineExceeded));
    let ends: Vec<_> = bench.attempts().iter().map(|seen| (seen.at, seen.end)).collect();
    assert_eq!(ends, [(ms(0), Some((ms(3000), false))), (ms(3200), Some((ms(5000), false)))]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_leaves_takes_the_attempt_along() {
    let bench = Bench::new(&settings(OnPerTryTimeout::Abort), |_, _| slow_head());
    tokio::select! {
        biased;
        _ = bench.call(Ask::get(1)) => panic!("the caller was to leave first"),
        () = sleep(500) => {}
    }
    assert_eq!(bench.attempts()[0].end, Some((ms(500), false)));
}
