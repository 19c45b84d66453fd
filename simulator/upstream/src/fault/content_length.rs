//! `content_length`: the head promises another number of bytes than are sent.
//!
//! Servers that count characters instead of bytes, or compress after counting, do this. Promised too much, the caller
//! waits for the rest until the connection is closed (RFC 9112 section 8: incomplete). Promised too little, it takes a
//! part for the whole, and what is left over for the beginning of the next response. Therefore the connection is
//! closed after either: an attempt must not suffer from the fault of the one before it.

use upstorm_model::Dice;

use super::{Action, Farewell, Fault, FaultInfo, Seen};
use crate::Stage;

/// What help says of it.
pub(super) const INFO: FaultInfo = FaultInfo {
    key: "content_length",
    stage: Stage::Faults,
    summary: "the Content-Length is not that of the body",
    docs: "`content_length = { off_by = 10 }`: ten bytes more are promised than are sent; `{ off_by = -10 }`: ten \
           bytes more are sent than are promised, of which there are never fewer than none. All of the body is sent, \
           with a Content-Length even where the route's are chunked; then the connection is closed (FIN). Where no \
           length can be wrong (HEAD, 204, 304, and less than an empty body), it is closed before the head.",
};

/// A length that is off by so many bytes.
#[derive(Debug)]
pub(super) struct ContentLength(pub(super) i64);

impl Fault for ContentLength {
    fn stage(&self) -> Stage {
        INFO.stage
    }

    fn decide(&self, seen: &Seen, _dice: &mut Dice) -> Action {
        let promised = seen.body.saturating_add_signed(self.0);
        if seen.framing.is_none() || promised == seen.body {
            return Action::CutBefore(Farewell::Close);
        }
        Action::Promise(promised)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::registry::probe;

    #[test]
    fn promises_more_or_less_and_never_what_is_right() {
        let (seen, mut dice) = probe(1000);
        let mut decide = |off_by, seen| ContentLength(off_by).decide(&seen, &mut dice);
        assert_eq!(decide(10, seen), Action::Promise(1010));
        assert_eq!(decide(-10, seen), Action::Promise(990));
        assert_eq!(decide(-2000, seen), Action::Promise(0));
        assert_eq!(decide(i64::MAX, Seen { body: u64::MAX - 1, ..seen }), Action::Promise(u64::MAX));
        let empty = Seen { body: 0, ..seen };
        assert_eq!(decide(5, empty), Action::Promise(5));
        assert_eq!(decide(-5, empty), Action::CutBefore(Farewell::Close));
        assert_eq!(decide(5, Seen { framing: None, ..empty }), Action::CutBefore(Farewell::Close));
    }
}
