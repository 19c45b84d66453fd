//! Which kind of request a call is, drawn by weight and keyed by the call.

use upstorm_model::plan::ClientPlan;
use upstorm_model::{Plan, Seed, Stream};

/// The kinds of request of one client.
#[derive(Debug)]
pub(crate) struct Requests {
    seed: Seed,
    stream: Stream,
    /// For each kind the sum of the weights up to and including its own.
    bounds: Vec<f64>,
}

impl Requests {
    /// The kinds of a client.
    pub(crate) fn of(plan: &Plan, client: &ClientPlan) -> Self {
        let mut sum = 0.0;
        let mut upto = |weight: f64| {
            sum += weight.max(0.0);
            sum
        };
        let bounds = client.requests.iter().map(|r| upto(r.weight)).collect();
        Self { seed: plan.seed, stream: Stream::named(&["request", plan.host_name(client.host)]), bounds }
    }

    /// The kind of the `sequence`-th call: an index into the client's requests.
    pub(crate) fn kind(&self, sequence: u64) -> u16 {
        let [_, .., whole] = self.bounds.as_slice() else { return 0 };
        let drawn = self.seed.dice(self.stream, sequence, 1).unit() * whole;
        let index = self.bounds.partition_point(|bound| *bound <= drawn).min(self.bounds.len() - 1);
        u16::try_from(index).unwrap_or(u16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_by_weight_and_only_by_the_key() {
        let bounds = vec![3.0, 3.0, 4.0];
        let requests = Requests { seed: Seed(3), stream: Stream::named(&["request", "c"]), bounds };
        let kinds: Vec<u16> = (0..10_000).map(|n| requests.kind(n)).collect();
        let share = |kind| kinds.iter().filter(|k| **k == kind).count();
        // 7,500 expected; five standard deviations are 217.
        assert!(share(0).abs_diff(7_500) < 217, "{}", share(0));
        assert_eq!((share(1), share(0) + share(2)), (0, 10_000));
        assert_eq!(requests.kind(17), kinds[17]);
        let none = Requests { bounds: Vec::new(), ..requests };
        assert_eq!(none.kind(17), 0);
    }
}
