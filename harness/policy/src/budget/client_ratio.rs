//! Client ratio (Google SRE book, chapter 21, "Deciding to retry"): retries stay under a share of all attempts.
//!
//! | event | condition | effect |
//! |---|---|---|
//! | withdraw | retries < ratio · attempts, both of the last ttl | allowed, counted as a retry and an attempt |
//! | withdraw | otherwise | refused, nothing changes |
//!
//! Retries are attempts too, so with all calls failing the amplification is 1/(1 − ratio): 1.11 for a tenth. A client that
//! makes few calls may still make a first retry, since no retry at all is under any share. Attempts leave the window
//! early and retries late, each by up to a thousandth of it, so that the share is never exceeded.

use upstorm_model::Offset;
use upstorm_model::policy;

use crate::window::{Keep, TimeWindow};

/// Products of decimal fractions carry binary noise, which must not grant a retry.
const NOISE: f64 = 1e-9;

/// Google's budget.
#[derive(Debug, Clone)]
pub(super) struct ClientRatio {
    ratio: f64,
    attempts: TimeWindow<u64>,
    retries: TimeWindow<u64>,
}

impl ClientRatio {
    /// A budget with these settings, without any attempt yet.
    pub(super) fn new(settings: &policy::Budget) -> Self {
        let ttl = settings.ttl.get();
        Self {
            ratio: settings.ratio.get(),
            attempts: TimeWindow::new(ttl, Keep::AtMost),
            retries: TimeWindow::new(ttl, Keep::AtLeast),
        }
    }

    /// A first attempt is made now.
    pub(super) fn attempt(&mut self, now: Offset) {
        self.attempts.total(now);
        self.attempts.add(now, 1);
    }

    /// Asks for a retry.
    pub(super) fn withdraw(&mut self, now: Offset) -> bool {
        let room = self.ratio * self.attempts.total(now) as f64 - self.retries.total(now) as f64;
        let allowed = room > NOISE;
        if allowed {
            self.attempts.add(now, 1);
            self.retries.add(now, 1);
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use upstorm_model::{Ratio, TimeSpan};

    fn settings(percent: u32) -> policy::Budget {
        let (ratio, ttl) = (Ratio::new(f64::from(percent) / 100.0), TimeSpan::from_secs(10));
        policy::Budget { ratio, ttl, ..policy::Budget::default() }
    }

    proptest! {
        /// The model: every attempt in a list; on whole thousandths of the ttl the cells are exact, but for retries, which
        /// stay one cell longer. Whole percents are compared as whole numbers.
        #[test]
        fn agrees_with_a_list_of_attempts(
            percent in prop::sample::select(vec![0u32, 1, 10, 30, 50, 99]),
            steps in prop::collection::vec((0u64..400, any::<bool>()), 1..400),
        ) {
            let mut budget = ClientRatio::new(&settings(percent));
            let (mut attempts, mut retries): (Vec<u64>, Vec<u64>) = (Vec::new(), Vec::new());
            let mut cell = 0;
            for (gap, first) in steps {
                cell += gap;
                let now = Offset::from_nanos(cell * 10_000_000);
                if first {
                    budget.attempt(now);
                    attempts.push(cell);
                } else {
                    let all = attempts.iter().filter(|at| cell - **at < 1000).count();
                    let again = retries.iter().filter(|at| cell - **at <= 1000).count();
                    let expected = 100 * again < percent as usize * all;
                    prop_assert_eq!(budget.withdraw(now), expected);
                    if expected {
                        attempts.push(cell);
                        retries.push(cell);
                    }
                }
            }
        }
    }

    /// The book's figure: three attempts a call and everything fails, so three times the load; with a tenth, 1.11.
    #[test]
    fn total_failure_amplifies_by_one_and_a_tenth() {
        let mut budget = ClientRatio::new(&settings(10));
        let (mut calls, mut attempts) = (0u64, 0u64);
        for i in 0..100 * 60 {
            let now = Offset::from_millis(i * 10);
            budget.attempt(now);
            let retries = (0..2).take_while(|_| budget.withdraw(now)).count() as u64;
            if now >= Offset::from_millis(20_000) {
                calls += 1;
                attempts += 1 + retries;
            }
        }
        let amplification = attempts as f64 / calls as f64;
        assert!((1.08..=1.13).contains(&amplification), "{amplification}");
    }
}
