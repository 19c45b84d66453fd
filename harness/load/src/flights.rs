//! The calls in flight: how many, and which are left when the run is over.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::AbortHandle;
use tokio::sync::Notify;

use crate::OutgoingCall;

/// Calls in flight, by their number.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    calls: Mutex<BTreeMap<u64, Flight>>,
    /// Told when the last one has landed.
    landed: Notify,
}

/// A call in flight.
#[derive(Debug)]
pub(crate) struct Flight {
    /// The call.
    pub(crate) call: OutgoingCall,
    /// Ends it.
    pub(crate) abort: AbortHandle,
}

impl Flights {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Flight>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    /// A call begins.
    pub(crate) fn begin(&self, flight: Flight) {
        self.lock().insert(flight.call.id.sequence(), flight);
    }

    /// A call has ended; false if it was given up before, so that it is recorded once.
    pub(crate) fn end(&self, call: &OutgoingCall) -> bool {
        let mut calls = self.lock();
        let ended = calls.remove(&call.id.sequence()).is_some();
        if calls.is_empty() {
            self.landed.notify_one();
        }
        ended
    }

    /// Completes when none is in flight.
    pub(crate) async fn all_landed(&self) {
        while self.count() > 0 {
            self.landed.notified().await;
        }
    }

    /// Gives up all that are left, in their order.
    pub(crate) fn give_up(&self) -> impl Iterator<Item = Flight> + use<> {
        std::mem::take(&mut *self.lock()).into_values()
    }
}
