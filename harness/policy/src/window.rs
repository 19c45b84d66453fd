//! A sliding time window in bounded memory: counts in cells of a thousandth of its length.
//!
//! A deque of every event is exact but grows with the load, just when things go wrong. Ten buckets, as most libraries
//! have them, make the window jump by a tenth of its length, so a breaker or budget judges by up to 10 % more or less
//! than it says. A thousand cells err by a thousandth, and on a side that is chosen: what allows something (a
//! deposit, a result) expires early, what forbids something (a withdrawal) expires late.

use std::collections::BTreeMap;
use std::ops::{AddAssign, SubAssign};
use std::time::Duration;

use upstorm_model::Offset;

const CELLS: u64 = 1000;

/// On which side the window errs, by up to a thousandth of its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Nothing is counted once it is as old as the window is long.
    AtMost,
    /// Everything is counted until it is at least that old.
    AtLeast,
}

/// Sums over a sliding time window.
#[derive(Debug, Clone)]
pub(crate) struct TimeWindow<C> {
    grain: u64,
    /// A cell this much younger than the current one still counts.
    oldest: Option<u64>,
    cells: BTreeMap<u64, C>,
    total: C,
}

impl<C: Copy + Default + AddAssign + SubAssign> TimeWindow<C> {
    /// As good as smooth.
    pub(crate) fn new(length: Duration, keep: Keep) -> Self {
        Self::in_cells(length, keep, CELLS)
    }

    /// One that moves on by so many parts of its length, for whoever wants to err as much as others do.
    pub(crate) fn in_cells(length: Duration, keep: Keep, cells: u64) -> Self {
        let nanos = u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
        let grain = nanos.div_ceil(cells.max(1)).max(1);
        let oldest = match keep {
            Keep::AtMost => (nanos / grain).checked_sub(1),
            Keep::AtLeast => Some(nanos.div_ceil(grain)),
        };
        Self { grain, oldest, cells: BTreeMap::new(), total: C::default() }
    }

    /// Enters a count, dated at a time.
    pub(crate) fn add(&mut self, at: Offset, count: C) {
        *self.cells.entry(at.as_nanos() / self.grain).or_default() += count;
        self.total += count;
    }

    /// The sum over the window that ends now.
    pub(crate) fn total(&mut self, now: Offset) -> C {
        let current = now.as_nanos() / self.grain;
        let counts = |cell: u64| self.oldest.is_some_and(|oldest| current.saturating_sub(cell) <= oldest);
        while let Some(cell) = self.cells.first_entry().filter(|cell| !counts(*cell.key())) {
            self.total -= cell.remove();
        }
        self.total
    }

    pub(crate) fn clear(&mut self) {
        self.cells.clear();
        self.total = C::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn errs_by_at_most_a_thousandth_and_on_the_chosen_side(
            length in 0u64..20_000_000,
            mut events in proptest::collection::vec((0u64..50_000_000, 1u64..5), 1..50),
        ) {
            events.sort_unstable();
            let length_of = Duration::from_nanos(length);
            let (mut early, mut late) =
                (TimeWindow::new(length_of, Keep::AtMost), TimeWindow::new(length_of, Keep::AtLeast));
            let grain = length.div_ceil(1000).max(1);
            for (i, (at, count)) in events.iter().enumerate() {
                early.add(Offset::from_nanos(*at), *count);
                late.add(Offset::from_nanos(*at), *count);
                let younger = |age: u64| -> u64 {
                    events[..=i].iter().filter(|(t, _)| at - t < age).map(|(_, c)| c).sum()
                };
                let (e, l) = (early.total(Offset::from_nanos(*at)), late.total(Offset::from_nanos(*at)));
                prop_assert!(younger(length.saturating_sub(2 * grain)) <= e && e <= younger(length));
                prop_assert!(younger(length) <= l && l <= younger(length + 2 * grain));
                prop_assert!(early.cells.len() <= 1000 && late.cells.len() <= 1002);
            }
        }
    }
}
