//! When the bytes of a body leave: at once, at a pace, or with a silence in between. Pure; told no time but the
//! beginning's.
//!
//! Each piece is due at a time that is counted from the beginning, not from the piece before it, so that a body of
//! 64 KiB at 64 KiB/s has left after exactly a second, however late each of its wake-ups was. A piece leaves when its
//! last byte would have come down a line of that rate.

use std::time::Duration;

use upstorm_model::scenario::Body;
use upstorm_model::{ByteRate, ByteSize, Offset, Varying};

/// Pieces per second where the scenario gives no size for them.
const PIECES: u64 = 10;

/// How fast bodies are sent, as the scenario says it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slowness {
    rate: Varying<ByteRate>,
    chunk: Option<ByteSize>,
}

/// How fast one body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Bytes per second, at least 1.
    pub(crate) rate: u64,
    /// Bytes that are sent at a time, at least 1.
    pub(crate) chunk: u64,
}

impl Slowness {
    /// Of this body; none where it is sent as fast as the network takes it.
    pub(crate) fn of(body: &Body) -> Option<Self> {
        Some(Self { rate: body.rate?, chunk: body.chunk })
    }

    /// The pace at `progress` through the phase.
    pub(crate) fn at(&self, progress: f64) -> Pace {
        let rate = self.rate.at(progress).get().max(1);
        Pace { rate, chunk: self.chunk.map_or(rate / PIECES, ByteSize::get).max(1) }
    }
}

/// When the bytes of one body leave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tempo {
    /// When the body begins.
    pub(crate) start: Offset,
    /// How fast it goes; none for as fast as the network takes it.
    pub(crate) pace: Option<Pace>,
    /// After how many bytes it falls silent, and for how long.
    pub(crate) silence: Option<(u64, Duration)>,
}

impl Tempo {
    /// When the next piece may leave that begins after `sent` bytes, and how long it may be, of the `left` that are.
    pub(crate) fn next(&self, sent: u64, left: u64) -> (Offset, u64) {
        let chunk = self.pace.map_or(u64::MAX, |pace| pace.chunk);
        let before_silence = self.silence.filter(|(at, _)| sent < *at).map_or(u64::MAX, |(at, _)| at - sent);
        let length = left.min(chunk).min(before_silence);
        (self.due(sent, length), length)
    }

    /// When the body may end that has been sent.
    pub(crate) fn end(&self, sent: u64) -> Offset {
        self.due(sent, 0)
    }

    fn due(&self, sent: u64, length: u64) -> Offset {
        let under_way = self.pace.map_or(Duration::ZERO, |pace| {
            let nanos =
                u128::from(sent.saturating_add(length)) * 1_000_000_000 / u128::from(pace.rate.max(1));
            Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
        });
        let silent = self.silence.filter(|(at, _)| sent >= *at).map_or(Duration::ZERO, |(_, span)| span);
        self.start + under_way + silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::{Ramp, Shape};

    fn at(ms: u64) -> Offset {
        Offset::from_millis(ms)
    }

    /// When each piece of a body leaves, in milliseconds, and its length.
    fn pieces(tempo: Tempo, whole: u64) -> Vec<(u64, u64)> {
        let (mut sent, mut pieces) = (0, Vec::new());
        while sent < whole {
            let (due, length) = tempo.next(sent, whole - sent);
            pieces.push((u64::try_from(due.elapsed().as_millis()).unwrap(), length));
            sent += length;
        }
        pieces
    }

    #[test]
    fn without_pace_and_silence_all_leaves_at_once() {
        let tempo = Tempo { start: at(7), pace: None, silence: None };
        assert_eq!(pieces(tempo, 5000), [(7, 5000)]);
        assert_eq!(tempo.end(5000), at(7));
    }

    #[test]
    fn a_pace_sends_pieces_as_their_last_byte_is_due() {
        let pace = Some(Pace { rate: 1000, chunk: 400 });
        let tempo = Tempo { start: at(100), pace, silence: None };
        assert_eq!(pieces(tempo, 1000), [(500, 400), (900, 400), (1100, 200)]);
        assert_eq!(tempo.end(1000), at(1100), "a body has left after its size over its rate");
    }

    #[test]
    fn a_silence_comes_after_exactly_its_bytes_and_moves_what_follows() {
        let silence = Some((500, Duration::from_secs(2)));
        let alone = Tempo { start: at(0), pace: None, silence };
        assert_eq!(pieces(alone, 1200), [(0, 500), (2000, 700)]);
        assert_eq!(pieces(Tempo { silence: Some((0, Duration::from_secs(2))), ..alone }, 9), [(2000, 9)]);
        assert_eq!(alone.end(500), at(2000), "a silence before the last chunk");
        let paced = Tempo { pace: Some(Pace { rate: 1000, chunk: 400 }), ..alone };
        assert_eq!(pieces(paced, 1000), [(400, 400), (500, 100), (2900, 400), (3000, 100)]);
    }

    #[test]
    fn a_pace_follows_its_ramp_and_is_never_zero() {
        let rate = |bytes| ByteRate::per_second(bytes);
        let ramp = Varying::Ramp(Ramp { from: rate(2000), to: rate(0), shape: Shape::Linear });
        let slow = Slowness { rate: ramp, chunk: None };
        assert_eq!(slow.at(0.5), Pace { rate: 1000, chunk: 100 });
        assert_eq!(slow.at(1.0), Pace { rate: 1, chunk: 1 });
        assert_eq!(Slowness { chunk: Some(ByteSize::new(700)), ..slow }.at(0.0).chunk, 700);
    }

    #[test]
    fn no_size_is_too_large() {
        let tempo = Tempo { start: at(0), pace: Some(Pace { rate: 1, chunk: 1 }), silence: None };
        assert_eq!(tempo.next(u64::MAX - 1, 1).1, 1);
    }
}
