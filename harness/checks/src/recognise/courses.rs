//! Courses: the waits of each call in order, of as many calls as naming looks at.
//!
//! A thousand waits of a retry number fix an edge to a thousandth of the width; a million would only take longer. Calls
//! are taken as they came, so that the same recording gives the same name.

/// Waits of a retry number beyond which no more are looked at.
const ENOUGH: usize = 1000;
/// Waits of a retry number with which it takes part.
pub(crate) const LEAST: usize = 30;

/// The waits of calls in seconds, each from its first retry on without a gap, and by retry number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Courses {
    calls: Vec<Vec<f64>>,
    sorted: Vec<Vec<f64>>,
}

impl Courses {
    /// Of each call's waits, in order. Retry numbers with too few waits are left out, with all that come after them.
    pub(crate) fn of(calls: impl IntoIterator<Item = Vec<f64>>) -> Self {
        let mut kept: Vec<Vec<f64>> = Vec::new();
        let mut counts: Vec<usize> = Vec::new();
        for call in calls.into_iter().filter(|call| !call.is_empty()) {
            counts.resize(counts.len().max(call.len()), 0);
            if counts[call.len() - 1] < ENOUGH {
                counts[..call.len()].iter_mut().for_each(|count| *count += 1);
                kept.push(call);
            }
        }
        let retries = counts.iter().take_while(|count| **count >= LEAST).count();
        kept.iter_mut().for_each(|call| call.truncate(retries));
        let of = |index: usize| {
            let mut waits: Vec<f64> = kept.iter().filter_map(|call| call.get(index).copied()).collect();
            waits.sort_by(f64::total_cmp);
            waits
        };
        let sorted = (0..retries).map(of).collect();
        Self { calls: kept, sorted }
    }

    /// The waits of each call.
    pub(crate) fn calls(&self) -> &[Vec<f64>] {
        &self.calls
    }

    /// The sorted waits before each retry, from the first on.
    pub(crate) fn by_retry(&self) -> &[Vec<f64>] {
        &self.sorted
    }

    /// How many waits the retry number with the fewest has; 0 if none has enough.
    pub(crate) fn fewest(&self) -> usize {
        self.sorted.iter().map(Vec::len).min().unwrap_or(0)
    }

    /// The longest waits, if many are about as long as the longest: where something cuts them off, in seconds.
    pub(crate) fn ceiling(&self) -> Option<f64> {
        const NEAR: f64 = 0.95;
        let mut all: Vec<f64> = self.sorted.iter().flatten().copied().collect();
        all.sort_by(f64::total_cmp);
        let top = *all.get(all.len().checked_sub(1 + all.len() / 1000)?)?;
        let near = all.partition_point(|wait| *wait < NEAR * top);
        let most = all.len() - near;
        (most >= LEAST / 2 && most * 10 >= all.len()).then(|| all[near + most / 2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_numbers_with_too_few_waits_end_the_row() {
        let calls = (0..200).map(|n| if n % 10 == 0 { vec![0.1, 0.2] } else { vec![0.1] });
        let courses = Courses::of(calls);
        assert_eq!((courses.by_retry().len(), courses.fewest()), (1, 200));
        assert!(courses.calls().iter().all(|call| call.len() == 1));
        assert_eq!(Courses::of([vec![0.1; 3]]).fewest(), 0);
        assert_eq!(Courses::of(Vec::new()).by_retry().len(), 0);
    }

    #[test]
    fn long_courses_are_kept_however_many_short_ones_there_are() {
        let short = (0..5000).map(|_| vec![0.1]);
        let long = (0..300).map(|_| vec![0.1, 0.2, 0.3]);
        let courses = Courses::of(short.chain(long));
        assert_eq!(courses.by_retry().iter().map(Vec::len).collect::<Vec<_>>(), [1300, 300, 300]);
    }

    #[test]
    fn a_ceiling_is_where_many_waits_end() {
        let even = Courses::of((0..1000).map(|n| vec![f64::from(n)]));
        assert_eq!(even.ceiling(), None);
        let cut = Courses::of((0..1000).map(|n| vec![f64::from(n).min(700.0)]));
        assert!((cut.ceiling().unwrap() - 700.0).abs() < 1.0);
        assert_eq!(Courses::default().ceiling(), None);
    }
}
