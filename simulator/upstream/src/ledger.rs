//! The ledger of a route: the Idempotency-Keys of requests that took effect, and what they were answered.
//!
//! A caller that has lost an answer cannot know whether it was done. With a key it may ask again: the upstream looks the
//! key up, does nothing twice, and answers what it answered before (draft-ietf-httpapi-idempotency-key-header section
//! 2; Stripe, "Designing robust and predictable APIs with idempotency", 2017). A request that failed is not entered, so
//! that its repetition is tried anew. The memory is bounded: a key that nobody sent for a minute is forgotten.

use std::sync::{Mutex, PoisonError};

use upstorm_model::Offset;

use crate::remembered::{CALLS, Remembered};

/// The keys of one route, by their hashes, each with the status that the request was answered with.
#[derive(Debug)]
pub(crate) struct Ledger(Mutex<Remembered<Option<u16>>>);

impl Default for Ledger {
    fn default() -> Self {
        Self(Mutex::new(Remembered::new(CALLS)))
    }
}

impl Ledger {
    /// What the request with this key was answered that took effect, if there was one. Otherwise, where this one takes
    /// effect, it is entered with what it will be answered.
    pub(crate) fn look_up(&self, key: u64, now: Offset, effect: Option<u16>) -> Option<u16> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = keys.of(key, now);
        let before = *entry;
        *entry = before.or(effect);
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_effect_of_a_key_is_what_all_others_are_told() {
        let (ledger, now) = (Ledger::default(), Offset::ZERO);
        assert_eq!(ledger.look_up(7, now, None), None, "it failed");
        assert_eq!(ledger.look_up(7, now, Some(201)), None);
        assert_eq!(ledger.look_up(7, now, Some(200)), Some(201));
        assert_eq!(ledger.look_up(7, now, None), Some(201));
        assert_eq!(ledger.look_up(8, now, None), None, "another key");
    }

    #[test]
    fn a_key_that_nobody_sends_for_a_minute_is_forgotten() {
        let ledger = Ledger::default();
        assert_eq!(ledger.look_up(7, Offset::ZERO, Some(200)), None);
        assert_eq!(ledger.look_up(7, Offset::from_millis(59_000), None), Some(200));
        for ms in [130_000, 130_001, 130_002] {
            ledger.look_up(ms, Offset::from_millis(ms), None);
        }
        assert_eq!(ledger.look_up(7, Offset::from_millis(130_003), None), None);
    }
}
