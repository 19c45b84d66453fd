//! `malformed`: a part of the response is not what its grammar wants.
//!
//! RFC 9112 section 12: what cannot be parsed is no message, and a caller that guesses on may take one response for
//! another. So the connection is closed after the broken one, as a broken server's would be by any caller: what came
//! next could not be told from the rest of it, and an attempt must not suffer from the fault of the one before it. A
//! broken JSON text alone leaves the connection as it is: HTTP has nothing against it.

use upstorm_model::Dice;
use upstorm_model::scenario::Malformed as Written;

use super::{Action, Farewell, Fault, FaultInfo, Flaw, Seen};
use crate::Stage;

/// What help says of it.
pub(super) const INFO: FaultInfo = FaultInfo {
    key: "malformed",
    stage: Stage::Faults,
    summary: "a part of the response is not what its grammar wants",
    docs: "`malformed = { kind = \"status-line\" }`: `???` for the status. `\"header\"`: a line without a colon. \
           `\"chunk-size\"`: a size that is no number, in a response that is chunked even where the route's are not. \
           After these three, the connection is closed (FIN). `\"json\"`: the body is no whole JSON text (the route's \
           own without its last character, or a text like that); status and framing are right, the call counts as \
           answered, and the connection is kept. Where there is no body to break (HEAD, 204, 304), the last two close \
           the connection before the head.",
};

/// A part that is malformed.
#[derive(Debug)]
pub(super) struct Malformed(pub(super) Written);

impl Fault for Malformed {
    fn stage(&self) -> Stage {
        INFO.stage
    }

    fn decide(&self, seen: &Seen, _dice: &mut Dice) -> Action {
        match self.0 {
            Written::StatusLine => Action::Break(Flaw::StatusLine),
            Written::Header => Action::Break(Flaw::Header),
            Written::ChunkSize | Written::Json if seen.framing.is_none() => {
                Action::CutBefore(Farewell::Close)
            }
            Written::ChunkSize => Action::Break(Flaw::ChunkSize),
            Written::Json => Action::BreakJson,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::registry::probe;

    #[test]
    fn breaks_what_it_is_told_and_cuts_where_there_is_nothing_to_break() {
        let (seen, mut dice) = probe(1000);
        let bodiless = Seen { body: 0, framing: None, ..seen };
        let before = Action::CutBefore(Farewell::Close);
        for (kind, whole, without) in [
            (Written::StatusLine, Action::Break(Flaw::StatusLine), Action::Break(Flaw::StatusLine)),
            (Written::Header, Action::Break(Flaw::Header), Action::Break(Flaw::Header)),
            (Written::ChunkSize, Action::Break(Flaw::ChunkSize), before),
            (Written::Json, Action::BreakJson, before),
        ] {
            assert_eq!(Malformed(kind).decide(&seen, &mut dice), whole);
            assert_eq!(Malformed(kind).decide(&bodiless, &mut dice), without);
        }
    }
}
