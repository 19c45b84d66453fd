//! Every preset makes a working stack, and each broken twin differs where it says it does.

use upstorm_model::policy::{BreakerKind, PRESETS, PolicySettings, Preset};

use crate::wire::{Ask, Bench, answer, sleep};

#[tokio::test(start_paused = true)]
async fn every_preset_answers_a_call() {
    for info in PRESETS {
        let settings = Preset::named(info.name).expect("it is in the registry").settings();
        let bench = Bench::new(&settings, |_, _| answer(200).after(20));
        assert_eq!(bench.call(Ask::get(1)).await, Ok(200), "{}", info.name);
    }
}

/// Attempts per call, in calls of 20 per second, while everything fails for 30 s.
async fn amplification(settings: &PolicySettings) -> f64 {
    let bench = Bench::new(settings, |_, _| answer(503));
    for call in 0..600 {
        let bench = bench.clone();
        tokio::spawn(async move { bench.call(Ask::get(call)).await });
        sleep(50).await;
    }
    sleep(5000).await;
    bench.sent().len() as f64 / 600.0
}

fn preset(name: &str) -> PolicySettings {
    Preset::named(name).expect("it is in the registry").settings()
}

#[tokio::test(start_paused = true)]
async fn only_the_sound_preset_spares_an_upstream_that_fails() {
    assert_eq!(amplification(&preset("none")).await, 1.0);
    assert_eq!(amplification(&preset("naive")).await, 4.0);
    assert!(amplification(&preset("standard")).await < 1.0);
}

#[tokio::test(start_paused = true)]
async fn without_a_breaker_only_the_budget_holds_retries_back() {
    let breakerless = |name| {
        let mut settings = preset(name);
        settings.breaker.kind = BreakerKind::Off;
        settings
    };
    assert_eq!(amplification(&breakerless("no-budget")).await, 4.0);
    // In the long run 1 + 0.2 + 10 / 20; the reserve of ten seconds comes on top of that in thirty.
    let budgeted = amplification(&breakerless("standard")).await;
    assert!((1.5..2.1).contains(&budgeted), "{budgeted}");
}
