//! `connect.stall`: a connection is accepted and then nothing ever comes back.
//!
//! As from a host whose kernel still accepts for a process that is stuck. Only a timeout on the response ends it.

use upstorm_model::Dice;

use super::{Action, Fault, FaultInfo, Seen};
use crate::Stage;

/// What help says of it.
pub(super) const INFO: FaultInfo = FaultInfo {
    key: "connect.stall",
    stage: Stage::Connect,
    summary: "a connection is accepted, then silent",
    docs: "`connect = { stall = \"5%\" }`, drawn for each connection. What the caller sends is taken and thrown away: only \
           so is its leaving noticed. No request on it counts as an attempt.",
};

/// Silence after accept.
#[derive(Debug)]
pub(crate) struct ConnectStall;

impl Fault for ConnectStall {
    fn stage(&self) -> Stage {
        INFO.stage
    }

    fn decide(&self, _seen: &Seen, _dice: &mut Dice) -> Action {
        Action::Ignore
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::registry::probe;

    #[test]
    fn ignores_the_connection() {
        let (seen, mut dice) = probe(0);
        assert_eq!(ConnectStall.decide(&seen, &mut dice), Action::Ignore);
    }
}
