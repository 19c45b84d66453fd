//! `hang`: the request is read and never answered; the connection stays open until the caller leaves.
//!
//! The failure that only a timeout of one's own ends, and that fills pools where there is none.

use upstorm_model::Dice;

use super::{Action, Fault, FaultInfo, Seen};
use crate::Stage;

/// What help says of it.
pub(super) const INFO: FaultInfo = FaultInfo {
    key: "hang",
    stage: Stage::Faults,
    summary: "the request is read and never answered",
    docs: "`hang = {}`. The connection stays open until the caller closes or resets it, or the run is over.",
};

/// No answer at all.
#[derive(Debug)]
pub(super) struct Hang;

impl Fault for Hang {
    fn stage(&self) -> Stage {
        INFO.stage
    }

    fn decide(&self, _seen: &Seen, _dice: &mut Dice) -> Action {
        Action::Hang
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::registry::probe;

    #[test]
    fn hangs_whatever_the_response() {
        let (seen, mut dice) = probe(0);
        assert_eq!(Hang.decide(&seen, &mut dice), Action::Hang);
    }
}
