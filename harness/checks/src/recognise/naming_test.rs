//! Every family and curve, drawn by the policy's own machine with an error of 1 % of each wait, is named rightly.

use upstorm_model::policy::{Backoff as Settings, Curve, Jitter};
use upstorm_model::verdict::{BackoffFamily, Estimate};
use upstorm_model::{Seed, Stream, TimeSpan};
use upstorm_policy::{Backoff, Course};

use super::{Courses, Named, name};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=20;

/// The waits of `calls` calls with `retries` retries each, off by 1 %.
fn drawn(settings: &Settings, (calls, retries): (u64, u64), seed: u64) -> Courses {
    let backoff = Backoff::new(settings);
    let waits = |call: u64| {
        let mut course = Course::default();
        let mut wait = |retry: u64| {
            let mut dice = Seed(seed).dice(Stream::named(&["naming", "wait"]), call, retry);
            let mut off = Seed(seed).dice(Stream::named(&["naming", "error"]), call, retry);
            let normal = (0..12).map(|_| off.unit()).sum::<f64>() - 6.0;
            backoff.next(&mut course, false, &mut dice).as_secs_f64() * (1.0 + 0.01 * normal)
        };
        (1..=retries).map(&mut wait).collect::<Vec<f64>>()
    };
    Courses::of((0..calls).map(waits))
}

fn settings(jitter: Jitter, curve: Curve) -> Settings {
    Settings { jitter, curve, max: TimeSpan::from_secs(60), ..Settings::default() }
}

fn holds(e: Option<Estimate>, value: f64) -> bool {
    e.is_some_and(|e| e.low.is_some_and(|low| low <= value) && e.high.is_some_and(|high| value <= high))
}

/// How many of the settings lie within their intervals, of how many.
fn kept(family: &BackoffFamily, settings: &Settings, capped: bool) -> (u32, u32) {
    let mut all = vec![holds(Some(family.base), settings.base.as_secs_f64())];
    if settings.curve == Curve::Exponential && family.curve.is_some() {
        all.push(holds(family.multiplier, settings.multiplier));
    }
    if capped {
        all.push(holds(family.cap, settings.max.as_secs_f64()));
    }
    if matches!(settings.jitter, Jitter::Proportional | Jitter::Additive) {
        all.push(holds(family.jitter_factor, settings.jitter_factor));
    }
    (all.iter().map(|kept| u32::from(*kept)).sum(), all.len() as u32)
}

fn check(settings: &Settings, size: (u64, u64), capped: bool) -> (u32, u32) {
    let mut sum = (0, 0);
    for seed in SEEDS {
        let Named { recognised, is_one, .. } = name(&drawn(settings, size, seed));
        let what = format!("{:?} {:?}, seed {seed}: {recognised:#?}", settings.jitter, settings.curve);
        assert!(is_one, "{what}");
        let first = &recognised.families[0];
        assert_eq!(first.jitter, settings.jitter, "{what}");
        let own = matches!(settings.jitter, Jitter::Decorrelated | Jitter::PollyV2);
        assert_eq!(first.curve, (!own).then_some(settings.curve), "{what}");
        assert_eq!(first.cap.is_some(), capped, "{what}");
        assert!((first.base.value / settings.base.as_secs_f64() - 1.0).abs() < 0.03, "{what}");
        let kept = kept(first, settings, capped);
        sum = (sum.0 + kept.0, sum.1 + kept.1);
    }
    sum
}

const JITTERS: [Jitter; 7] = [
    Jitter::None,
    Jitter::Full,
    Jitter::Equal,
    Jitter::Decorrelated,
    Jitter::Proportional,
    Jitter::Additive,
    Jitter::PollyV2,
];

fn is_own(jitter: Jitter) -> bool {
    matches!(jitter, Jitter::Decorrelated | Jitter::PollyV2)
}

#[test]
fn every_family_and_curve_is_named_with_its_settings() {
    let (mut kept, mut all) = (0, 0);
    for jitter in JITTERS {
        for curve in [Curve::Constant, Curve::Linear, Curve::Exponential] {
            if is_own(jitter) && curve != Curve::Exponential {
                continue;
            }
            let found = check(&settings(jitter, curve), (300, 4), false);
            (kept, all) = (kept + found.0, all + found.1);
        }
    }
    assert!(f64::from(kept) >= 0.93 * f64::from(all), "{kept} of {all} settings within their 95 % intervals");
}

#[test]
fn a_cap_is_found_where_waits_meet_it() {
    let (mut kept, mut all) = (0, 0);
    for jitter in JITTERS {
        let max = TimeSpan::from_millis(1000);
        let settings = Settings { max, ..settings(jitter, Curve::Exponential) };
        let found = check(&settings, (300, 6), true);
        (kept, all) = (kept + found.0, all + found.1);
    }
    assert!(f64::from(kept) >= 0.9 * f64::from(all), "{kept} of {all} settings within their 95 % intervals");
}

#[test]
fn few_waits_are_told_apart_less_surely_but_never_wrongly() {
    let (mut sure, mut all) = (0, 0);
    for jitter in [Jitter::Full, Jitter::Equal, Jitter::Decorrelated, Jitter::PollyV2] {
        for seed in SEEDS {
            let found = name(&drawn(&settings(jitter, Curve::Exponential), (40, 3), seed));
            let families: Vec<Jitter> = found.recognised.families.iter().map(|f| f.jitter).collect();
            assert!(families.contains(&jitter), "{jitter:?}, seed {seed}: {families:?}");
            sure += u32::from(found.is_one && families[0] == jitter);
            all += 1;
        }
    }
    assert!(sure * 10 >= all * 9, "{sure} of {all}");
}

#[test]
fn two_families_of_one_retry_cannot_be_told_apart_and_both_are_said() {
    let found = name(&drawn(&settings(Jitter::Decorrelated, Curve::Constant), (300, 1), 1));
    let families: Vec<Jitter> = found.recognised.families.iter().map(|f| f.jitter).collect();
    assert!(!found.is_one && found.recognised.more.is_none(), "{found:?}");
    assert!(families.contains(&Jitter::Decorrelated) && families.len() == 2, "{found:?}");
}

#[test]
fn waits_of_no_family_are_given_no_name() {
    for seed in SEEDS {
        let mut dice = Seed(seed).dice(Stream::named(&["naming", "odd"]), 0, 0);
        // Two clumps; and a tail that has no end.
        let mut clumps =
            |_| vec![if dice.chance(0.5) { dice.between(0.1, 0.12) } else { dice.between(0.4, 0.42) }];
        let clumped: Vec<Vec<f64>> = (0..300).map(&mut clumps).collect();
        let tailed: Vec<Vec<f64>> = (0..300).map(|_| vec![-0.2 * (1.0 - dice.unit()).ln()]).collect();
        for waits in [clumped, tailed] {
            let found = name(&Courses::of(waits));
            assert!(found.recognised.families.is_empty() && !found.is_one, "seed {seed}: {found:?}");
        }
    }
}

#[test]
fn two_lengths_are_linear_as_well_as_doubled_and_retries_at_once_have_no_base() {
    let found = name(&drawn(&settings(Jitter::Full, Curve::Linear), (300, 2), 1));
    let curves: Vec<Option<Curve>> = found.recognised.families.iter().map(|f| f.curve).collect();
    assert_eq!(curves, [Some(Curve::Exponential), Some(Curve::Linear)]);
    let at_once = name(&Courses::of((0..100).map(|n| vec![0.0002 * f64::from(n % 3); 3])));
    let family = &at_once.recognised.families[0];
    assert_eq!((family.jitter, family.base.value, at_once.is_one), (Jitter::None, 0.0, true));
    assert!(name(&Courses::default()).recognised.families.is_empty());
}
