//! The budget in force, whichever its kind, and what all kinds are told.
//!
//! | told | when | what for |
//! |---|---|---|
//! | [`Budget::deposit`] | a call's first attempt is sent | credit, attempts in flight |
//! | [`Budget::withdraw`] | somebody wants an extra attempt | gives a [`Permit`], or refuses |
//! | [`Budget::sent`] | that attempt is sent | attempts in flight |
//! | [`Budget::settle`] | an attempt ended, or was given up, waiting or in flight | credit, refund, places |
//!
//! A permit is decided on when it is asked for, not when its attempt will be sent: an exhausted window would else grant
//! long waits before short ones, since more of it has expired by then, and so skew the jitter.

use upstorm_model::Offset;
use upstorm_model::policy::{self, BudgetKind, RetryOn};

use super::client_ratio::ClientRatio;
use super::concurrency::Concurrency;
use super::ratio_window::RatioWindow;
use super::threshold_bucket::ThresholdBucket;
use super::token_bucket::TokenBucket;

/// A retry budget.
#[derive(Debug, Clone)]
pub struct Budget(Kind);

#[derive(Debug, Clone)]
enum Kind {
    None,
    RatioWindow(RatioWindow),
    Concurrency(Concurrency),
    TokenBucket(TokenBucket),
    ThresholdBucket(ThresholdBucket),
    ClientRatio(ClientRatio),
}

/// Why an extra attempt is wanted, as far as its price depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The one before failed, or is slow.
    Failure,
    /// The one before took too long.
    Timeout,
    /// The one before was answered 429.
    Throttled,
}

impl From<RetryOn> for Cause {
    fn from(reason: RetryOn) -> Self {
        match reason {
            RetryOn::Timeout => Self::Timeout,
            RetryOn::Status(429) => Self::Throttled,
            RetryOn::ConnectFailure | RetryOn::Reset | RetryOn::Status(_) => Self::Failure,
        }
    }
}

/// What an attempt was worth to the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// It was answered, and neither with a failure nor with 429.
    Success,
    /// It failed in a way that is retried.
    Failure,
    /// Neither, or nobody heard how it ended.
    Neither,
}

/// Leave for one extra attempt. Give it back with [`Budget::settle`].
#[derive(Debug, PartialEq, Eq)]
#[must_use = "what a permit holds only comes back when it is settled"]
pub struct Permit {
    /// What it cost, in tokens; only a token bucket asks for any.
    cost: u32,
    /// Whether its attempt is on the wire.
    sent: bool,
}

impl Budget {
    /// A budget with these settings, of which nothing has been used.
    #[must_use]
    pub fn new(settings: &policy::Budget) -> Self {
        Self(match settings.kind {
            BudgetKind::None => Kind::None,
            BudgetKind::RatioWindow => Kind::RatioWindow(RatioWindow::new(settings)),
            BudgetKind::Concurrency => Kind::Concurrency(Concurrency::new(settings)),
            BudgetKind::TokenBucket => Kind::TokenBucket(TokenBucket::new(settings)),
            BudgetKind::ThresholdBucket => Kind::ThresholdBucket(ThresholdBucket::new(settings)),
            BudgetKind::ClientRatio => Kind::ClientRatio(ClientRatio::new(settings)),
        })
    }

    /// A call's first attempt is sent now.
    pub fn deposit(&mut self, now: Offset) {
        match &mut self.0 {
            Kind::RatioWindow(budget) => budget.request(now),
            Kind::Concurrency(budget) => budget.sent(),
            Kind::ClientRatio(budget) => budget.attempt(now),
            Kind::None | Kind::TokenBucket(_) | Kind::ThresholdBucket(_) => {}
        }
    }

    /// Asks for an extra attempt, whenever it will be sent. If it is granted, it has been paid for.
    pub fn withdraw(&mut self, now: Offset, cause: Cause) -> Option<Permit> {
        let cost = match &mut self.0 {
            Kind::None => Some(0),
            Kind::RatioWindow(budget) => budget.withdraw(now).then_some(0),
            Kind::Concurrency(budget) => budget.withdraw().then_some(0),
            Kind::TokenBucket(budget) => budget.withdraw(cause),
            Kind::ThresholdBucket(budget) => budget.allows().then_some(0),
            Kind::ClientRatio(budget) => budget.withdraw(now).then_some(0),
        };
        cost.map(|cost| Permit { cost, sent: false })
    }

    /// The attempt that this permit is for is sent now.
    pub fn sent(&mut self, permit: &mut Permit) {
        permit.sent = true;
        if let Kind::Concurrency(budget) = &mut self.0 {
            budget.sent();
        }
    }

    /// An attempt is over: the first of its call, which has no permit, or an extra one. One that was given up before it
    /// was sent is settled too.
    pub fn settle(&mut self, now: Offset, permit: Option<Permit>, worth: Worth) {
        match &mut self.0 {
            Kind::None | Kind::ClientRatio(_) => {}
            Kind::RatioWindow(budget) => {
                if worth == Worth::Success {
                    budget.success(now);
                }
            }
            Kind::Concurrency(budget) => {
                budget.ended(permit.is_some(), permit.is_none_or(|permit| permit.sent));
            }
            Kind::TokenBucket(budget) => {
                if worth == Worth::Success {
                    budget.success(permit.map(|permit| permit.cost));
                }
            }
            Kind::ThresholdBucket(budget) => budget.ended(worth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_budget_refuses_nothing() {
        let mut budget = Budget::new(&policy::Budget::default());
        assert!((0..10_000).all(|_| budget.withdraw(Offset::ZERO, Cause::Failure).is_some()));
    }

    #[test]
    fn every_kind_grants_a_first_retry_and_a_failing_upstream_exhausts_it() {
        for kind in BudgetKind::ALL.into_iter().filter(|kind| *kind != BudgetKind::None) {
            let mut budget = Budget::new(&policy::Budget { kind, ..policy::Budget::default() });
            budget.deposit(Offset::ZERO);
            budget.settle(Offset::ZERO, None, Worth::Failure);
            let mut granted = 0;
            while let Some(mut permit) = budget.withdraw(Offset::ZERO, Cause::Failure) {
                granted += 1;
                budget.sent(&mut permit);
                // One that holds places gives them back only when it is over.
                if kind != BudgetKind::Concurrency {
                    budget.settle(Offset::ZERO, Some(permit), Worth::Failure);
                }
                assert!(granted < 1000, "{kind:?}");
            }
            assert!(granted > 0, "{kind:?}");
        }
    }
}
