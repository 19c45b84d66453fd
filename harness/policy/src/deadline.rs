//! Deadline arithmetic: when a call and each of its attempts must be over.
//!
//! Timeouts per attempt alone let a call with retries take their sum; a deadline alone lets one stuck attempt eat it
//! all. Both together: an attempt ends at its own timeout or at the deadline of its call, whichever comes first.

use std::time::Duration;

use upstorm_model::Offset;
use upstorm_model::policy;

/// The two time limits of a stack.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    total: Option<Duration>,
    per_try: Option<Duration>,
}

/// Which limit cuts an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Its own timeout.
    PerTry,
    /// The deadline of its call.
    Total,
}

impl Deadline {
    /// The limits of these settings.
    #[must_use]
    pub fn new(settings: &policy::Deadline) -> Self {
        Self { total: settings.total.map(|s| s.get()), per_try: settings.per_try.map(|s| s.get()) }
    }

    /// When a call that begins now must be over, if ever.
    #[must_use]
    pub fn of_call(&self, now: Offset) -> Option<Offset> {
        self.total.map(|total| now + total)
    }

    /// When an attempt that begins now is cut, and why, if ever. The call's own deadline wins a tie.
    #[must_use]
    pub fn of_attempt(&self, now: Offset, call: Option<Offset>) -> Option<(Offset, Cut)> {
        let own = self.per_try.map(|per_try| (now + per_try, Cut::PerTry));
        match (own, call) {
            (Some((at, _)), Some(call)) if at < call => own,
            (_, Some(call)) => Some((call, Cut::Total)),
            (own, None) => own,
        }
    }
}

/// Whether something that begins at `start` begins before its deadline.
#[must_use]
pub fn begins_in_time(start: Offset, deadline: Option<Offset>) -> bool {
    deadline.is_none_or(|deadline| start < deadline)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use upstorm_model::TimeSpan;

    proptest! {
        #[test]
        fn an_attempt_is_cut_at_the_earlier_of_the_two(
            now in 0u64..10_000, total in prop::option::of(0u64..10_000), per_try in prop::option::of(0u64..10_000),
        ) {
            let settings = policy::Deadline {
                total: total.map(TimeSpan::from_millis),
                per_try: per_try.map(TimeSpan::from_millis),
                ..policy::Deadline::default()
            };
            let machine = Deadline::new(&settings);
            let call = machine.of_call(Offset::ZERO);
            prop_assert_eq!(call, total.map(Offset::from_millis));
            let cut = machine.of_attempt(Offset::from_millis(now), call);
            let earliest = total.into_iter().chain(per_try.map(|p| p + now)).min();
            prop_assert_eq!(cut.map(|(at, _)| at), earliest.map(Offset::from_millis));
            prop_assert_eq!(begins_in_time(Offset::from_millis(now), call), total.is_none_or(|t| now < t));
        }
    }
}
