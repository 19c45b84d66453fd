//! The results a closed breaker looks back on: a time window, a count window, or failures in a row.
//!
//! Windows that are cut into a few buckets, or emptied every so often, forget a burst of failures that spans an
//! edge. The count window here is the last n results exactly. The time window slides in thousandths of its length, so
//! its memory is bounded whatever the rate; a result counts for at most the length and at least 0.998 of it.

use std::collections::VecDeque;
use std::ops::{AddAssign, SubAssign};

use upstorm_model::Offset;
use upstorm_model::policy::{self, BreakerKind, Compare};

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
}

/// Shares are quotients of whole numbers and thresholds come from decimal text; a rounding error of the one must not
/// decide which side of the other it is on.
const NOISE: f64 = 1e-9;

/// Whether `part` of `whole` reaches (or, for `gt`, exceeds) the threshold.
pub(super) fn trips(part: u64, whole: u64, threshold: f64, compare: Compare) -> bool {
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
    Last { most: usize, results: VecDeque<Tally>, total: Tally },
    InARow(u32),
}

/// The results a closed breaker looks back on.
#[derive(Debug, Clone)]
pub(super) struct Results {
    memory: Memory,
    min_calls: u64,
}

impl Results {
    pub(super) fn new(settings: &policy::Breaker) -> Self {
        let min_calls = u64::from(settings.min_calls);
        match (settings.kind, settings.window) {
            (BreakerKind::Consecutive, _) => Self { memory: Memory::InARow(0), min_calls },
            (_, policy::Window::Time(length)) => {
                Self { memory: Memory::Time(TimeWindow::new(length.get(), Keep::AtMost)), min_calls }
            }
            (_, policy::Window::Calls(most)) => {
                // A count window never holds more than it holds, so it would otherwise never open.
                let min_calls = min_calls.min(u64::from(most));
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
        }
    }

    /// Enters a result. True if the breaker must open on it.
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
        total.calls >= self.min_calls
            && (trips(total.failed, total.calls, settings.failure_rate.get(), settings.compare)
                || settings.slow_call.is_some()
                    && trips(total.slow, total.calls, settings.slow_rate.get(), settings.compare))
    }
}
