//! The connect stage: what is decided for a connection when it is accepted.
//!
//! Refusing and swallowing are no decisions about a connection, for there is none: the door performs them.

use upstorm_model::scenario::Connect;
use upstorm_model::{Ratio, Stream, Varying};

use super::{Draw, Stage};
use crate::fault::{Action, ConnectDelay, ConnectReset, ConnectStall, Fault, Seen};

/// The faults of one segment that may hit a connection, in order.
#[derive(Debug)]
pub(crate) struct ConnectStage(Vec<(Varying<Ratio>, Stream, Box<dyn Fault>)>);

impl ConnectStage {
    /// Of the upstream of this name.
    pub(crate) fn compile(upstream: &str, connect: &Connect) -> Self {
        let stream = |fault| Stream::named(&[upstream, Stage::Connect.name(), fault]);
        let reset =
            connect.reset.map(|share| (share, stream("reset"), Box::new(ConnectReset) as Box<dyn Fault>));
        let stall =
            connect.stall.map(|share| (share, stream("stall"), Box::new(ConnectStall) as Box<dyn Fault>));
        let delay = connect
            .delay
            .clone()
            .map(|law| (Ratio::ONE.into(), stream("delay"), Box::new(ConnectDelay(law)) as Box<dyn Fault>));
        Self(reset.into_iter().chain(stall).chain(delay).collect())
    }

    /// What is done to a connection; its number is the draw's call.
    pub(crate) fn decide(&self, draw: &Draw) -> Action {
        let seen =
            Seen { call: draw.call, ordinal: draw.ordinal, progress: draw.progress, body: 0, framing: None };
        for (share, stream, fault) in &self.0 {
            let mut dice = draw.dice(*stream);
            if draw.hits(share, &mut dice) {
                return fault.decide(&seen, &mut dice);
            }
        }
        Action::Serve
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::Seed;

    #[test]
    fn shares_are_kept_and_a_certain_fault_hits_always() {
        let part = |share| Some(Varying::from(Ratio::new(share)));
        let stage = ConnectStage::compile(
            "up",
            &Connect { reset: part(0.2), stall: part(0.5), ..Connect::default() },
        );
        let decide = |call| stage.decide(&Draw { seed: Seed(1), call, ordinal: 1, progress: 0.0 });
        let count = |action| (0..10_000).filter(|n| decide(*n) == action).count();
        // Four standard deviations of the binomial; the stall meets what the reset has left.
        assert!(count(Action::Drop).abs_diff(2000) < 160, "{}", count(Action::Drop));
        assert!(count(Action::Ignore).abs_diff(4000) < 196, "{}", count(Action::Ignore));
        let all = ConnectStage::compile("up", &Connect { reset: part(1.0), ..Connect::default() });
        assert_eq!(all.decide(&Draw { seed: Seed(1), call: 3, ordinal: 1, progress: 0.0 }), Action::Drop);
    }
}
