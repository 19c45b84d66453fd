//! Hedging: how long to wait for an answer before asking again beside it.
//!
//! A fixed wait is wrong as soon as the upstream's speed changes: too short, and every call is sent twice just when it
//! slows down; too long, and nothing is gained. So the wait may follow a percentile of what was seen. Dean and Barroso
//! (The Tail at Scale, CACM 56(2), 2013) wait for the 95th, which costs 5 % more attempts; gRFC A6 waits a fixed
//! `hedgingDelay`; Finagle's BackupRequestFilter keeps a percentile over a window of time.
//!
//! | kind | wait |
//! |---|---|
//! | off | for ever |
//! | delay | `after` |
//! | percentile, with fewer than `min_samples` in the window | `after` |
//! | percentile | the nearest rank of what the calls of the window took, at most the last thousand |
//!
//! What is seen is how long first tries took to their head. One that lost against an extra attempt took at least as long as
//! it had when it lost, and is entered with that: it lies beyond the wait either way. Left out, only fast ones would
//! be seen, and the wait would shrink until everything is sent twice. Who wins is left to the layer.

use std::collections::VecDeque;
use std::time::Duration;

use http::Method;
use upstorm_model::Offset;
use upstorm_model::policy::{self, HedgeKind, Methods};

use crate::retry::may_be_repeated;

/// More are not looked back on: the wait needs no more, and memory stays bounded.
const MOST_SAMPLES: usize = 1000;
/// Shares such as 0.95 have no exact binary form: a rank must not move up by one for that.
const NOISE: f64 = 1e-9;

/// When an extra attempt is due.
#[derive(Debug, Clone)]
pub struct Hedge {
    kind: HedgeKind,
    after: Duration,
    share: f64,
    window: Duration,
    min_samples: usize,
    max: u32,
    methods: Methods,
    /// In order of arrival.
    seen: VecDeque<(Offset, Duration)>,
    /// The same, by length.
    sorted: Vec<Duration>,
}

impl Hedge {
    /// With these settings; nothing was seen yet.
    #[must_use]
    pub fn new(settings: &policy::Hedge) -> Self {
        Self {
            kind: settings.kind,
            after: settings.after.get(),
            share: settings.percentile.get(),
            window: settings.window.get(),
            min_samples: settings.min_samples as usize,
            max: settings.max,
            methods: settings.methods,
            seen: VecDeque::new(),
            sorted: Vec::new(),
        }
    }

    /// How many extra attempts such a request may have.
    #[must_use]
    pub fn extras(&self, method: &Method, keyed: bool) -> u32 {
        let may = self.kind != HedgeKind::Off && may_be_repeated(self.methods, method, keyed);
        if may { self.max } else { 0 }
    }

    /// How long an attempt of now is waited for before an extra one is sent.
    pub fn wait(&mut self, now: Offset) -> Duration {
        self.expire(now);
        let enough = self.kind == HedgeKind::Percentile && self.sorted.len() >= self.min_samples.max(1);
        let rank = (self.share * self.sorted.len() as f64 - NOISE).ceil().max(1.0) as usize;
        let seen = self.sorted.get(rank - 1).filter(|_| enough);
        seen.copied().unwrap_or(self.after)
    }

    /// A first try took this long to its answer, or at least this long when it lost.
    pub fn took(&mut self, now: Offset, took: Duration) {
        if self.kind != HedgeKind::Percentile {
            return;
        }
        self.expire(now);
        if self.seen.len() >= MOST_SAMPLES {
            self.forget_oldest();
        }
        self.seen.push_back((now, took));
        self.sorted.insert(self.sorted.partition_point(|other| *other < took), took);
    }

    fn expire(&mut self, now: Offset) {
        while self.seen.front().is_some_and(|(at, _)| now.since(*at) >= self.window) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some((_, took)) = self.seen.pop_front() else { return };
        if let Ok(index) = self.sorted.binary_search(&took) {
            self.sorted.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use upstorm_model::{Ratio, TimeSpan};

    fn settings(kind: HedgeKind) -> policy::Hedge {
        policy::Hedge { kind, min_samples: 20, window: TimeSpan::from_secs(10), ..policy::Hedge::default() }
    }

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn follows_what_it_sees_once_that_is_enough() {
        let mut hedge = Hedge::new(&settings(HedgeKind::Percentile));
        for n in 1..=19 {
            hedge.took(Offset::from_millis(n), ms(n));
        }
        assert_eq!(hedge.wait(Offset::from_millis(19)), ms(50), "too few");
        hedge.took(Offset::from_millis(20), ms(20));
        assert_eq!(
            hedge.wait(Offset::from_millis(20)),
            ms(19),
            "the 95th of a hundred is the 19th of twenty"
        );
        assert_eq!(hedge.wait(Offset::from_millis(10_001)), ms(50), "the first has left the window");
    }

    #[test]
    fn asks_again_only_what_may_be_sent_again() {
        let extras = |kind, methods, method: Method, keyed| {
            let hedge = policy::Hedge { methods, max: 2, ..settings(kind) };
            Hedge::new(&hedge).extras(&method, keyed)
        };
        assert_eq!(extras(HedgeKind::Delay, Methods::Idempotent, Method::GET, false), 2);
        assert_eq!(extras(HedgeKind::Delay, Methods::IdempotentOrKeyed, Method::POST, true), 2);
        assert_eq!(extras(HedgeKind::Delay, Methods::IdempotentOrKeyed, Method::POST, false), 0);
        assert_eq!(extras(HedgeKind::Delay, Methods::All, Method::POST, false), 2);
        assert_eq!(extras(HedgeKind::Off, Methods::All, Method::GET, true), 0);
    }

    #[test]
    fn those_that_lost_keep_the_wait_from_shrinking() {
        let mut hedge =
            Hedge::new(&policy::Hedge { percentile: Ratio::new(0.9), ..settings(HedgeKind::Percentile) });
        let mut now = Offset::ZERO;
        let mut extras = 0;
        for n in 0..5000_u64 {
            now += ms(1);
            let (wait, took) = (hedge.wait(now), ms(1 + n * 7919 % 100));
            // The extra attempt is as slow as any.
            let lost_after = wait + ms(1 + (n * 104_729 / 7) % 100);
            extras += u32::from(took > wait && n >= 1000);
            hedge.took(now, took.min(lost_after));
        }
        assert!((350..=450).contains(&extras), "{extras} of 4000 calls, where a tenth was meant");
    }

    proptest! {
        /// The model: sort what is young enough, at most a thousand of it, and count off the rank.
        #[test]
        fn waits_for_the_nearest_rank(
            steps in prop::collection::vec((0_u64..40, 0_u64..500), 1..1300),
            share in 500_u32..=999,
        ) {
            let share = f64::from(share) / 1000.0;
            let mut s = settings(HedgeKind::Percentile);
            s.percentile = Ratio::new(share);
            let mut hedge = Hedge::new(&s);
            let (mut now, mut all) = (Offset::ZERO, Vec::new());
            for (step, took) in steps {
                now += ms(step);
                hedge.took(now, ms(took));
                all.push((now, ms(took)));
                let last = &all[all.len().saturating_sub(MOST_SAMPLES)..];
                let mut young: Vec<Duration> =
                    last.iter().filter(|(at, _)| now.since(*at) < s.window.get()).map(|(_, t)| *t).collect();
                young.sort_unstable();
                let rank = (1..=young.len()).find(|r| *r as f64 + NOISE >= share * young.len() as f64);
                let expected = if young.len() < 20 { ms(50) } else { young[rank.unwrap() - 1] };
                prop_assert_eq!(hedge.wait(now), expected);
                prop_assert!(hedge.sorted.len() == hedge.seen.len() && hedge.seen.len() <= MOST_SAMPLES);
            }
        }
    }
}
