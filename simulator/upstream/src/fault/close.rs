//! `close`: the connection is closed (FIN) before or within the response, as when a server is stopped while it serves.
//!
//! A caller that reads until the end and does not count (RFC 9112 section 8) takes half an answer for a whole one.

use upstorm_model::Dice;
use upstorm_model::scenario::Cut;

use super::{Action, Farewell, Fault, FaultInfo, Seen, cut};
use crate::Stage;

/// What help says of it.
pub(super) const INFO: FaultInfo = FaultInfo {
    key: "close",
    stage: Stage::Faults,
    summary: "the connection is closed (FIN) instead of a whole response",
    docs: "The same places as `reset`: `{ at = \"before-headers\" }`, `{ at = \"mid-body\" }`, `{ after = \"1500B\" }`. The \
           request has been read, so that no RST follows.",
};

/// A close at a place.
#[derive(Debug)]
pub(super) struct Close(pub(super) Cut);

impl Fault for Close {
    fn stage(&self) -> Stage {
        INFO.stage
    }

    fn decide(&self, seen: &Seen, _dice: &mut Dice) -> Action {
        cut::named(self.0, Farewell::Close, seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::registry::probe;
    use upstorm_model::ByteSize;

    #[test]
    fn ends_by_fin_where_it_is_told() {
        let (seen, mut dice) = probe(1000);
        let close = Close(Cut::After { after: ByteSize::new(1) });
        assert_eq!(close.decide(&seen, &mut dice), Action::CutAfter(1, Farewell::Close));
    }
}
