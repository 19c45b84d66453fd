//! Where a response is cut or falls silent, so that the caller can tell.
//!
//! A response that was cut after its last byte is a complete one. So a cut always leaves something out: the last byte
//! of a body with a Content-Length, the last chunk of a chunked one, and the head where there is no body to cut.

use upstorm_model::scenario::{Cut, CutAt, Framing};

use super::{Action, Farewell, Seen};

/// The cut that a scenario names, as an action on this response.
pub(super) fn named(cut: Cut, farewell: Farewell, seen: &Seen) -> Action {
    ending(place(cut, seen), farewell)
}

/// A cut after so many bytes of the body, or as near to it as can be told from a complete response.
pub(super) fn after(bytes: u64, farewell: Farewell, seen: &Seen) -> Action {
    ending(within(bytes, seen), farewell)
}

fn ending(place: Option<u64>, farewell: Farewell) -> Action {
    place.map_or(Action::CutBefore(farewell), |bytes| Action::CutAfter(bytes, farewell))
}

/// How many bytes of the body come before the place that a scenario names; none where it is before the head.
pub(super) fn place(cut: Cut, seen: &Seen) -> Option<u64> {
    match cut {
        Cut::At { at: CutAt::BeforeHeaders } => None,
        Cut::At { at: CutAt::MidBody } => within(seen.body / 2, seen),
        Cut::After { after } => within(after.get(), seen),
    }
}

/// So many bytes, or as many as leave the response incomplete.
fn within(bytes: u64, seen: &Seen) -> Option<u64> {
    match (seen.framing, seen.body) {
        (None, _) | (Some(Framing::ContentLength), 0) => None,
        (Some(Framing::ContentLength), body) => Some(bytes.min(body - 1)),
        (Some(Framing::Chunked), body) => Some(bytes.min(body)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::ByteSize;

    fn seen(body: u64, framing: Option<Framing>) -> Seen {
        Seen { call: 1, ordinal: 1, progress: 0.0, body, framing }
    }

    #[test]
    fn a_cut_never_leaves_a_complete_response() {
        let long = Cut::After { after: ByteSize::new(9999) };
        let cut = |body, framing| named(long, Farewell::Close, &seen(body, framing));
        assert_eq!(cut(100, Some(Framing::ContentLength)), Action::CutAfter(99, Farewell::Close));
        assert_eq!(cut(100, Some(Framing::Chunked)), Action::CutAfter(100, Farewell::Close));
        assert_eq!(cut(0, Some(Framing::Chunked)), Action::CutAfter(0, Farewell::Close));
        assert_eq!(cut(0, Some(Framing::ContentLength)), Action::CutBefore(Farewell::Close));
        assert_eq!(cut(0, None), Action::CutBefore(Farewell::Close));
    }

    #[test]
    fn places_are_where_they_are_named() {
        let whole = seen(4096, Some(Framing::ContentLength));
        let at = |at| named(Cut::At { at }, Farewell::Reset, &whole);
        assert_eq!(at(CutAt::BeforeHeaders), Action::CutBefore(Farewell::Reset));
        assert_eq!(at(CutAt::MidBody), Action::CutAfter(2048, Farewell::Reset));
        let exact = Cut::After { after: ByteSize::new(1500) };
        assert_eq!(named(exact, Farewell::Reset, &whole), Action::CutAfter(1500, Farewell::Reset));
    }
}
