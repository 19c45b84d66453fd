//! The results a closed breaker looks back on: a time window, a count window, or failures in a row.
//!
//! Windows that are cut into a few buckets, or emptied every so often, forget a burst of failures that spans an
//! edge. The count window here is the last n results exactly. The time window slides in thousandths of its length, so
//! its memory is bounded whatever the rate; a result counts for at most the length and at least 0.998 of it. With
//! `window_buckets` it moves on in larger steps, as those libraries have it, and a result may count for as much less.

use std::collections::VecDeque;
use std::ops::{AddAssign, SubAssign};

use upstorm_model::Offset;
use upstorm_model::policy::{self, BreakerKind, Compare, Evaluate};

use crate::window::{Keep, TimeWindow};

/// What is counted of results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) calls: u64,
    pub(super) failed: u64,
    pub(super) slow: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.failed += other.failed;
        self.slow += other.slow;
    }
}

impl SubAssign for Tally {
    fn sub_assign(&mut self, other: Self) {
        self.calls -= other.calls;
        self.failed -= other.failed;
        self.slow -= other.slow;
    }
}

impl Tally {
    pub(super) fn of(failed: bool, slow: bool) -> Self {
        Self { calls: 1, failed: u64::from(failed), slow: u64::from(slow) }
    }

    /// Whether failures are as many as open a breaker.
    pub(super) fn too_many_failed(self, settings: &policy::Breaker) -> bool {
        trips(self.failed, self.calls, settings.failure_rate.get(), settings.compare)
    }

    /// Whether slow calls are as many as open a breaker.
    pub(super) fn too_many_slow(self, settings: &policy::Breaker) -> bool {
        let slow = || trips(self.slow, self.calls, settings.slow_rate.get(), settings.compare);
        settings.slow_call.is_some() && slow()
    }
}

/// Shares are quotients of whole numbers and thresholds come from decimal text; a rounding error of the one must not
/// decide which side of the other it is on.
const NOISE: f64 = 1e-9;

/// Whether `part` of `whole` reaches (or, for `gt`, exceeds) the threshold.
fn trips(part: u64, whole: u64, threshold: f64, compare: Compare) -> bool {
    if whole == 0 {
        return false;
    }
    let share = part as f64 / whole as f64;
    match compare {
        Compare::Ge => share >= threshold - NOISE,
        Compare::Gt => share > threshold + NOISE,
    }
}

#[derive(Debug, Clone)]
enum Memory {
    Time(TimeWindow<Tally>),
    Last {
        most: usize,
        results: VecDeque<Tally>,
        total: Tally,
    },
    InARow(u32),
    /// The defect: nothing ever leaves.
    Ever(Tally),
}

/// The results a closed breaker looks back on.
#[derive(Debug, Clone)]
pub(super) struct Results {
    memory: Memory,
    min_calls: u64,
}

impl Results {
    pub(super) fn new(settings: &policy::Breaker) -> Self {
        let min_calls = u64::from(match settings.window {
            policy::Window::Time(_) => settings.min_calls,
            // A count window never holds more than it holds, so it would otherwise never open.
            policy::Window::Calls(most) => settings.min_calls.min(most),
        });
        match (settings.kind, settings.window) {
            (BreakerKind::Consecutive, _) => Self { memory: Memory::InARow(0), min_calls },
            _ if !settings.window_slides => Self { memory: Memory::Ever(Tally::default()), min_calls },
            (_, policy::Window::Time(length)) => {
                let buckets = u64::from(settings.window_buckets);
                let window = TimeWindow::in_cells(length.get(), Keep::AtMost, buckets);
                Self { memory: Memory::Time(window), min_calls }
            }
            (_, policy::Window::Calls(most)) => {
                let most = usize::try_from(most.max(1)).unwrap_or(usize::MAX);
                let memory = Memory::Last { most, results: VecDeque::new(), total: Tally::default() };
                Self { memory, min_calls }
            }
        }
    }

    pub(super) fn clear(&mut self) {
        match &mut self.memory {
            Memory::Time(window) => window.clear(),
            Memory::Last { results, total, .. } => {
                results.clear();
                *total = Tally::default();
            }
            Memory::InARow(failures) => *failures = 0,
            Memory::Ever(total) => *total = Tally::default(),
        }
    }

    /// Enters a result. True if the breaker, were it closed, must open on it.
    pub(super) fn push(&mut self, now: Offset, result: Tally, settings: &policy::Breaker) -> bool {
        let total = match &mut self.memory {
            Memory::InARow(failures) => {
                *failures = if result.failed > 0 { failures.saturating_add(1) } else { 0 };
                return *failures >= settings.failures.max(1);
            }
            Memory::Time(window) => {
                window.add(now, result);
                window.total(now)
            }
            Memory::Ever(total) => {
                *total += result;
                *total
            }
            Memory::Last { most, results, total } => {
                if results.len() == *most
                    && let Some(oldest) = results.pop_front()
                {
                    *total -= oldest;
                }
                results.push_back(result);
                *total += result;
                *total
            }
        };
        let looked_at = settings.evaluate == Evaluate::EachResult || result.failed + result.slow > 0;
        let over = || total.too_many_failed(settings) || total.too_many_slow(settings);
        looked_at && total.calls >= self.min_calls && over()
    }
}
