//! `stall`: the response falls silent for a while and then goes on, as behind a full buffer, a pause of a garbage
//! collector or a network that loses packets.
//!
//! A timeout on each read ends it, one on the whole response may not; and a caller that gives up at once has worked for
//! nothing, because the rest would have come.

use upstorm_model::Dice;
use upstorm_model::scenario::Stall as Written;

use super::{Action, Fault, FaultInfo, Seen, cut};
use crate::Stage;

/// What help says of it.
pub(super) const INFO: FaultInfo = FaultInfo {
    key: "stall",
    stage: Stage::Faults,
    summary: "the response falls silent for a while, then goes on",
    docs: "`stall = { at = \"before-headers\", for = \"2s\" }`, `{ at = \"mid-body\", … }`, `{ after = \"1500B\", … }`. The \
           silence begins when the response has come that far, after the latency that was drawn; where there is no \
           body, before its head. What was held back is sent when it is over.",
};

/// A silence at a place.
#[derive(Debug)]
pub(super) struct Stall(pub(super) Written);

impl Fault for Stall {
    fn stage(&self) -> Stage {
        INFO.stage
    }

    fn decide(&self, seen: &Seen, _dice: &mut Dice) -> Action {
        let silence = self.0.r#for.at(seen.progress).get();
        match cut::place(self.0.place, seen) {
            None => Action::StallBefore(silence),
            Some(bytes) => Action::StallAfter(bytes, silence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::registry::probe;
    use std::time::Duration;
    use upstorm_model::scenario::{Cut, CutAt};
    use upstorm_model::{ByteSize, Ramp, Shape, TimeSpan, Varying};

    #[test]
    fn falls_silent_where_and_for_as_long_as_it_is_told() {
        let (seen, mut dice) = probe(1000);
        let ramp = Ramp { from: TimeSpan::ZERO, to: TimeSpan::from_secs(4), shape: Shape::Linear };
        let mut decide = |place| {
            let stall = Stall(Written { place, r#for: Varying::Ramp(ramp) });
            stall.decide(&Seen { progress: 0.5, ..seen }, &mut dice)
        };
        let two = Duration::from_secs(2);
        assert_eq!(decide(Cut::At { at: CutAt::BeforeHeaders }), Action::StallBefore(two));
        assert_eq!(decide(Cut::At { at: CutAt::MidBody }), Action::StallAfter(500, two));
        assert_eq!(decide(Cut::After { after: ByteSize::new(5000) }), Action::StallAfter(999, two));
    }
}
