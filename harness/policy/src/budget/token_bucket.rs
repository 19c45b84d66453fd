//! Token bucket (the AWS SDKs' retry quota): retries cost tokens, successes give some back.
//!
//! The bucket begins full with `capacity` tokens:
//!
//! | event | condition | effect |
//! |---|---|---|
//! | withdraw | it holds the price: `retry_cost`, `timeout_cost`, `throttled_cost` by what failed | allowed, the price goes |
//! | withdraw | otherwise | refused, nothing changes |
//! | success of a retry | | what that retry cost comes back, up to `capacity` |
//! | success of a first attempt | | one token comes back, up to `capacity` |
//! | failure | | nothing: its price is lost |
//!
//! Time fills it with nothing: after an outage it recovers with the traffic, not with the clock (AWS SDKs and Tools
//! Reference Guide, "Retry behavior"; before 2026 a retry cost 5 and one after a timeout 10).

use upstorm_model::policy;

use super::Cause;

/// The SDKs' quota.
#[derive(Debug, Clone)]
pub(super) struct TokenBucket {
    capacity: u32,
    costs: Costs,
    tokens: u32,
}

#[derive(Debug, Clone, Copy)]
struct Costs {
    failure: u32,
    timeout: u32,
    throttled: u32,
}

impl TokenBucket {
    /// A full bucket with these settings.
    pub(super) fn new(settings: &policy::Budget) -> Self {
        let costs = Costs {
            failure: settings.retry_cost,
            timeout: settings.timeout_cost,
            throttled: settings.throttled_cost,
        };
        Self { capacity: settings.capacity, costs, tokens: settings.capacity }
    }

    /// Asks for a retry. Gives what it cost.
    pub(super) fn withdraw(&mut self, cause: Cause) -> Option<u32> {
        let cost = match cause {
            Cause::Failure => self.costs.failure,
            Cause::Timeout => self.costs.timeout,
            Cause::Throttled => self.costs.throttled,
        };
        self.tokens = self.tokens.checked_sub(cost)?;
        Some(cost)
    }

    /// An attempt succeeded: a retry that cost so much, or a first one.
    pub(super) fn success(&mut self, cost: Option<u32>) {
        self.tokens = self.tokens.saturating_add(cost.unwrap_or(1)).min(self.capacity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn settings(capacity: u32, costs: (u32, u32, u32)) -> policy::Budget {
        let (retry_cost, timeout_cost, throttled_cost) = costs;
        policy::Budget { capacity, retry_cost, timeout_cost, throttled_cost, ..policy::Budget::default() }
    }

    const CAUSES: [Cause; 3] = [Cause::Failure, Cause::Timeout, Cause::Throttled];

    proptest! {
        /// The model: the balance, as a signed sum of everything that went in and out, cut at the capacity.
        #[test]
        fn agrees_with_a_balance(
            capacity in 1u32..60, costs in (1u32..20, 1u32..20, 1u32..20),
            steps in prop::collection::vec((any::<bool>(), 0usize..3), 1..300),
        ) {
            let mut bucket = TokenBucket::new(&settings(capacity, costs));
            let prices = [i64::from(costs.0), i64::from(costs.1), i64::from(costs.2)];
            let (mut balance, mut paid) = (i64::from(capacity), Vec::new());
            for (ask, which) in steps {
                if ask {
                    let granted = balance >= prices[which];
                    let got = bucket.withdraw(CAUSES[which]);
                    prop_assert_eq!(got.map(i64::from), granted.then_some(prices[which]));
                    if granted { balance -= prices[which]; paid.push(prices[which]); }
                } else {
                    // The oldest retry succeeds, or a first attempt.
                    let back = if paid.is_empty() { None } else { Some(paid.remove(0)) };
                    bucket.success(back.map(|b| b as u32));
                    balance = (balance + back.unwrap_or(1)).min(i64::from(capacity));
                }
                prop_assert_eq!(i64::from(bucket.tokens), balance);
            }
        }
    }

    fn fresh_retries(settings: &policy::Budget, cause: Cause) -> usize {
        let mut bucket = TokenBucket::new(settings);
        (0..10_000).filter(|_| bucket.withdraw(cause).is_some()).count()
    }

    /// A fresh client of which everything fails: 35 retries, 100 after 429s; before 2026 100, and 50 after timeouts.
    #[test]
    fn a_fresh_client_makes_the_known_numbers_of_retries() {
        let now = settings(500, (14, 14, 5));
        assert_eq!(now, policy::Budget::default());
        assert_eq!(fresh_retries(&now, Cause::Failure), 35);
        assert_eq!(fresh_retries(&now, Cause::Throttled), 100);
        let before = settings(500, (5, 10, 5));
        assert_eq!(fresh_retries(&before, Cause::Failure), 100);
        assert_eq!(fresh_retries(&before, Cause::Timeout), 50);
    }

    #[test]
    fn a_good_retry_gives_its_price_back_and_a_good_first_attempt_one_token() {
        let mut bucket = TokenBucket::new(&settings(28, (14, 14, 5)));
        let price = bucket.withdraw(Cause::Failure);
        let _lost = bucket.withdraw(Cause::Failure);
        bucket.success(price);
        assert_eq!(bucket.tokens, 14);
        bucket.success(None);
        assert_eq!(bucket.tokens, 15);
    }
}
