//! `traceparent`: the trace a request belongs to and the span that sent it (W3C Trace Context, level 1).
//!
//! One trace id over all attempts and one parent id for each lets a reader tell retries from new calls without our
//! own header. Ids are drawn from keyed dice, so the same seed writes the same bytes.

use http::header::{HeaderName, HeaderValue};
use upstorm_model::Dice;

use crate::hex;

/// The header.
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// A trace and its flags; who the parent is changes with each attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trace {
    id: u128,
    flags: u8,
}

impl Trace {
    /// A new, sampled trace.
    pub(crate) fn fresh(dice: &mut Dice) -> Self {
        let id = dice.long_bits();
        // All zeroes is no id.
        Self { id: id.max(1), flags: 1 }
    }

    /// The trace of a header; none when it is malformed, which restarts the trace (section 3.2).
    pub(crate) fn read(header: &HeaderValue) -> Option<Self> {
        let text = header.to_str().ok()?;
        let mut parts = text.split('-');
        let [version, id, parent, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
        let of_length = |part: &str, digits| part.len() == digits && part.bytes().all(is_lower_hex);
        let lengths = [(version, 2), (id, 32), (parent, 16), (flags, 2)];
        let shaped = lengths.iter().all(|(part, digits)| of_length(part, *digits));
        // Version 00 has exactly these four parts; ff is forbidden; later ones may have more.
        if !shaped || version == "ff" || (version == "00" && parts.next().is_some()) {
            return None;
        }
        let id = u128::from_str_radix(id, 16).ok().filter(|id| *id != 0)?;
        u64::from_str_radix(parent, 16).ok().filter(|parent| *parent != 0)?;
        Some(Self { id, flags: u8::from_str_radix(flags, 16).ok()? })
    }

    /// The header for an attempt, with a parent id of its own.
    pub(crate) fn with_parent(self, dice: &mut Dice) -> HeaderValue {
        let mut text = *b"00-................................-................-..";
        hex::fill(&mut text[3..35], self.id);
        hex::fill(&mut text[36..52], dice.bits().max(1).into());
        hex::fill(&mut text[53..], self.flags.into());
        hex::of_text(&text)
    }
}

fn is_lower_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::{Seed, Stream};

    fn dice(ordinal: u64) -> Dice {
        Seed(1).dice(Stream::named(&["trace"]), 1, ordinal)
    }

    #[test]
    fn the_trace_stays_and_the_parent_changes() {
        let trace = Trace::fresh(&mut dice(0));
        let (first, second) = (trace.with_parent(&mut dice(1)), trace.with_parent(&mut dice(2)));
        assert_ne!(first, second);
        assert_eq!(Trace::read(&first), Some(trace));
        assert_eq!(Trace::read(&second), Some(trace));
    }

    #[test]
    fn the_example_of_the_specification_is_read() {
        let header = HeaderValue::from_static("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        let trace = Trace::read(&header).unwrap();
        assert_eq!(trace, Trace { id: 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, flags: 1 });
    }

    #[test]
    fn what_is_no_traceparent_starts_anew() {
        for text in [
            "",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(Trace::read(&HeaderValue::from_static(text)), None, "{text}");
        }
    }
}
