//! Adaptive throttle: holds calls back while the upstream turns them away (Google SRE book, chapter 21).
//!
//! Turning a call away costs an upstream work, and beyond some load it does nothing else. Callers that count what is
//! accepted spare it that: each turns its own calls away with p = max(0, (requests − K · accepts) / (requests + 1)).
//!
//! | event | condition | effect |
//! |---|---|---|
//! | ask | the call's draw < p, of the window as it was before | rejected; counted as a request |
//! | ask | otherwise | passes; counted as a request |
//! | accepted | | counted as an accept |
//! | time passes | | requests and accepts leave the window |
//!
//! With K = 2 an upstream that takes 40/s of 400 offered is sent 80/s: half of what it gets it can serve, and it finds out
//! soon when it can serve more. What was rejected here counts as a request too: else p would fall as soon as it rejects.
//! Whether a call was accepted is left to the layer.

use upstorm_model::policy::{self, ThrottleKind};
use upstorm_model::{Dice, Offset};

use crate::window::{Keep, TimeWindow};

/// An adaptive throttle.
#[derive(Debug, Clone)]
pub struct Throttle {
    enforced: bool,
    k: f64,
    requests: TimeWindow<u64>,
    accepts: TimeWindow<u64>,
}

impl Throttle {
    /// A throttle with these settings that has seen nothing yet, and so rejects nothing.
    #[must_use]
    pub fn new(settings: &policy::Throttle) -> Self {
        let window = || TimeWindow::new(settings.window.get(), Keep::AtMost);
        let enforced = settings.kind == ThrottleKind::Adaptive;
        Self { enforced, k: settings.k, requests: window(), accepts: window() }
    }

    /// The share of calls that it rejects now, from 0 to 1.
    pub fn share(&mut self, now: Offset) -> f64 {
        let (requests, accepts) = (self.requests.total(now) as f64, self.accepts.total(now) as f64);
        ((requests - self.k * accepts) / (requests + 1.0)).max(0.0)
    }

    /// Whether a call passes. Its dice must be its own: a shared draw would reject calls in clumps.
    #[must_use]
    pub fn pass(&mut self, now: Offset, dice: &mut Dice) -> bool {
        if !self.enforced {
            return true;
        }
        let share = self.share(now);
        self.requests.add(now, 1);
        !dice.chance(share)
    }

    /// The upstream took a call.
    pub fn accepted(&mut self, now: Offset) {
        if self.enforced {
            self.accepts.total(now);
            self.accepts.add(now, 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use upstorm_model::{Seed, Stream, TimeSpan};

    fn settings(k: f64) -> policy::Throttle {
        policy::Throttle { kind: ThrottleKind::Adaptive, k, ..policy::Throttle::default() }
    }

    fn dice(call: u64) -> Dice {
        Seed(3).dice(Stream::named(&["edge", "throttle"]), call, 0)
    }

    proptest! {
        /// The model: every request and accept in a list, on whole thousandths of the window, where its cells are exact.
        #[test]
        fn agrees_with_lists(
            k in 1.0f64..4.0, steps in prop::collection::vec((0u64..300, any::<bool>()), 1..300),
        ) {
            let settings = policy::Throttle { window: TimeSpan::from_secs(10), ..settings(k) };
            let mut throttle = Throttle::new(&settings);
            let (mut requests, mut accepts): (Vec<u64>, Vec<u64>) = (Vec::new(), Vec::new());
            let mut cell = 0;
            for (call, (gap, accept)) in (0u64..).zip(steps) {
                cell += gap;
                let now = Offset::from_nanos(cell * 10_000_000);
                let young = |list: &[u64]| list.iter().filter(|at| cell - **at < 1000).count() as f64;
                let (r, a) = (young(&requests), young(&accepts));
                let share = ((r - k * a) / (r + 1.0)).max(0.0);
                let passes = dice(call).unit() >= share;
                prop_assert_eq!(throttle.pass(now, &mut dice(call)), passes);
                requests.push(cell);
                if passes && accept {
                    throttle.accepted(now);
                    accepts.push(cell);
                }
            }
        }
    }

    /// The book's figure: an upstream that takes 40/s and is offered 400/s is sent 80/s.
    #[test]
    fn sends_twice_what_is_accepted() {
        let mut throttle = Throttle::new(&settings(2.0));
        // The upstream's own limit: a token each tenth call offered, forty at most.
        let (mut sent, mut tokens) = (0u32, 40.0f64);
        for call in 0..400 * 600 {
            let now = Offset::from_nanos(call * 2_500_000);
            tokens = (tokens + 0.1).min(40.0);
            if !throttle.pass(now, &mut dice(call)) {
                continue;
            }
            sent += u32::from(now >= Offset::from_millis(300_000));
            if tokens >= 1.0 {
                tokens -= 1.0;
                throttle.accepted(now);
            }
        }
        let per_second = f64::from(sent) / 300.0;
        assert!((76.0..=84.0).contains(&per_second), "{per_second}/s sent");
    }

    #[test]
    fn where_everything_is_accepted_or_it_is_off_it_rejects_nothing() {
        let mut throttle = Throttle::new(&settings(2.0));
        for call in 0..10_000 {
            let now = Offset::from_millis(call);
            assert!(throttle.pass(now, &mut dice(call)));
            throttle.accepted(now);
        }
        let mut off = Throttle::new(&policy::Throttle::default());
        assert!((0..10_000).all(|call| off.pass(Offset::from_millis(call), &mut dice(call))));
    }
}
