//! `connect.reset`: a connection is reset (RST) right after it was accepted, as by a full accept queue's owner or a
//! load balancer without a healthy target.
//!
//! The caller's connect has succeeded, so a policy that retries only failed connects does not see it.

use upstorm_model::Dice;

use super::{Action, Fault, FaultInfo, Seen};
use crate::Stage;

/// What help says of it.
pub(super) const INFO: FaultInfo = FaultInfo {
    key: "connect.reset",
    stage: Stage::Connect,
    summary: "a connection is reset (RST) right after it was accepted",
    docs: "`connect = { reset = \"5%\" }`, drawn for each connection.",
};

/// A reset after accept.
#[derive(Debug)]
pub(crate) struct ConnectReset;

impl Fault for ConnectReset {
    fn stage(&self) -> Stage {
        INFO.stage
    }

    fn decide(&self, _seen: &Seen, _dice: &mut Dice) -> Action {
        Action::Drop
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::registry::probe;

    #[test]
    fn drops_the_connection() {
        let (seen, mut dice) = probe(0);
        assert_eq!(ConnectReset.decide(&seen, &mut dice), Action::Drop);
    }
}
