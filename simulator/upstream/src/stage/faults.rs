//! The last stage: what goes wrong with the response. The first fault of the list that hits wins.
//!
//! Each draws from a stream of its own, so the second is as likely where the first is switched off.

use std::collections::BTreeMap;

use upstorm_model::scenario::Fault as Entry;
use upstorm_model::{Ratio, Stream, Varying};

use super::{Draw, Stage};
use crate::fault::{Action, Fault, Seen, fault_of};

/// The faults of one route in one segment, in order.
#[derive(Debug)]
pub(crate) struct FaultStage(Vec<Candidate>);

#[derive(Debug)]
struct Candidate {
    share: Varying<Ratio>,
    stream: Stream,
    fault: Box<dyn Fault>,
}

impl FaultStage {
    /// Of this upstream and route.
    pub(crate) fn compile(path: [&str; 2], faults: &[Entry]) -> Self {
        let mut same = BTreeMap::new();
        let candidate = |entry: &Entry| {
            let nth: &mut u32 = same.entry(entry.kind.key()).or_default();
            *nth += 1;
            // The second of a kind is another draw than the first.
            let label =
                if *nth == 1 { entry.kind.key().to_owned() } else { format!("{}#{nth}", entry.kind.key()) };
            Candidate {
                share: entry.share,
                stream: Stream::named(&[path[0], path[1], Stage::Faults.name(), &label]),
                fault: fault_of(&entry.kind),
            }
        };
        Self(faults.iter().map(candidate).collect())
    }

    /// The fault that hits an attempt, as its place in the list, and what is done.
    pub(crate) fn decide(&self, draw: &Draw, seen: &Seen) -> (Option<u8>, Action) {
        for (index, candidate) in self.0.iter().enumerate() {
            // What is switched off costs no dice.
            if candidate.share.at(draw.progress).get() <= 0.0 {
                continue;
            }
            let mut dice = draw.dice(candidate.stream);
            if draw.hits(&candidate.share, &mut dice) {
                let index = u8::try_from(index).unwrap_or(u8::MAX);
                return (Some(index), candidate.fault.decide(seen, &mut dice));
            }
        }
        (None, Action::Serve)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::Seed;
    use upstorm_model::scenario::{Cut, CutAt, FaultKind, Framing};

    fn entry(share: f64, kind: FaultKind) -> Entry {
        Entry { share: Varying::from(Ratio::new(share)), kind }
    }

    fn hit(stage: &FaultStage, call: u64) -> Option<u8> {
        let draw = Draw { seed: Seed(5), call, ordinal: 1, progress: 0.0 };
        let seen = Seen { call, ordinal: 1, progress: 0.0, body: 10, framing: Some(Framing::Chunked) };
        stage.decide(&draw, &seen).0
    }

    #[test]
    fn the_first_that_hits_wins_and_each_draws_for_itself() {
        let reset = || entry(0.3, FaultKind::Reset(Cut::At { at: CutAt::MidBody }));
        let both = FaultStage::compile(["up", "r"], &[reset(), entry(0.4, FaultKind::Hang {})]);
        let alone = FaultStage::compile(["up", "r"], &[entry(0.4, FaultKind::Hang {})]);
        let mut counts = [0_u32; 2];
        for call in 0..10_000 {
            match hit(&both, call) {
                Some(0) => counts[0] += 1,
                other => {
                    counts[1] += u32::from(other == Some(1));
                    assert_eq!(
                        other.is_some(),
                        hit(&alone, call).is_some(),
                        "a fault before it shifts no draw"
                    );
                }
            }
        }
        // Four standard deviations of a binomial with n = 10,000.
        assert!(counts[0].abs_diff(3000) < 184 && counts[1].abs_diff(2800) < 180, "{counts:?}");
    }

    #[test]
    fn two_of_a_kind_are_two_draws() {
        let stage = FaultStage::compile(
            ["up", "r"],
            &[entry(0.5, FaultKind::Hang {}), entry(0.5, FaultKind::Hang {})],
        );
        let second = (0..1000).filter(|call| hit(&stage, *call) == Some(1)).count();
        assert!(second > 180 && second < 320, "{second}");
    }
}
