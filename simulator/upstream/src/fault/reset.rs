//! `reset`: the connection is reset (RST) before or within the response, as when a process dies or a middlebox gives up.
//!
//! Callers that take it for a clean end, or repeat a request that may have been served (RFC 9110 section 9.2.2), are
//! found by it.

use upstorm_model::Dice;
use upstorm_model::scenario::Cut;

use super::{Action, Farewell, Fault, FaultInfo, Seen, cut};
use crate::Stage;

/// What help says of it.
pub(super) const INFO: FaultInfo = FaultInfo {
    key: "reset",
    stage: Stage::Faults,
    summary: "the connection is reset (a real RST) instead of a whole response",
    docs: "`reset = { at = \"before-headers\" }` sends no byte of the response, `{ at = \"mid-body\" }` the head and half \
           of the body, `{ after = \"1500B\" }` the head and so many bytes of the body. It comes when the response would \
           have come, after the latency that was drawn.",
};

/// A reset at a place.
#[derive(Debug)]
pub(super) struct Reset(pub(super) Cut);

impl Fault for Reset {
    fn stage(&self) -> Stage {
        INFO.stage
    }

    fn decide(&self, seen: &Seen, _dice: &mut Dice) -> Action {
        cut::named(self.0, Farewell::Reset, seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::registry::probe;
    use upstorm_model::scenario::CutAt;

    #[test]
    fn ends_by_rst_where_it_is_told() {
        let (seen, mut dice) = probe(1000);
        let at = |at| Reset(Cut::At { at });
        let before = at(CutAt::BeforeHeaders).decide(&seen, &mut dice);
        assert_eq!(before, Action::CutBefore(Farewell::Reset));
        assert_eq!(at(CutAt::MidBody).decide(&seen, &mut dice), Action::CutAfter(500, Farewell::Reset));
    }
}
