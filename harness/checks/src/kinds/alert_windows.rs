//! The windows of an alert: what is counted in each, and the level that follows.

use std::time::Duration;

use upstorm_model::recording::{Call, Outcome};
use upstorm_model::scenario::{AlertCheck, Burn, BurnPair, Level};
use upstorm_model::verdict::Unit;
use upstorm_model::{Offset, TimeSpan};

use crate::statistics::quantile;

/// One thing that an alert watches.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    /// In words.
    pub(super) name: String,
    /// What its level is in.
    pub(super) unit: Unit,
    /// It fires when the level is over this.
    pub(super) threshold: f64,
    /// In so many windows in a row.
    pub(super) consecutive: u32,
    /// Which calls are counted, and what is bad about them.
    pub(super) counts: Counts,
    /// From one look to the next.
    step: Duration,
    /// How far a look reaches back, and how far its last part does, where that must be over the threshold too.
    windows: (Duration, Option<Duration>),
    /// What a share is divided by to be the level.
    budget: f64,
}

/// Which calls are counted, and what is bad about them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counts {
    /// All calls, and those of them that ended so.
    Share(fn(Outcome) -> bool),
    /// Successful calls, and this quantile of how long they took.
    Latency(f64),
}

/// What is known of a client's calls, by when they ended.
#[derive(Debug)]
pub(super) struct Heard {
    counts: Counts,
    since: Offset,
    ended: Vec<Offset>,
    /// How many of them were bad up to and with each.
    bad: Vec<u32>,
    /// How long each took, in seconds, where that counts.
    took: Vec<f64>,
}

/// A look at the windows that end at some time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    /// When they end.
    pub(super) at: Offset,
    /// The level; none where there were too few calls to tell.
    pub(super) level: Option<f64>,
}

impl Watch {
    /// All that an alert watches; it fires when any of it does.
    pub(super) fn all(asked: &AlertCheck) -> Vec<Self> {
        match (asked.level(), &asked.burn) {
            (Some(level), _) => vec![Self::level(asked, level)],
            (None, Some(burn)) => burn.pairs.iter().map(|pair| Self::burn(burn, *pair)).collect(),
            (None, None) => Vec::new(),
        }
    }

    fn level(asked: &AlertCheck, level: Level) -> Self {
        let window = asked.window.map_or(AlertCheck::SHORTEST, TimeSpan::get).max(AlertCheck::SHORTEST);
        let consecutive = asked.consecutive.unwrap_or(1).max(1);
        let (what, unit, counts) = match level {
            Level::Errors(_) => ("errors".to_owned(), Unit::Ratio, Counts::Share(Outcome::is_error)),
            Level::Throttled(_) => {
                ("throttled".to_owned(), Unit::Ratio, Counts::Share(Outcome::is_throttled))
            }
            Level::Latency(p, _) => {
                let name = format!("p{}", (p * 1000.0).round() / 10.0).replace('.', "");
                (name, Unit::Seconds, Counts::Latency(p))
            }
        };
        let windows = if consecutive == 1 { "a window".to_owned() } else { format!("{consecutive} windows") };
        let name = format!("{what} in {windows} of {}", TimeSpan::from(window));
        let (threshold, windows) = (level.threshold(), (window, None));
        Self { name, unit, threshold, consecutive, counts, step: window, windows, budget: 1.0 }
    }

    fn burn(burn: &Burn, pair: BurnPair) -> Self {
        let looks = BurnPair::LONG_OVER_SHORT * BurnPair::LOOKS;
        let long = pair.long.get().max(AlertCheck::SHORTEST * looks);
        let short = long / BurnPair::LONG_OVER_SHORT;
        Self {
            name: format!("burn over {} and {}", TimeSpan::from(long), TimeSpan::from(short)),
            unit: Unit::Times,
            threshold: pair.rate,
            consecutive: 1,
            counts: Counts::Share(|outcome| !outcome.is_success()),
            step: long / looks,
            windows: (long, Some(short)),
            budget: (1.0 - burn.objective.get()).max(f64::MIN_POSITIVE),
        }
    }

    /// Looks at a stretch, as long as windows end in it.
    pub(super) fn looks<'a>(
        &'a self,
        heard: &'a Heard,
        (start, end): (Offset, Offset),
        floor: u32,
    ) -> impl Iterator<Item = Look> + 'a {
        let ends = std::iter::successors(Some(start + self.step), |at| Some(*at + self.step));
        ends.take_while(move |at| *at <= end)
            .map(move |at| Look { at, level: self.level_at(heard, at, floor) })
    }

    fn level_at(&self, heard: &Heard, at: Offset, floor: u32) -> Option<f64> {
        let (long, short) = self.windows;
        let level = |window: Duration| heard.level((at - window, at), floor);
        let whole = level(long)?;
        Some(short.map_or(Some(whole), |short| Some(whole.min(level(short)?)))? / self.budget)
    }
}

impl Heard {
    /// Of these calls, counted so; those that ended before `since` are none.
    pub(super) fn of<'a>(calls: impl Iterator<Item = &'a Call>, counts: Counts, since: Offset) -> Self {
        let counted = |call: &&Call| match counts {
            // What had not ended when the run was over was heard of by nobody.
            Counts::Share(_) => call.outcome != Outcome::Censored,
            Counts::Latency(_) => call.outcome.is_success(),
        };
        let mut calls: Vec<&Call> = calls.filter(|call| call.done >= since).filter(counted).collect();
        calls.sort_by_key(|call| (call.done, call.id));
        let is_bad = |call: &Call| matches!(counts, Counts::Share(bad) if bad(call.outcome));
        let bad = calls.iter().scan(0, |sum, call| {
            *sum += u32::from(is_bad(call));
            Some(*sum)
        });
        let bad = bad.collect();
        let timed = if matches!(counts, Counts::Latency(_)) { calls.as_slice() } else { &[] };
        let took = timed.iter().map(|call| call.latency().as_secs_f64()).collect();
        Self { counts, since, ended: calls.iter().map(|call| call.done).collect(), bad, took }
    }

    /// The level from one time up to another; none with fewer calls than so many.
    fn level(&self, (from, to): (Offset, Offset), floor: u32) -> Option<f64> {
        let before = |at: Offset| self.ended.partition_point(|ended| *ended < at);
        let (first, last) = (before(from.max(self.since)), before(to));
        let n = last.checked_sub(first).filter(|n| *n > 0 && *n >= floor as usize)?;
        match self.counts {
            Counts::Share(_) => {
                let up_to = |index: usize| index.checked_sub(1).map_or(0, |last| self.bad[last]);
                Some(f64::from(up_to(last) - up_to(first)) / n as f64)
            }
            Counts::Latency(p) => {
                let mut took = self.took[first..last].to_vec();
                took.sort_by(f64::total_cmp);
                quantile(&took, p)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::recording::CallId;
    use upstorm_model::{HostId, Ratio};

    /// A call that was planned and ended at these milliseconds.
    fn call(planned: u64, done: u64, status: u16) -> Call {
        let (planned, done) = (Offset::from_millis(planned), Offset::from_millis(done));
        let id = CallId::new(HostId(0), planned.as_nanos());
        Call {
            id,
            request: 0,
            planned,
            sent: planned,
            done,
            outcome: Outcome::Answered(status),
            bytes: 0,
            made: None,
        }
    }

    /// The levels of the windows of a stretch, in milliseconds.
    fn levels(asked: &AlertCheck, calls: &[Call], (start, end): (u64, u64), floor: u32) -> Vec<Option<f64>> {
        let watch = &Watch::all(asked)[0];
        let heard = Heard::of(calls.iter(), watch.counts, Offset::from_millis(1000));
        let stretch = (Offset::from_millis(start), Offset::from_millis(end));
        watch.looks(&heard, stretch, floor).map(|look| look.level).collect()
    }

    fn errors() -> AlertCheck {
        let window = Some(TimeSpan::from_secs(1));
        AlertCheck { errors: Some(Ratio::new(0.1)), window, ..AlertCheck::default() }
    }

    #[test]
    fn a_call_counts_in_the_window_in_which_it_ended() {
        let calls =
            [call(1000, 1500, 200), call(1100, 2500, 503), call(2000, 2600, 200), call(3000, 4000, 503)];
        let seen = levels(&errors(), &calls, (1000, 4999), 1);
        assert_eq!(seen, [Some(0.0), Some(0.5), None], "the last window is cut, and one had no call");
        assert_eq!(levels(&errors(), &calls, (1000, 3000), 2), [None, Some(0.5)], "one call is too few");
        assert_eq!(levels(&errors(), &calls, (4000, 5000), 1), [Some(1.0)], "a window begins with its start");
    }

    #[test]
    fn a_quantile_is_that_of_successful_calls() {
        let slow = AlertCheck { errors: None, p50: Some(TimeSpan::from_millis(9)), ..errors() };
        let calls =
            [call(1000, 1010, 200), call(1000, 1200, 200), call(1000, 1300, 200), call(1000, 1999, 500)];
        assert_eq!(levels(&slow, &calls, (1000, 2000), 1), [Some(0.2)]);
    }

    #[test]
    fn a_budget_burns_as_fast_as_in_the_slower_of_both_windows() {
        // Long 12 s, short 1 s, a look each 200 ms; one call each 100 ms, and from the twelfth second on all fail.
        let pairs = vec![BurnPair { rate: 10.0, long: TimeSpan::from_secs(12) }];
        let burn = Some(Burn { objective: Ratio::new(0.9), pairs });
        let asked = AlertCheck { errors: None, window: None, burn, ..errors() };
        let calls: Vec<Call> =
            (10..200).map(|n| call(n * 100, n * 100, if n < 120 { 200 } else { 503 })).collect();
        let burnt = levels(&asked, &calls, (12_000, 15_000), 1);
        assert_eq!(burnt.len(), 15);
        // After 1 s of trouble: 10 of the 120 calls of the last 12 s, a tenth of which may fail.
        assert!((burnt[4].unwrap() - 10.0 * 10.0 / 120.0).abs() < 1e-9, "{burnt:?}");
        // Warm-up is not heard of: at 6 s there are only 5 s of calls, and all of them are good.
        assert_eq!(levels(&asked, &calls, (5_800, 6_000), 51), [None]);
        assert_eq!(levels(&asked, &calls, (5_800, 6_000), 10), [Some(0.0)]);
    }
}
