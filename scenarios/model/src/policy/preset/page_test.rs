//! The table of presets, cell by cell: what each is said to be is what its settings are.

use crate::policy::{
    Backoff, Breaker, BreakerKind, Budget, BudgetKind, Compare, Curve, Deadline, DepositOn, Evaluate,
    HalfOpenDecides, HalfOpens, Hint, HintHeader, Jitter, LateResults, Limits, OnClose, OnExceed,
    PolicySettings, Preset, RejectedCalls, Retry, Throttle, ThrottleKind, Window,
};
use crate::{Rate, Ratio, TimeSpan};

fn settings(name: &str) -> PolicySettings {
    Preset::named(name).unwrap().settings()
}

fn ms(millis: u64) -> TimeSpan {
    TimeSpan::from_millis(millis)
}

/// Attempts, and how the backoff goes: curve, base, multiplier, max (where anything grows), jitter.
fn retries(s: &PolicySettings) -> (u32, Curve, TimeSpan, Jitter) {
    let Retry { max_attempts, backoff, .. } = &s.retry;
    (*max_attempts, backoff.curve, backoff.base, backoff.jitter)
}

fn grows(s: &PolicySettings) -> (f64, TimeSpan) {
    (s.retry.backoff.multiplier, s.retry.backoff.max)
}

fn has_no_budget(s: &PolicySettings) -> bool {
    s.retry.budget.kind == BudgetKind::None
}

fn has_no_breaker(s: &PolicySettings) -> bool {
    s.breaker.kind == BreakerKind::Off
}

/// `ratio 20 % + 10/s, 10 s, deposit per request`.
fn finagles(b: &Budget) -> bool {
    let (ratio, ttl) = (Ratio::new(0.2), TimeSpan::from_secs(10));
    let said = (b.kind, b.ratio, b.min_per_sec, b.ttl, b.deposit_on);
    said == (BudgetKind::RatioWindow, ratio, 10.0, ttl, DepositOn::Request)
}

#[test]
fn none_is_1_attempt_no_budget_no_breaker() {
    let s = settings("none");
    assert_eq!(s, PolicySettings::default());
    assert!(s.retry.max_attempts == 1 && has_no_budget(&s) && has_no_breaker(&s));
}

#[test]
fn naive_is_4_at_once_without_jitter() {
    let s = settings("naive");
    assert_eq!(retries(&s), (4, Curve::Exponential, TimeSpan::ZERO, Jitter::None));
    assert!(has_no_budget(&s) && has_no_breaker(&s));
}

#[test]
fn retry_is_4_of_200_ms_doubling_to_2_s_with_full_jitter() {
    let s = settings("retry");
    assert_eq!(retries(&s), (4, Curve::Exponential, ms(200), Jitter::Full));
    assert_eq!(grows(&s), (2.0, ms(2000)));
    assert!(has_no_budget(&s) && has_no_breaker(&s) && s.retry.hint.honor.is_empty());
}

#[test]
fn standard_is_retry_with_hints_a_budget_a_breaker_and_limits() {
    let s = settings("standard");
    let Retry { hint, budget, .. } = s.retry.clone();
    assert_eq!(hint.honor, [HintHeader::RetryAfter]);
    assert!(finagles(&budget));
    let without = Retry { hint: Hint::default(), budget: Budget::default(), ..s.retry.clone() };
    assert_eq!(without, settings("retry").retry);
    let rate = Breaker {
        kind: BreakerKind::Rate,
        window: Window::Time(TimeSpan::from_secs(10)),
        min_calls: 20,
        failure_rate: Ratio::new(0.5),
        open_for: TimeSpan::from_secs(10),
        ..Breaker::default()
    };
    assert_eq!(s.breaker, rate);
    assert_eq!((s.limits.rate, s.limits.max_requests), (Some(Rate::per_second(200.0)), Some(50)));
    let deadline = Deadline {
        total: Some(TimeSpan::from_secs(5)),
        per_try: Some(TimeSpan::from_secs(3)),
        connect: Some(TimeSpan::from_secs(1)),
        ..Deadline::default()
    };
    assert_eq!((s.deadline, s.pool.max_connections), (deadline, 100));
}

#[test]
fn resilience4j_is_3_of_500_ms_and_100_calls_open_60_s_10_probes() {
    let s = settings("resilience4j");
    assert_eq!(retries(&s), (3, Curve::Constant, ms(500), Jitter::None));
    assert!(has_no_budget(&s));
    let b = &s.breaker;
    assert_eq!((b.kind, b.window, b.min_calls), (BreakerKind::Rate, Window::Calls(100), 100));
    assert_eq!((b.failure_rate, b.compare), (Ratio::new(0.5), Compare::Ge));
    assert_eq!((b.open_for, b.half_opens), (TimeSpan::from_secs(60), HalfOpens::NextCall));
    assert_eq!((b.half_open_permits, b.half_open_decides), (10, HalfOpenDecides::Rate));
    assert_eq!((b.half_open_max_wait, b.late_results), (TimeSpan::ZERO, LateResults::Count));
}

#[test]
fn polly_is_4_of_2_s_and_30_s_in_10_buckets_open_5_s_1_probe() {
    let s = settings("polly");
    assert_eq!(retries(&s), (4, Curve::Constant, ms(2000), Jitter::None));
    assert!(has_no_budget(&s));
    let b = &s.breaker;
    assert_eq!((b.kind, b.window), (BreakerKind::Rate, Window::Time(TimeSpan::from_secs(30))));
    assert_eq!((b.window_buckets, b.min_calls, b.evaluate), (10, 100, Evaluate::Failure));
    assert_eq!((b.failure_rate, b.compare), (Ratio::new(0.1), Compare::Ge));
    assert_eq!((b.open_for, b.half_open_permits), (TimeSpan::from_secs(5), 1));
    assert_eq!((b.half_open_decides, b.late_results), (HalfOpenDecides::FirstFailure, LateResults::Count));
    assert!(b.half_open_max_wait.is_zero());
}

#[test]
fn opossum_is_1_of_10_s_and_10_s_open_30_s_by_timer_1_probe_window_kept() {
    let s = settings("opossum");
    assert_eq!((s.retry.max_attempts, s.deadline.per_try), (1, Some(TimeSpan::from_secs(10))));
    assert!(has_no_budget(&s));
    let b = &s.breaker;
    assert_eq!((b.kind, b.window), (BreakerKind::Rate, Window::Time(TimeSpan::from_secs(10))));
    assert_eq!((b.failure_rate, b.compare, b.min_calls), (Ratio::new(0.5), Compare::Gt, 0));
    assert_eq!((b.rejected, b.open_for), (RejectedCalls::Count, TimeSpan::from_secs(30)));
    assert_eq!((b.half_opens, b.half_open_permits, b.on_close), (HalfOpens::Timer, 1, OnClose::Keep));
}

#[test]
fn envoy_is_2_of_25_ms_doubling_to_250_ms_3_retries_at_once_limits_of_1024() {
    let s = settings("envoy");
    assert_eq!(retries(&s), (2, Curve::Exponential, ms(25), Jitter::Full));
    assert_eq!(grows(&s), (2.0, ms(250)));
    let hint = Hint {
        honor: vec![HintHeader::RetryAfterSeconds],
        max: TimeSpan::from_secs(300),
        on_exceed: OnExceed::Ignore,
        jitter_factor: 0.5,
    };
    assert_eq!(s.retry.hint, hint);
    assert_eq!((s.retry.budget.kind, s.retry.budget.max_retries), (BudgetKind::Concurrency, Some(3)));
    assert!(has_no_breaker(&s));
    let limits = Limits { max_requests: Some(1024), max_pending: Some(1024), ..Limits::default() };
    assert_eq!((s.limits, s.pool.max_connections), (limits, 1024));
}

#[test]
fn envoy_budget_is_20_percent_of_active_at_least_3() {
    let mut s = settings("envoy-budget");
    let b = s.retry.budget.clone();
    assert_eq!((b.kind, b.max_retries), (BudgetKind::Concurrency, None));
    assert_eq!((b.budget_percent, b.min_retry_concurrency), (Ratio::new(0.2), 3));
    s.retry.budget = settings("envoy").retry.budget;
    assert_eq!(s, settings("envoy"));
}

#[test]
fn finagle_is_unlimited_at_once_within_its_budget() {
    let s = settings("finagle");
    assert_eq!((s.retry.max_attempts, s.retry.backoff.base), (Retry::UNLIMITED, TimeSpan::ZERO));
    assert!(finagles(&s.retry.budget) && has_no_breaker(&s));
}

#[test]
fn grpc_is_4_of_100_ms_doubling_to_1_s_pushback_and_10_tokens() {
    let s = settings("grpc");
    assert_eq!(retries(&s), (4, Curve::Exponential, ms(100), Jitter::Full));
    assert_eq!(grows(&s), (2.0, ms(1000)));
    assert_eq!(s.retry.hint.honor, [HintHeader::GrpcRetryPushbackMs]);
    let b = &s.retry.budget;
    assert_eq!((b.kind, b.max_tokens, b.token_ratio), (BudgetKind::ThresholdBucket, 10, 0.1));
    assert!(has_no_breaker(&s));
}

#[test]
fn aws_2026_is_3_of_50_ms_or_1_s_doubling_to_20_s_and_500_tokens() {
    let s = settings("aws-2026");
    assert_eq!(retries(&s), (3, Curve::Exponential, ms(50), Jitter::Full));
    assert_eq!(grows(&s), (2.0, ms(20_000)));
    assert_eq!(s.retry.backoff.throttled_base, Some(ms(1000)));
    let b = &s.retry.budget;
    assert_eq!((b.kind, b.capacity), (BudgetKind::TokenBucket, 500));
    assert_eq!((b.retry_cost, b.timeout_cost, b.throttled_cost), (14, 14, 5));
    assert!(has_no_breaker(&s));
}

#[test]
fn sre_is_3_with_retries_under_10_percent_and_a_throttle_at_2() {
    let s = settings("sre");
    assert_eq!((s.retry.max_attempts, s.retry.backoff.jitter), (3, Jitter::Full));
    assert_eq!(s.retry.backoff, Backoff::default());
    let b = &s.retry.budget;
    assert_eq!((b.kind, b.ratio), (BudgetKind::ClientRatio, Ratio::new(0.1)));
    assert!(has_no_breaker(&s));
    let throttle = Throttle { kind: ThrottleKind::Adaptive, k: 2.0, window: TimeSpan::from_secs(120) };
    assert_eq!(s.throttle, throttle);
}
