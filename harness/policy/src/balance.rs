//! Balance: which replica an attempt goes to.
//!
//! | kind | picks |
//! |---|---|
//! | `p2c` | of two drawn replicas the one with fewer attempts in flight, of equal ones the first drawn |
//! | `round-robin` | each in turn, in the order attempts are made |
//! | `random` | one that is drawn |
//!
//! Two choices are enough: the longest queue of n then grows as log log n instead of log n (Mitzenmacher, "The Power of
//! Two Choices in Randomized Load Balancing", 2001), and a slow replica, which keeps its attempts for longer, is asked
//! less often. Draws are keyed by the call and the ordinal. Which replicas may be picked is left to [`crate::Outlier`].

use upstorm_model::policy;
use upstorm_model::{Seed, Stream};

/// The balance over the replicas of one name.
#[derive(Debug, Clone)]
pub struct Balance {
    kind: policy::Balance,
    seed: Seed,
    stream: Stream,
    in_flight: Vec<u32>,
    /// Whose turn it is.
    next: usize,
}

impl Balance {
    /// Over so many replicas; `name` is that of the host it stands in.
    #[must_use]
    pub fn new(kind: policy::Balance, replicas: usize, (seed, name): (Seed, &str)) -> Self {
        let stream = Stream::named(&[name, "balance"]);
        Self { kind, seed, stream, in_flight: vec![0; replicas], next: 0 }
    }

    /// The replica for this attempt, among these indices; it is in flight until [`Balance::done`]. The first where there
    /// is no choice.
    pub fn pick(&mut self, among: &[usize], call: u64, ordinal: u32) -> usize {
        let picked = self.choice(among, call, ordinal);
        if let Some(count) = self.in_flight.get_mut(picked) {
            *count += 1;
        }
        picked
    }

    fn choice(&mut self, among: &[usize], call: u64, ordinal: u32) -> usize {
        let (Some(first), true) = (among.first().copied(), among.len() > 1) else {
            return among.first().copied().unwrap_or(0);
        };
        let mut dice = self.seed.dice(self.stream, call, u64::from(ordinal));
        let mut one_of = |count: usize| ((dice.unit() * count as f64) as usize).min(count - 1);
        match self.kind {
            policy::Balance::Random => among[one_of(among.len())],
            policy::Balance::RoundRobin => {
                // The next in turn that may be asked.
                let picked = among.iter().copied().find(|index| *index >= self.next).unwrap_or(first);
                self.next = picked + 1;
                picked
            }
            policy::Balance::P2c => {
                let one = one_of(among.len());
                let other = one_of(among.len() - 1);
                let other = if other >= one { other + 1 } else { other };
                let (one, other) = (among[one], among[other]);
                if self.in_flight(other) < self.in_flight(one) { other } else { one }
            }
        }
    }

    /// An attempt at this replica is over.
    pub fn done(&mut self, replica: usize) {
        if let Some(count) = self.in_flight.get_mut(replica) {
            *count = count.saturating_sub(1);
        }
    }

    /// Attempts in flight at this replica.
    #[must_use]
    pub fn in_flight(&self, replica: usize) -> u32 {
        self.in_flight.get(replica).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn balance(kind: policy::Balance, replicas: usize) -> Balance {
        Balance::new(kind, replicas, (Seed(1), "edge"))
    }

    #[test]
    fn turns_go_round_and_leave_out_who_is_out() {
        let mut balance = balance(policy::Balance::RoundRobin, 3);
        let all: Vec<usize> = (0..5).map(|call| balance.pick(&[0, 1, 2], call, 1)).collect();
        assert_eq!(all, [0, 1, 2, 0, 1]);
        let without_one: Vec<usize> = (0..4).map(|call| balance.pick(&[0, 2], call, 1)).collect();
        assert_eq!(without_one, [2, 0, 2, 0]);
    }

    #[test]
    fn of_two_the_less_busy_is_asked() {
        let mut balance = balance(policy::Balance::P2c, 2);
        for call in 0..100 {
            let picked = balance.pick(&[0, 1], call, 1);
            let other = 1 - picked;
            assert!(balance.in_flight(picked) <= balance.in_flight(other) + 1);
        }
        assert_eq!(balance.in_flight(0), balance.in_flight(1));
    }

    #[test]
    fn a_draw_is_that_of_its_call_and_ordinal() {
        let pick = |call, ordinal| {
            balance(policy::Balance::Random, 1000).choice(&(0..1000).collect::<Vec<_>>(), call, ordinal)
        };
        assert_eq!(pick(7, 1), pick(7, 1));
        assert_ne!(pick(7, 1), pick(8, 1));
        assert_ne!(pick(7, 1), pick(7, 2));
    }

    proptest! {
        /// The model: whoever is picked may be, nobody is in flight less often than never, and draws are fair.
        #[test]
        fn only_those_that_may_be_are_picked(
            kind in prop::sample::select(vec![policy::Balance::P2c, policy::Balance::RoundRobin, policy::Balance::Random]),
            steps in prop::collection::vec((prop::collection::btree_set(0usize..5, 1..5), any::<bool>()), 1..60),
        ) {
            let mut balance = balance(kind, 5);
            let mut out: Vec<usize> = Vec::new();
            for (call, (among, ends)) in (0u64..).zip(steps) {
                let among: Vec<usize> = among.into_iter().collect();
                let picked = balance.pick(&among, call, 1);
                prop_assert!(among.contains(&picked));
                out.push(picked);
                if ends {
                    balance.done(out.remove(0));
                }
                for replica in 0..5 {
                    let expected = out.iter().filter(|r| **r == replica).count();
                    prop_assert_eq!(balance.in_flight(replica) as usize, expected);
                }
            }
        }
    }
}
