//! `connect.delay`: a connection is accepted, and nothing is read from it for a while.
//!
//! As from a server whose accept loop is behind, or that does a slow handshake of its own. The kernel has completed the
//! TCP handshake long before, so the caller's connect succeeds at once in both worlds, and no timeout on connecting sees
//! it: the first response is late. What the caller sends meanwhile waits in the socket's buffer.

use upstorm_model::{Dice, Law};

use super::{Action, Fault, FaultInfo, Seen};
use crate::Stage;

/// What help says of it.
pub(super) const INFO: FaultInfo = FaultInfo {
    key: "connect.delay",
    stage: Stage::Connect,
    summary: "a connection is accepted, and read from only after a while",
    docs: "`connect = { delay = \"200ms\" }` or any law of `latency`, drawn for each connection that is neither reset nor \
           stalled. The handshake itself is the kernel's and is not delayed; the first response is. Latency counts \
           from when the request was read, so the two add up.",
};

/// A delay before a connection is served.
#[derive(Debug)]
pub(crate) struct ConnectDelay(pub(crate) Law);

impl Fault for ConnectDelay {
    fn stage(&self) -> Stage {
        INFO.stage
    }

    fn decide(&self, seen: &Seen, dice: &mut Dice) -> Action {
        Action::Delay(self.0.sample(seen.progress, dice))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::registry::probe;
    use std::time::Duration;
    use upstorm_model::{Ramp, Shape, TimeSpan, Varying};

    #[test]
    fn delays_by_its_law() {
        let (seen, mut dice) = probe(0);
        let ramp = Ramp { from: TimeSpan::ZERO, to: TimeSpan::from_secs(4), shape: Shape::Linear };
        let delay = ConnectDelay(Law::Constant(Varying::Ramp(ramp)));
        let halfway = delay.decide(&Seen { progress: 0.5, ..seen }, &mut dice);
        assert_eq!(halfway, Action::Delay(Duration::from_secs(2)));
    }
}
