//! `truncate`: the head promises the whole body, and less is sent before the connection is closed (FIN).
//!
//! RFC 9112 section 8 wants it treated as incomplete: a short Content-Length, or a chunked body without its last chunk.
//! Caches and proxies that passed such bodies on as whole ones have served broken files for days.

use upstorm_model::Dice;
use upstorm_model::scenario::Keep;

use super::{Action, Farewell, Fault, FaultInfo, Seen, cut};
use crate::Stage;

/// What help says of it.
pub(super) const INFO: FaultInfo = FaultInfo {
    key: "truncate",
    stage: Stage::Faults,
    summary: "the head promises the whole body, and less is sent",
    docs: "`truncate = { keep = \"50%\" }` or `{ keep = \"1KiB\" }`; half by default. With `Content-Length`, at least one \
           byte is missing; chunked, the last chunk always is. Then the connection is closed (FIN).",
};

/// A body cut short.
#[derive(Debug)]
pub(super) struct Truncate(pub(super) Keep);

impl Fault for Truncate {
    fn stage(&self) -> Stage {
        INFO.stage
    }

    fn decide(&self, seen: &Seen, _dice: &mut Dice) -> Action {
        let kept = match self.0 {
            Keep::Size(size) => size.get(),
            Keep::Share(share) => (seen.body as f64 * share.get()).round() as u64,
        };
        cut::after(kept, Farewell::Close, seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::registry::probe;
    use upstorm_model::{ByteSize, Ratio};

    #[test]
    fn keeps_a_size_or_a_share_and_never_all() {
        let (seen, mut dice) = probe(1000);
        let mut kept = |keep| Truncate(keep).decide(&seen, &mut dice);
        assert_eq!(kept(Keep::default()), Action::CutAfter(500, Farewell::Close));
        assert_eq!(kept(Keep::Share(Ratio::new(0.3))), Action::CutAfter(300, Farewell::Close));
        assert_eq!(kept(Keep::Share(Ratio::ONE)), Action::CutAfter(999, Farewell::Close));
        assert_eq!(kept(Keep::Size(ByteSize::new(7))), Action::CutAfter(7, Farewell::Close));
    }
}
