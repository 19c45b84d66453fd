//! `header_flood`: headers nobody asked for, before the others.
//!
//! HTTP bounds neither a line nor a head; every caller does, each elsewhere (a gateway's buffers often at 4 or 8 KiB,
//! hyper's at 100 lines), and what it does beyond its bound is what its callers see. RFC 6585 section 5 gives requests a
//! status for that; responses have none.

use upstorm_model::scenario::FaultKind;
use upstorm_model::{ByteSize, Dice};

use super::{Action, Fault, FaultInfo, Seen};
use crate::Stage;

/// What help says of it.
pub(super) const INFO: FaultInfo = FaultInfo {
    key: "header_flood",
    stage: Stage::Faults,
    summary: "so many bytes of headers nobody asked for",
    docs: "`header_flood = { size = \"64KiB\" }`, of 1 KiB to 16 MiB: that many bytes of `x-upstorm-flood` lines, of \
           1 KiB each, before the other headers. The response is right, and the connection is kept: whether a caller \
           takes it is its own affair. The reference client and gateway take up to 100 headers in up to 400 KiB.",
};

/// So many bytes of headers.
#[derive(Debug)]
pub(super) struct HeaderFlood(pub(super) ByteSize);

impl Fault for HeaderFlood {
    fn stage(&self) -> Stage {
        INFO.stage
    }

    fn decide(&self, _seen: &Seen, _dice: &mut Dice) -> Action {
        Action::Flood(self.0.get().min(*FaultKind::FLOOD.end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::registry::probe;

    #[test]
    fn floods_with_as_much_as_it_is_told() {
        let (seen, mut dice) = probe(1000);
        let flood = HeaderFlood(ByteSize::new(65_536));
        assert_eq!(flood.decide(&seen, &mut dice), Action::Flood(65_536));
        let endless = HeaderFlood(ByteSize::new(u64::MAX));
        assert_eq!(
            endless.decide(&seen, &mut dice),
            Action::Flood(16 << 20),
            "a request may ask for it by header"
        );
    }
}
