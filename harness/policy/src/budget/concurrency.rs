//! Concurrency (Envoy's `max_retries` and `retry_budget`): so many retries under way at once.
//!
//! A retry is under way from the moment it is scheduled, its wait included, until it is answered or given up:
//!
//! | event | condition | effect |
//! |---|---|---|
//! | withdraw | retries under way < the most | allowed, one more under way |
//! | withdraw | otherwise | refused, nothing changes |
//! | a retry is over | | one less under way |
//!
//! The most is `max_retries`; without it, `budget_percent` of the attempts on the wire (those that wait for a connection
//! too), in whole retries, and at least `min_retry_concurrency`. It bounds how many retries wait at once, not how many are
//! made: where failures come quickly and waits are short, three at once are hundreds a second.

use upstorm_model::policy;

/// Shares come from decimal text; a whole number of retries must not be lost to binary noise.
const NOISE: f64 = 1e-9;

/// Envoy's budget.
#[derive(Debug, Clone)]
pub(super) struct Concurrency {
    fixed: Option<u64>,
    share: f64,
    least: u64,
    retries: u64,
    on_the_wire: u64,
}

impl Concurrency {
    /// A budget with these settings, with nothing under way.
    pub(super) fn new(settings: &policy::Budget) -> Self {
        Self {
            fixed: settings.max_retries.map(u64::from),
            share: settings.budget_percent.get(),
            least: u64::from(settings.min_retry_concurrency),
            retries: 0,
            on_the_wire: 0,
        }
    }

    /// An attempt is sent.
    pub(super) const fn sent(&mut self) {
        self.on_the_wire += 1;
    }

    /// Asks for a retry.
    pub(super) fn withdraw(&mut self) -> bool {
        let share = (self.share * self.on_the_wire as f64 + NOISE) as u64;
        let allowed = self.retries < self.fixed.unwrap_or_else(|| share.max(self.least));
        self.retries += u64::from(allowed);
        allowed
    }

    /// An attempt is over, or was given up before it was sent.
    pub(super) fn ended(&mut self, retry: bool, sent: bool) {
        self.retries -= u64::from(retry).min(self.retries);
        self.on_the_wire -= u64::from(sent).min(self.on_the_wire);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use upstorm_model::Ratio;

    fn settings(max_retries: Option<u32>, percent: u32, least: u32) -> policy::Budget {
        policy::Budget {
            max_retries,
            budget_percent: Ratio::new(f64::from(percent) / 100.0),
            min_retry_concurrency: least,
            ..policy::Budget::default()
        }
    }

    proptest! {
        /// The model: a list of attempts that are not over, each with whether it is a retry and whether it was sent.
        #[test]
        fn agrees_with_a_list_of_attempts(
            fixed in prop::option::of(0u32..5), percent in 0u32..=100, least in 0u32..5,
            steps in prop::collection::vec((0u8..4, any::<prop::sample::Index>()), 1..300),
        ) {
            let mut budget = Concurrency::new(&settings(fixed, percent, least));
            let mut open: Vec<(bool, bool)> = Vec::new();
            for (step, index) in steps {
                match step {
                    0 => { budget.sent(); open.push((false, true)); }
                    1 => {
                        let retries = open.iter().filter(|(retry, _)| *retry).count();
                        let wire = open.iter().filter(|(_, sent)| *sent).count();
                        let share = wire * percent as usize / 100;
                        let most = fixed.map_or(share.max(least as usize), |fixed| fixed as usize);
                        prop_assert_eq!(budget.withdraw(), retries < most);
                        if retries < most { open.push((true, false)); }
                    }
                    2 => if let Some(waiting) = open.iter_mut().find(|(_, sent)| !sent) {
                        waiting.1 = true;
                        budget.sent();
                    },
                    _ => if !open.is_empty() {
                        let (retry, sent) = open.swap_remove(index.index(open.len()));
                        budget.ended(retry, sent);
                    },
                }
            }
        }
    }

    /// Envoy's default: three at once, sleeping or not, and the fourth is refused until one is over.
    #[test]
    fn three_at_once_and_the_fourth_waits_for_none() {
        let mut budget = Concurrency::new(&settings(Some(3), 20, 3));
        (0..100).for_each(|_| budget.sent());
        assert_eq!((0..10).filter(|_| budget.withdraw()).count(), 3);
        budget.ended(true, false);
        assert!(budget.withdraw());
        assert!(!budget.withdraw());
    }

    /// Envoy's retry budget: 20 % of what is on the wire, at least three.
    #[test]
    fn a_fifth_of_the_attempts_in_flight_but_at_least_three() {
        for (wire, most) in [(0, 3), (10, 3), (19, 3), (20, 4), (100, 20)] {
            let mut budget = Concurrency::new(&settings(None, 20, 3));
            (0..wire).for_each(|_| budget.sent());
            assert_eq!((0..1000).filter(|_| budget.withdraw()).count(), most, "{wire} on the wire");
        }
    }
}
