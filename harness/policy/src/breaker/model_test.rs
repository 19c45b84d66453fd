//! The breaker against a model that keeps every result and every probe in plain lists.

use std::time::Duration;

use proptest::prelude::*;
use upstorm_model::policy::{
    self, BreakerKind, Compare, Evaluate, FailureKind, HalfOpenDecides, HalfOpens, LateResults, OnClose,
    RejectedCalls, Window,
};
use upstorm_model::{Offset, Ratio, TimeSpan};

use super::{Admission, Breaker, BreakerState};
use crate::Ending;

/// Everything in cells of the window (10 ms for one of 10 s), where the time window is exact.
const CELL: u64 = 10_000_000;

#[derive(Debug)]
struct Model {
    s: policy::Breaker,
    state: BreakerState,
    since: u64,
    generation: u64,
    /// (cell, failed) since the last change of state, or ever where the window is kept.
    results: Vec<(u64, bool)>,
    /// (number, sent) of probes out.
    probes: Vec<(usize, u64)>,
    /// Results while half open, and the failures among them.
    seen: usize,
    bad: usize,
}

impl Model {
    fn cells(span: TimeSpan) -> u64 {
        span.get().as_nanos() as u64 / CELL
    }

    fn enter(&mut self, state: BreakerState, now: u64) {
        (self.state, self.since, self.seen, self.bad) = (state, now, 0, 0);
        self.generation += 1;
        if self.s.on_close == OnClose::Clear {
            self.results.clear();
        }
        self.probes.clear();
    }

    /// Open for long enough?
    fn over(&self, now: u64) -> bool {
        self.state == BreakerState::Open && now >= self.since + Self::cells(self.s.open_for)
    }

    fn overdue(&mut self, now: u64) {
        let wait = Self::cells(self.s.half_open_max_wait);
        if let Some((_, sent)) =
            self.probes.first().copied().filter(|(_, sent)| wait > 0 && sent + wait <= now)
        {
            self.enter(BreakerState::Open, sent + wait);
        }
        if self.s.half_opens == HalfOpens::Timer && self.over(now) {
            self.enter(BreakerState::HalfOpen, self.since + Self::cells(self.s.open_for));
        }
    }

    fn admit(&mut self, number: usize, now: u64) -> bool {
        self.overdue(now);
        if self.over(now) {
            self.enter(BreakerState::HalfOpen, now);
        }
        let admitted = match self.state {
            BreakerState::Closed => true,
            BreakerState::Open => false,
            BreakerState::HalfOpen => {
                let room = self.probes.len() + self.seen < self.s.half_open_permits as usize;
                let room = room || self.s.half_open_unlimited;
                if room {
                    self.probes.push((number, now));
                }
                room
            }
        };
        if !admitted && self.s.rejected == RejectedCalls::Count {
            self.results.push((now, false));
        }
        admitted
    }

    fn settle(&mut self, (number, generation): (usize, u64), ending: Ending, now: u64) {
        self.overdue(now);
        let late = generation != self.generation;
        if late && self.s.late_results == LateResults::Ignore {
            return;
        }
        if self.state == BreakerState::HalfOpen && !late {
            if self.s.half_open_leak && !matches!(ending, Ending::Answered(_)) {
                return;
            }
            self.probes.retain(|(n, _)| *n != number);
        }
        if ending == Ending::Left {
            return;
        }
        let failed = !matches!(ending, Ending::Answered(200 | 429));
        self.results.push((now, failed));
        let by_rate = self.s.half_open_decides == HalfOpenDecides::Rate;
        match self.state {
            BreakerState::Closed => {
                let looks = failed || self.s.evaluate == Evaluate::EachResult;
                if looks && self.trips(now) {
                    self.enter(BreakerState::Open, now);
                }
            }
            BreakerState::Open => {}
            BreakerState::HalfOpen if failed && !by_rate => self.enter(BreakerState::Open, now),
            BreakerState::HalfOpen => {
                self.seen += 1;
                self.bad += usize::from(failed);
                if self.seen >= self.s.half_open_permits as usize {
                    let reopens = by_rate && self.reaches(self.bad, self.seen);
                    let next = if reopens { BreakerState::Open } else { BreakerState::Closed };
                    self.enter(next, now);
                }
            }
        }
    }

    /// Both sides times 100, so that whole percents are compared as whole numbers.
    fn reaches(&self, failed: usize, of: usize) -> bool {
        let percent = (self.s.failure_rate.get() * 100.0).round() as usize;
        let (left, right) = (100 * failed, percent * of);
        if self.s.compare == Compare::Ge { left >= right } else { left > right }
    }

    fn trips(&self, now: u64) -> bool {
        if self.s.kind == BreakerKind::Consecutive {
            return self.results.iter().rev().take_while(|(_, failed)| *failed).count()
                >= self.s.failures as usize;
        }
        let (within, least): (Vec<bool>, u32) = match self.s.window {
            Window::Time(length) => {
                let part = Self::cells(length) / u64::from(self.s.window_buckets);
                let young = |at: u64| {
                    now / part - at / part < u64::from(self.s.window_buckets) || !self.s.window_slides
                };
                (
                    self.results.iter().filter(|(at, _)| young(*at)).map(|(_, f)| *f).collect(),
                    self.s.min_calls,
                )
            }
            Window::Calls(n) => (self.last(n).map(|(_, f)| *f).collect(), self.s.min_calls.min(n)),
        };
        let failed = within.iter().filter(|f| **f).count();
        !within.is_empty() && within.len() >= least as usize && self.reaches(failed, within.len())
    }

    fn last(&self, n: u32) -> impl Iterator<Item = &(u64, bool)> {
        let n = if self.s.window_slides { n as usize } else { usize::MAX };
        self.results.iter().rev().take(n)
    }
}

/// The settings by which the libraries differ, and the defects.
fn manners() -> impl Strategy<Value = policy::Breaker> {
    let buckets = prop::sample::select(vec![1000u32, 1000, 10, 4]);
    let choices = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let defects = (prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    (buckets, choices, defects).prop_map(
        |(window_buckets, (keep, count, failure, timer, rate), (unlimited, never_slides))| policy::Breaker {
            window_buckets,
            on_close: if keep { OnClose::Keep } else { OnClose::Clear },
            rejected: if count { RejectedCalls::Count } else { RejectedCalls::Ignore },
            evaluate: if failure { Evaluate::Failure } else { Evaluate::EachResult },
            half_opens: if timer { HalfOpens::Timer } else { HalfOpens::NextCall },
            half_open_decides: if rate { HalfOpenDecides::Rate } else { HalfOpenDecides::FirstFailure },
            half_open_unlimited: unlimited,
            window_slides: !never_slides,
            ..policy::Breaker::default()
        },
    )
}

fn settings() -> impl Strategy<Value = policy::Breaker> {
    let window =
        prop_oneof![Just(Window::Time(TimeSpan::from_secs(10))), (1u32..12).prop_map(Window::Calls),];
    let counts = (0u32..8, 1u32..5, 1u32..4);
    let waits = (prop::sample::select(vec![0u64, 50, 500]), 0u64..300);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let percents = prop::sample::select(vec![10u32, 30, 50, 70, 100]);
    ((window, manners()), counts, percents, waits, flags).prop_map(
        |((window, manners), (min_calls, failures, permits), percent, (wait, open), flags)| {
            let (gt, count, leak, in_a_row) = flags;
            policy::Breaker {
                kind: if in_a_row { BreakerKind::Consecutive } else { BreakerKind::Rate },
                window,
                min_calls,
                failures,
                failure_rate: Ratio::new(f64::from(percent) / 100.0),
                compare: if gt { Compare::Gt } else { Compare::Ge },
                open_for: TimeSpan::from_millis(open * 10),
                half_open_permits: permits,
                half_open_max_wait: TimeSpan::from_millis(wait * 10),
                half_open_leak: leak,
                late_results: if count { LateResults::Count } else { LateResults::Ignore },
                ..manners
            }
        },
    )
}

fn endings() -> impl Strategy<Value = Ending> {
    prop::sample::select(vec![
        Ending::Answered(200),
        Ending::Answered(200),
        Ending::Answered(429),
        Ending::Answered(503),
        Ending::TimedOut,
        Ending::Broken,
        Ending::ConnectFailed,
        Ending::Left,
    ])
}

fn at(cell: u64) -> Offset {
    Offset::from_nanos(cell * CELL)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn agrees_with_plain_lists(
        s in settings(),
        steps in prop::collection::vec((0u64..150, prop::option::of((any::<prop::sample::Index>(), endings()))), 1..200),
    ) {
        let mut breaker = Breaker::new(&s);
        let mut model = Model {
            s, state: BreakerState::Closed, since: 0, generation: 0, results: vec![], probes: vec![], seen: 0, bad: 0,
        };
        let mut out: Vec<(Admission, (usize, u64))> = Vec::new();
        let mut now = 0;
        for (number, (gap, step)) in steps.into_iter().enumerate() {
            now += gap;
            let generation = model.generation;
            let changes = match step {
                Some((index, ending)) if !out.is_empty() => {
                    let (admission, key) = out.swap_remove(index.index(out.len()));
                    model.settle(key, ending, now);
                    breaker.settle(at(now), admission, ending)
                }
                _ => {
                    let expected = model.admit(number, now);
                    let (admitted, changes) = breaker.admit(at(now));
                    prop_assert_eq!(admitted.is_ok(), expected);
                    if let Ok(admission) = admitted {
                        out.push((admission, (number, model.generation)));
                    }
                    changes
                }
            };
            prop_assert_eq!(breaker.state(), model.state);
            prop_assert_eq!(breaker.probes_out(), model.probes.len());
            prop_assert_eq!(changes.len() as u64, model.generation - generation);
            if let Some(last) = changes.last() {
                prop_assert_eq!((last.at, last.to), (at(model.since), model.state));
            }
        }
    }
}

fn rate() -> policy::Breaker {
    policy::Breaker { kind: BreakerKind::Rate, ..policy::Breaker::default() }
}

/// Admits and settles at the same time.
fn one(breaker: &mut Breaker, now: Offset, ending: Ending) {
    let (admitted, _) = breaker.admit(now);
    if let Ok(admission) = admitted {
        let _ = breaker.settle(now, admission, ending);
    }
}

#[test]
fn the_standard_breaker_opens_at_twenty_and_closes_after_five_good_probes() {
    let mut breaker = Breaker::new(&rate());
    (0..19).for_each(|_| one(&mut breaker, Offset::ZERO, Ending::Answered(503)));
    assert_eq!(breaker.state(), BreakerState::Closed);
    one(&mut breaker, Offset::ZERO, Ending::Answered(200));
    assert_eq!(breaker.state(), BreakerState::Open);
    let refused = breaker.admit(Offset::from_millis(4_000)).0.unwrap_err();
    assert_eq!(refused.retry_after, Duration::from_secs(6));
    let probes: Vec<Admission> =
        (0..5).map(|_| breaker.admit(Offset::from_millis(10_000)).0.unwrap()).collect();
    assert!(breaker.admit(Offset::from_millis(10_000)).0.is_err());
    for probe in probes {
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        let _ = breaker.settle(Offset::from_millis(10_100), probe, Ending::Answered(200));
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn results_leave_the_window_one_by_one_and_not_all_at_once() {
    let mut breaker = Breaker::new(&policy::Breaker { min_calls: 10, ..rate() });
    for i in 0..9 {
        one(&mut breaker, Offset::from_millis(i * 1000), Ending::Answered(500));
    }
    // Ten seconds after the first failure, it alone is forgotten.
    one(&mut breaker, Offset::from_millis(10_000), Ending::Answered(500));
    assert_eq!(breaker.state(), BreakerState::Closed);
    one(&mut breaker, Offset::from_millis(10_500), Ending::Answered(500));
    assert_eq!(breaker.state(), BreakerState::Open);
}

#[test]
fn slow_answers_open_it_and_slow_probes_keep_it_open() {
    let s = policy::Breaker {
        slow_call: Some(TimeSpan::from_secs(1)),
        slow_rate: Ratio::new(0.5),
        min_calls: 4,
        ..rate()
    };
    let mut breaker = Breaker::new(&s);
    let slow = |breaker: &mut Breaker, now: u64| {
        let admission = breaker.admit(Offset::from_millis(now)).0.unwrap();
        let _ = breaker.settle(Offset::from_millis(now + 1001), admission, Ending::Answered(200));
    };
    (0..2).for_each(|_| one(&mut breaker, Offset::ZERO, Ending::Answered(200)));
    slow(&mut breaker, 0);
    slow(&mut breaker, 0);
    assert_eq!(breaker.state(), BreakerState::Open);
    (0..4).for_each(|_| slow(&mut breaker, 12_000));
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    slow(&mut breaker, 12_000);
    assert_eq!(breaker.state(), BreakerState::Open);
}

#[test]
fn leaked_probes_without_a_longest_wait_keep_it_half_open_for_ever() {
    let leaky = |max_wait| policy::Breaker {
        half_open_leak: true,
        half_open_max_wait: TimeSpan::from_secs(max_wait),
        ..rate()
    };
    for (max_wait, stuck) in [(0, true), (10, false)] {
        let mut breaker = Breaker::new(&leaky(max_wait));
        (0..20).for_each(|_| one(&mut breaker, Offset::ZERO, Ending::TimedOut));
        (0..5).for_each(|_| one(&mut breaker, Offset::from_millis(10_000), Ending::Broken));
        (0..50).for_each(|i| one(&mut breaker, Offset::from_millis(100_000 + i), Ending::Answered(200)));
        let expected = if stuck { BreakerState::HalfOpen } else { BreakerState::Closed };
        assert_eq!(breaker.state(), expected, "longest wait {max_wait} s");
    }
}

#[test]
fn what_counts_as_a_failure_is_a_setting() {
    for (kind, ending) in [
        (FailureKind::ServerError, Ending::Answered(500)),
        (FailureKind::TooManyRequests, Ending::Answered(429)),
        (FailureKind::Timeout, Ending::TimedOut),
        (FailureKind::Reset, Ending::Broken),
        (FailureKind::ConnectFailure, Ending::ConnectFailed),
    ] {
        for counts in [true, false] {
            let failure = if counts { vec![kind] } else { vec![] };
            let mut breaker = Breaker::new(&policy::Breaker { failure, ..rate() });
            (0..20).for_each(|_| one(&mut breaker, Offset::ZERO, ending));
            assert_eq!(breaker.state() == BreakerState::Open, counts, "{kind:?}");
        }
    }
}

#[test]
fn a_breaker_that_is_off_never_opens() {
    let mut breaker = Breaker::new(&policy::Breaker::default());
    (0..1000).for_each(|_| one(&mut breaker, Offset::ZERO, Ending::TimedOut));
    assert_eq!(breaker.state(), BreakerState::Closed);
}
