//! What the defaults of known libraries do when a healthy upstream begins to fail: 100 calls a second, all good, then all
//! bad.

use upstorm_model::policy::{self, Preset, RejectedCalls};
use upstorm_model::{Offset, TimeSpan};

use super::{Breaker, BreakerState};
use crate::Ending;

fn settings(preset: &str) -> policy::Breaker {
    Preset::named(preset).unwrap().settings().breaker
}

/// One call, admitted and settled at the same time. False if it was refused.
fn call(breaker: &mut Breaker, now: Offset, status: u16) -> bool {
    let (admitted, _) = breaker.admit(now);
    admitted.map(|admission| breaker.settle(now, admission, Ending::Answered(status))).is_ok()
}

/// Failures until it opens, after a healthy minute and `more` milliseconds: a window in buckets makes a difference.
fn failures_until_open(preset: &str, more: u64) -> u64 {
    let mut breaker = Breaker::new(&settings(preset));
    let healthy = 6000 + more / 10;
    let at = |n: u64| Offset::from_millis(n * 10);
    assert!((0..healthy).all(|n| call(&mut breaker, at(n), 200)), "{preset} passes what is good");
    let failing = (1..10_000).find(|n| {
        call(&mut breaker, at(healthy + n), 503);
        breaker.state() == BreakerState::Open
    });
    failing.unwrap_or(u64::MAX)
}

#[test]
fn resilience4j_opens_after_fifty_failures() {
    assert_eq!(failures_until_open("resilience4j", 0), 50);
}

#[test]
fn polly_opens_after_three_seconds_at_most_and_opossum_after_five() {
    for more in (0..3000).step_by(100) {
        let polly = failures_until_open("polly", more);
        assert!((270..=310).contains(&polly), "polly after {polly} failures");
        let opossum = failures_until_open("opossum", more);
        assert!((450..=510).contains(&opossum), "opossum after {opossum} failures");
    }
}

/// Opens it at time zero: so many failures as it may need, all at once.
fn opened(preset: &str) -> Breaker {
    let mut breaker = Breaker::new(&settings(preset));
    for _ in 0..200 {
        call(&mut breaker, Offset::ZERO, 503);
    }
    assert_eq!(breaker.state(), BreakerState::Open, "{preset}");
    breaker
}

#[test]
fn resilience4j_judges_its_ten_probes_together() {
    for (bad, expected) in [(4, BreakerState::Closed), (5, BreakerState::Open)] {
        let mut breaker = opened("resilience4j");
        let now = Offset::from_millis(60_000);
        for probe in 0..10 {
            assert!(call(&mut breaker, now, if probe < bad { 503 } else { 200 }));
            assert!(probe == 9 || breaker.state() == BreakerState::HalfOpen);
        }
        assert_eq!(breaker.state(), expected, "{bad} of ten are bad");
    }
}

#[test]
fn polly_and_opossum_ask_one_probe() {
    for (preset, open_for) in [("polly", 5000), ("opossum", 30_000)] {
        for (status, expected) in [(200, BreakerState::Closed), (503, BreakerState::Open)] {
            let mut breaker = opened(preset);
            assert!(!call(&mut breaker, Offset::from_millis(open_for - 1), 200));
            assert!(call(&mut breaker, Offset::from_millis(open_for), status));
            assert_eq!(breaker.state(), expected, "{preset}, {status}");
        }
    }
}

/// An old call that comes back while opossum is half open closes it: its timer has let the state change unasked.
#[test]
fn opossum_half_opens_by_timer_and_hears_late_results() {
    for (preset, expected) in [("opossum", BreakerState::Closed), ("polly", BreakerState::Open)] {
        let mut breaker = Breaker::new(&settings(preset));
        let (old, _) = breaker.admit(Offset::ZERO);
        for _ in 0..200 {
            call(&mut breaker, Offset::ZERO, 503);
        }
        let changes = breaker.settle(Offset::from_millis(31_000), old.unwrap(), Ending::Answered(200));
        assert_eq!(breaker.state(), expected, "{preset}: {changes:?}");
    }
}

/// Refused calls dilute the share, and what happened before it closed still counts: of one failure that opened it, a good
/// probe and another failure, two of three failed; with a hundred refused calls among them, two of a hundred and three.
#[test]
fn opossum_counts_what_it_refuses_and_keeps_its_window() {
    for (rejected, expected) in
        [(RejectedCalls::Count, BreakerState::Closed), (RejectedCalls::Ignore, BreakerState::Open)]
    {
        let open_for = TimeSpan::from_secs(1);
        let mut breaker = Breaker::new(&policy::Breaker { rejected, open_for, ..settings("opossum") });
        assert!(call(&mut breaker, Offset::ZERO, 503));
        for n in 0..100 {
            assert!(!call(&mut breaker, Offset::from_millis(n), 200));
        }
        assert!(call(&mut breaker, Offset::from_millis(1000), 200));
        assert_eq!(breaker.state(), BreakerState::Closed);
        call(&mut breaker, Offset::from_millis(1001), 503);
        assert_eq!(breaker.state(), expected, "{rejected:?}");
    }
}

/// The twins of `standard`: half open, one lets a hundred through at once; the other cannot forget an hour of good calls.
#[test]
fn the_broken_twins_do_what_they_are_there_for() {
    let probes = |preset: &str| {
        let mut breaker = opened(preset);
        (0..100).filter(|_| breaker.admit(Offset::from_millis(10_000)).0.is_ok()).count()
    };
    assert_eq!((probes("standard"), probes("unlimited-half-open")), (5, 100));
    let (sound, broken) = (failures_until_open("standard", 0), failures_until_open("window-never-slides", 0));
    assert!((495..=505).contains(&sound), "{sound}");
    assert!(broken >= 6000, "{broken}");
}
