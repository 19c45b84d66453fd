//! Schedules are exact: counts by the integral, gaps by the law, times by the seed alone.

mod plans;

use plans::{ramp, shared, steady, users};
use proptest::prelude::*;
use upstorm_load::Schedule;
use upstorm_model::plan::Load;
use upstorm_model::scenario::Arrivals::{Constant, Poisson};
use upstorm_model::{Offset, Shape};

fn schedule(seed: u64, loads: &[(u64, Load)]) -> Vec<Offset> {
    Schedule::new(shared(seed, loads), 0).collect()
}

fn millis(times: &[Offset]) -> Vec<f64> {
    times.iter().map(|t| t.as_secs_f64() * 1e3).collect()
}

#[test]
fn constant_arrivals_are_evenly_spaced_across_segments() {
    let one = schedule(1, &[(1_000, steady(8.0, Constant))]);
    assert_eq!(millis(&one), [0.0, 125.0, 250.0, 375.0, 500.0, 625.0, 750.0, 875.0]);
    let two = schedule(1, &[(500, steady(8.0, Constant)), (1_000, steady(4.0, Constant))]);
    assert_eq!(millis(&two), [0.0, 125.0, 250.0, 375.0, 500.0, 750.0, 1000.0, 1250.0]);
}

#[test]
fn rates_that_do_not_divide_the_segment_neither_gain_nor_lose_calls() {
    for rate in [3.0, 7.0, 9.9, 1_000.0 / 3.0, 5_000.0] {
        let calls = schedule(1, &[(60_000, steady(rate, Constant))]).len();
        assert_eq!(calls, (rate * 60.0 - 1e-6).ceil() as usize, "{rate}/s");
    }
}

#[test]
fn a_linear_ramp_from_zero_is_inverted_exactly() {
    // Λ(t) = 2 t² for 0 to 8/s in 2 s, so call k comes at √(k/2).
    let times = schedule(1, &[(2_000, ramp(0.0, 8.0, Shape::Linear, Constant))]);
    assert_eq!(times.len(), 8);
    for (k, at) in times.iter().enumerate() {
        assert!((at.as_secs_f64() - (k as f64 / 2.0).sqrt()).abs() < 1e-8, "{k}: {at}");
    }
}

#[test]
fn steps_and_exponential_ramps_bring_what_their_integral_says() {
    let step = schedule(1, &[(2_000, ramp(10.0, 100.0, Shape::Step, Constant))]);
    assert_eq!(step.iter().filter(|t| **t < Offset::from_millis(1_000)).count(), 10);
    assert_eq!(step.len(), 110);
    // ∫ 10·100^(t/2) dt over 2 s = 2 · 990 / ln 100.
    let growing = schedule(1, &[(2_000, ramp(10.0, 1_000.0, Shape::Exponential, Constant))]);
    assert_eq!(growing.len(), (2.0 * 990.0 / 100.0_f64.ln()).ceil() as usize);
}

#[test]
fn nothing_comes_at_rate_zero_or_in_a_closed_loop() {
    assert!(schedule(1, &[(10_000, steady(0.0, Poisson))]).is_empty());
    assert!(schedule(1, &[(10_000, users(5, 10))]).is_empty());
    assert!(schedule(1, &[]).is_empty());
    let gap =
        schedule(1, &[(1_000, steady(4.0, Constant)), (5_000, users(5, 10)), (500, steady(4.0, Constant))]);
    assert_eq!(millis(&gap), [0.0, 250.0, 500.0, 750.0, 6_000.0, 6_250.0]);
    assert_eq!(Schedule::new(shared(1, &[(1_000, steady(4.0, Constant))]), 7).count(), 0);
}

#[test]
fn the_seed_alone_decides() {
    let loads = [(20_000, steady(50.0, Poisson)), (10_000, ramp(50.0, 500.0, Shape::Linear, Poisson))];
    assert_eq!(schedule(1, &loads), schedule(1, &loads));
    assert_ne!(schedule(1, &loads), schedule(2, &loads));
}

#[test]
fn cutting_a_segment_in_two_moves_nothing() {
    let whole = schedule(5, &[(20_000, steady(100.0, Poisson))]);
    let cut = schedule(5, &[(3_333, steady(100.0, Poisson)), (16_667, steady(100.0, Poisson))]);
    assert_eq!(whole.len(), cut.len());
    assert!(whole.iter().zip(&cut).all(|(a, b)| a.as_nanos().abs_diff(b.as_nanos()) <= 1_000));
}

#[test]
fn another_rate_before_shifts_later_calls_and_draws_none_anew() {
    let before = |rate| [(1_000, steady(rate, Poisson)), (10_000, steady(100.0, Poisson))];
    let gaps = |rate: f64| -> Vec<u64> {
        let times = schedule(9, &before(rate));
        let later = times.iter().filter(|t| **t > Offset::from_millis(1_000)).rev().collect::<Vec<_>>();
        later.windows(2).map(|w| w[0].as_nanos() - w[1].as_nanos()).collect()
    };
    // The gaps of the second segment are the same sequence, only begun a little sooner or later.
    let (slow, fast) = (gaps(20.0), gaps(25.0));
    let run = slow[slow.len() / 2];
    assert!(fast.iter().any(|gap| gap.abs_diff(run) <= 2));
}

#[test]
fn poisson_gaps_are_exponential() {
    // Kolmogorov–Smirnov at 1e-6: D < 2.69 / √n. The seed is fixed, so this cannot flake.
    let times = schedule(3, &[(100_000, steady(200.0, Poisson))]);
    let mut gaps: Vec<f64> =
        times.windows(2).map(|w| 1.0 - (-200.0 * w[1].since(w[0]).as_secs_f64()).exp()).collect();
    gaps.sort_by(f64::total_cmp);
    let n = gaps.len() as f64;
    let distance = gaps
        .iter()
        .enumerate()
        .fold(0.0_f64, |worst, (i, share)| worst.max((i as f64 + 1.0) / n - share).max(share - i as f64 / n));
    assert!(distance < 2.69 / n.sqrt(), "{distance} over {n} gaps");
}

#[test]
fn poisson_counts_along_a_ramp_follow_the_integral() {
    // 100 to 1,900/s in 10 s; each second holds its own mean ± 5 standard deviations.
    let times = schedule(4, &[(10_000, ramp(100.0, 1_900.0, Shape::Linear, Poisson))]);
    for second in 0..10_u32 {
        let expected = 100.0 + 180.0 * (f64::from(second) + 0.5);
        let within = |t: &&Offset| t.as_secs_f64().floor() as u32 == second;
        let count = times.iter().filter(within).count() as f64;
        assert!((count - expected).abs() < 5.0 * expected.sqrt(), "second {second}: {count} of {expected}");
    }
}

fn load() -> impl Strategy<Value = Load> {
    let rate = prop_oneof![Just(0.0), 0.1..2_000.0_f64];
    let shape = prop_oneof![Just(Shape::Linear), Just(Shape::Exponential), Just(Shape::Step)];
    let kind = prop_oneof![Just(Constant), Just(Poisson)];
    prop_oneof![
        4 => (rate.clone(), kind.clone()).prop_map(|(rate, kind)| steady(rate, kind)),
        4 => (rate.clone(), rate, shape, kind).prop_map(|(from, to, shape, kind)| ramp(from, to, shape, kind)),
        1 => Just(users(3, 10)),
    ]
}

fn expected(loads: &[(u64, Load)]) -> f64 {
    let of = |(millis, load): &(u64, Load)| match load {
        Load::Open { rate, .. } => rate.mean_over(0.0, 1.0) * (*millis as f64) / 1e3,
        Load::Closed { .. } => 0.0,
    };
    loads.iter().map(of).sum()
}

proptest! {
    #[test]
    fn any_schedule_is_in_order_within_the_plan_and_of_the_right_size(
        seed in 0_u64..1_000,
        loads in prop::collection::vec((1_u64..5_000, load()), 0..6),
    ) {
        let times = schedule(seed, &loads);
        prop_assert!(times.is_sorted());
        let end: u64 = loads.iter().map(|(millis, _)| millis).sum();
        prop_assert!(times.last().is_none_or(|t| *t < Offset::from_millis(end)));
        let expected = expected(&loads);
        let random = loads.iter().any(|(_, l)| matches!(l, Load::Open { arrivals: Poisson, .. }));
        // Six standard deviations where calls are random; one call either way where they are not.
        let slack = if random { 6.0 * expected.sqrt() + 6.0 } else { 1.0 + 1e-6 };
        prop_assert!((times.len() as f64 - expected).abs() <= slack, "{} of {expected}", times.len());
    }
}

#[test]
fn a_day_at_high_rate_is_no_list() {
    let mut schedule = Schedule::new(shared(1, &[(86_400_000, steady(1e6, Poisson))]), 0);
    assert!(schedule.nth(100_000).unwrap() < Offset::from_millis(110));
}
