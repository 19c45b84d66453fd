//! Every preset makes a working stack, and each broken twin differs where it says it does.

use upstorm_model::policy::{PRESETS, Preset};

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
async fn amplification(preset: &str) -> f64 {
    let settings = Preset::named(preset).expect("it is in the registry").settings();
    let bench = Bench::new(&settings, |_, _| answer(503));
    for call in 0..600 {
        let bench = bench.clone();
        tokio::spawn(async move { bench.call(Ask::get(call)).await });
        sleep(50).await;
    }
    sleep(5000).await;
    bench.sent().len() as f64 / 600.0
}

#[tokio::test(start_paused = true)]
async fn only_the_sound_preset_spares_an_upstream_that_fails() {
    assert_eq!(amplification("none").await, 1.0);
    assert_eq!(amplification("naive").await, 4.0);
    assert_eq!(amplification("no-budget").await, 4.0);
    assert!(amplification("standard").await < 1.0);
}
