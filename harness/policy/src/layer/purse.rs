//! Purse: a retry budget that several layers spend from, and the attempts they spend it on.
//!
//! What a budget counts (attempts in flight, permits out) must come back however an attempt ends, also when its call is
//! given up while it waits. So an attempt holds an [`Expense`], which settles itself when it is dropped.

use std::sync::{Arc, Mutex};

use upstorm_model::policy;

use super::{Around, lock};
use crate::{Budget, Cause, Permit, PolicyEvent, Time, Worth};

/// A shared retry budget.
#[derive(Debug)]
pub(crate) struct Purse<T> {
    budget: Arc<Mutex<Budget>>,
    around: Around<T>,
}

impl<T> Clone for Purse<T> {
    fn clone(&self) -> Self {
        Self { budget: Arc::clone(&self.budget), around: Arc::clone(&self.around) }
    }
}

impl<T: Time> Purse<T> {
    /// A purse with these settings.
    pub(crate) fn new(settings: &policy::Budget, around: &Around<T>) -> Self {
        Self { budget: Arc::new(Mutex::new(Budget::new(settings))), around: around.clone() }
    }

    /// A call's first attempt, sent now.
    pub(crate) fn first(&self) -> Expense<T> {
        lock(&self.budget).deposit(self.around.time.now());
        Expense { purse: self.clone(), permit: None, settled: false }
    }

    /// An extra attempt, to be sent now or later; none, said to the listener, where the budget refuses it.
    pub(crate) fn extra(&self, cause: Cause) -> Option<Expense<T>> {
        let now = self.around.time.now();
        let permit = lock(&self.budget).withdraw(now, cause);
        if permit.is_none() {
            self.around.listener.on(now, PolicyEvent::BudgetExhausted);
        }
        permit.map(|permit| Expense { purse: self.clone(), permit: Some(permit), settled: false })
    }
}

/// An attempt that the budget knows of. Dropped unsettled, nobody heard how it ended.
#[derive(Debug)]
#[must_use = "it is over as soon as it is dropped"]
pub(crate) struct Expense<T: Time> {
    purse: Purse<T>,
    permit: Option<Permit>,
    settled: bool,
}

impl<T: Time> Expense<T> {
    /// The extra attempt is sent now.
    pub(crate) fn sent(&mut self) {
        if let Some(permit) = &mut self.permit {
            lock(&self.purse.budget).sent(permit);
        }
    }

    /// The attempt is over.
    pub(crate) fn settle(mut self, worth: Worth) {
        self.end(worth);
    }

    fn end(&mut self, worth: Worth) {
        if !std::mem::replace(&mut self.settled, true) {
            let now = self.purse.around.time.now();
            lock(&self.purse.budget).settle(now, self.permit.take(), worth);
        }
    }
}

impl<T: Time> Drop for Expense<T> {
    fn drop(&mut self) {
        self.end(Worth::Neither);
    }
}
