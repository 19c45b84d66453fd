//! Periods: the stretches of time a check looks at.
//!
//! Calls belong to a period by their planned time, attempts by the head of the first attempt of their call (so a call's
//! retries are never cut from it). Warm-up belongs to none.

use std::time::Duration;

use upstorm_model::plan::PlannedCheck;
use upstorm_model::{Offset, Plan};

/// Stretches of time in order, each from its start up to but not including its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    spans: Vec<(Offset, Offset)>,
}

impl Period {
    /// The phases a check names; without them everything after warm-up, what arrives while the run drains included.
    #[must_use]
    pub fn of(plan: &Plan, check: &PlannedCheck) -> Self {
        if check.during.is_empty() {
            return Self { spans: vec![(plan.warmup_until, Offset::MAX)] };
        }
        let phases = check.during.iter().filter_map(|index| plan.phases.get(usize::from(*index)));
        Self::new(phases.map(|p| (p.start, p.end)).collect())
    }

    /// Of stretches in any order; those that touch become one.
    #[must_use]
    pub fn new(mut spans: Vec<(Offset, Offset)>) -> Self {
        spans.sort_unstable();
        let mut joined: Vec<(Offset, Offset)> = Vec::with_capacity(spans.len());
        for (start, end) in spans {
            match joined.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => joined.push((start, end)),
            }
        }
        Self { spans: joined }
    }

    /// True for a time that belongs to it.
    #[must_use]
    pub fn contains(&self, at: Offset) -> bool {
        let after = self.spans.partition_point(|(start, _)| *start <= at);
        after.checked_sub(1).is_some_and(|index| at < self.spans[index].1)
    }

    /// Its stretches in order.
    #[must_use]
    pub fn spans(&self) -> &[(Offset, Offset)] {
        &self.spans
    }

    /// When it is over; zero for an empty one.
    #[must_use]
    pub fn end(&self) -> Offset {
        self.spans.last().map_or(Offset::ZERO, |(_, end)| *end)
    }

    /// Its stretches without what comes after the plan's end, and without the first `skip` of each.
    #[must_use]
    pub fn settled(&self, end: Offset, skip: Duration) -> Vec<(Offset, Offset)> {
        let shortened = self.spans.iter().map(|(from, to)| (*from + skip, (*to).min(end)));
        shortened.filter(|(from, to)| from < to).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Offset {
        Offset::from_millis(n)
    }

    #[test]
    fn neighbours_join_and_ends_are_outside() {
        let period = Period::new(vec![(ms(30), ms(40)), (ms(0), ms(10)), (ms(10), ms(20))]);
        assert_eq!(period.spans(), [(ms(0), ms(20)), (ms(30), ms(40))]);
        assert!(period.contains(ms(0)) && period.contains(ms(10)) && period.contains(ms(39)));
        assert!(!period.contains(ms(20)) && !period.contains(ms(40)));
        assert_eq!(period.end(), ms(40));
        assert!(!Period::new(Vec::new()).contains(ms(0)));
    }
}
