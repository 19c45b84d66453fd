//! Ratio window (Finagle's RetryBudget): a share of the first attempts, and a few per second whatever the traffic.
//!
//! Each first attempt deposits, a retry withdraws 1/ratio deposits, both expire after `ttl`, and `min_per_sec · ttl`
//! retries are always there:
//!
//! | event | condition | effect |
//! |---|---|---|
//! | deposit | | credit grows by `ratio` of a retry, for one ttl |
//! | withdraw | retries + 1 ≤ ratio · deposits of the last ttl + min_per_sec · ttl | allowed |
//! | withdraw | otherwise | refused, nothing changes |
//!
//! where "retries" are those withdrawn in the last ttl.
//!
//! It counts in whole events and multiplies by the ratio last, so 0.3 is 0.3: tower 0.5 keeps 1/ratio as an integer,
//! which turns 0.3 into 0.333 and 0.6 to 0.9 into 1.0. It is a limit cycle: the whole allowance may go in one burst. What a
//! success is, is left to the layer.

use std::time::Duration;

use upstorm_model::Offset;
use upstorm_model::policy::{self, DepositOn};

use crate::window::{Keep, TimeWindow};

/// Sums of products of decimal fractions carry binary noise; a budget must not lose a retry to it.
const NOISE: f64 = 1e-9;

/// Finagle's budget.
#[derive(Debug, Clone)]
pub(super) struct RatioWindow {
    deposit_on: DepositOn,
    ratio: f64,
    reserve: f64,
    deposits: TimeWindow<u64>,
    withdrawals: TimeWindow<u64>,
}

impl RatioWindow {
    /// A budget with these settings, with nothing deposited yet.
    pub(super) fn new(settings: &policy::Budget) -> Self {
        let ttl: Duration = settings.ttl.get();
        Self {
            deposit_on: settings.deposit_on,
            ratio: settings.ratio.get(),
            reserve: settings.min_per_sec.max(0.0) * ttl.as_secs_f64(),
            deposits: TimeWindow::new(ttl, Keep::AtMost),
            withdrawals: TimeWindow::new(ttl, Keep::AtLeast),
        }
    }

    /// A first attempt is made now.
    pub(super) fn request(&mut self, now: Offset) {
        self.deposit(now, DepositOn::Request);
    }

    /// An attempt succeeded now.
    pub(super) fn success(&mut self, now: Offset) {
        self.deposit(now, DepositOn::Success);
    }

    fn deposit(&mut self, now: Offset, on: DepositOn) {
        if self.deposit_on == on {
            self.deposits.total(now);
            self.deposits.add(now, 1);
        }
    }

    /// Asks for a retry, whenever it will be sent. True if it may be made; it then has been paid for.
    pub(super) fn withdraw(&mut self, now: Offset) -> bool {
        let allowed = self.available(now) >= 1.0 - NOISE;
        if allowed {
            self.withdrawals.add(now, 1);
        }
        allowed
    }

    /// How many retries could be allowed now, a fraction included.
    fn available(&mut self, now: Offset) -> f64 {
        let earned = self.ratio * self.deposits.total(now) as f64;
        earned + self.reserve - self.withdrawals.total(now) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use upstorm_model::policy::BudgetKind;
    use upstorm_model::{Ratio, TimeSpan};

    fn settings(ratio: f64, min_per_sec: f64, ttl_secs: u64) -> policy::Budget {
        policy::Budget {
            kind: BudgetKind::RatioWindow,
            ratio: Ratio::new(ratio),
            min_per_sec,
            ttl: TimeSpan::from_secs(ttl_secs),
            deposit_on: DepositOn::Request,
            ..policy::Budget::default()
        }
    }

    /// Every event of the last ttl, counted one by one; on whole thousandths of the ttl the cells are exact but for
    /// withdrawals, which stay one cell longer.
    #[derive(Default)]
    struct Model {
        deposits: Vec<u64>,
        withdrawals: Vec<u64>,
    }

    impl Model {
        fn withdraw(&mut self, now: u64, s: &policy::Budget) -> bool {
            let ttl = s.ttl.get().as_nanos() as u64;
            let deposits = self.deposits.iter().filter(|at| now - **at < ttl).count() as f64;
            let retries = self.withdrawals.iter().filter(|at| now < **at + ttl + ttl / 1000).count() as f64;
            let reserve = s.min_per_sec * s.ttl.as_secs_f64();
            let allowed = retries + 1.0 <= s.ratio.get() * deposits + reserve + NOISE;
            if allowed {
                self.withdrawals.push(now);
            }
            allowed
        }
    }

    proptest! {
        #[test]
        fn agrees_with_counting_every_event(
            ratio in prop::sample::select(vec![0.0, 0.1, 0.2, 0.3, 0.7, 1.0, 1.5]),
            min in prop::sample::select(vec![0.0, 0.1, 1.0]),
            steps in prop::collection::vec((0u64..800, any::<bool>()), 1..300),
        ) {
            let s = settings(ratio, min, 10);
            let (mut budget, mut model) = (RatioWindow::new(&s), Model::default());
            let mut now = 0;
            for (gap, first) in steps {
                now += gap * 10_000_000;
                if first {
                    budget.request(Offset::from_nanos(now));
                    model.deposits.push(now);
                } else {
                    let expected = model.withdraw(now, &s);
                    prop_assert_eq!(budget.withdraw(Offset::from_nanos(now)), expected);
                }
            }
        }

        /// In every window of one ttl, counted by when retries are decided on.
        #[test]
        fn no_window_of_one_ttl_sees_more_than_the_allowance(
            gaps in prop::collection::vec(0u64..200, 400),
        ) {
            let s = settings(0.2, 1.0, 10);
            let mut budget = RatioWindow::new(&s);
            let (mut now, mut asked, mut made) = (Offset::ZERO, Vec::new(), Vec::new());
            for gap in gaps {
                now += Duration::from_millis(gap);
                budget.request(now);
                asked.push(now);
                if budget.withdraw(now) {
                    made.push(now);
                }
            }
            for end in &made {
                let inside = |at: &&Offset| **at <= *end && end.since(**at) < Duration::from_secs(10);
                let (requests, retries) = (asked.iter().filter(inside).count(), made.iter().filter(inside).count());
                prop_assert!(retries as f64 <= 0.2 * requests as f64 + 10.0 + NOISE);
            }
        }
    }

    #[test]
    fn ratios_are_not_truncated() {
        for ratio in [0.3, 0.6, 0.9, 0.95] {
            let mut budget = RatioWindow::new(&settings(ratio, 0.0, 10));
            (0..1000).for_each(|_| budget.request(Offset::ZERO));
            let made = (0..1000).filter(|_| budget.withdraw(Offset::ZERO)).count();
            assert_eq!(made as f64, (ratio * 1000.0).round(), "{ratio}");
        }
    }

    /// Finagle's figures: 20 % + 10/s over 10 s, everything fails and is retried at once.
    #[test]
    fn amplification_under_total_failure_is_one_plus_ratio_plus_reserve() {
        for (per_second, expected) in [(100u64, 1.30), (1000, 1.21)] {
            let mut budget = RatioWindow::new(&settings(0.2, 10.0, 10));
            let (mut calls, mut attempts) = (0u64, 0u64);
            for i in 0..per_second * 100 {
                let now = Offset::from_nanos(i * 1_000_000_000 / per_second);
                budget.request(now);
                let retries = u64::from(budget.withdraw(now));
                if now >= Offset::from_millis(50_000) {
                    calls += 1;
                    attempts += 1 + retries;
                }
            }
            let amplification = attempts as f64 / calls as f64;
            assert!((amplification - expected).abs() < 0.01, "{per_second}/s: {amplification}");
        }
    }

    #[test]
    fn deposits_on_success_ignore_requests() {
        let mut budget =
            RatioWindow::new(&policy::Budget { deposit_on: DepositOn::Success, ..settings(1.0, 0.0, 10) });
        budget.request(Offset::ZERO);
        assert!(!budget.withdraw(Offset::ZERO));
        budget.success(Offset::ZERO);
        assert!(budget.withdraw(Offset::ZERO));
    }

    /// Finagle's figures: 20 % + 10/s over 10 s, everything fails: so many retries in every 10 s.
    #[test]
    fn retries_per_ttl_are_the_share_of_the_calls_and_the_reserve() {
        for (per_second, expected) in [(100u64, 300), (1000, 2100)] {
            let mut budget = RatioWindow::new(&settings(0.2, 10.0, 10));
            let mut retries = vec![0i64; 6];
            for i in 0..per_second * 60 {
                let now = Offset::from_nanos(i * 1_000_000_000 / per_second);
                budget.request(now);
                // Each call asks as often as it may.
                while budget.withdraw(now) {
                    retries[(i / (per_second * 10)) as usize] += 1;
                }
            }
            // What expires, expires up to a thousandth late; and the first ten seconds earn as they go.
            for made in &retries[1..] {
                assert!((*made - expected).abs() <= expected / 50, "{per_second}/s: {retries:?}");
            }
        }
    }
}
