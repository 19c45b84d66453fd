//! The bytes of a recording: a header line, then frames `length, CRC-32, records`.
//!
//! A frame that is cut off or damaged ends the recording there; everything before it is sound. Records are in
//! postcard (variable-length integers): about 50 bytes a call and 60 an attempt, so ten million calls with
//! their attempts stay below 2 GiB.

use serde::{Deserialize, Serialize};

use super::Record;

/// The version of the recording's form.
pub const RECORDING_VERSION: u32 = 4;

/// What a recording says before its first record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`RECORDING_VERSION`].
    pub version: u32,
    /// The version of the tool that wrote it.
    pub tool: String,
    /// The scenario's name.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
}

/// Why bytes are no recording.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The first line is not a recording's header.
    #[error("not a recording: its first line should begin with `upstorm-recording `")]
    NotARecording,
    /// Another version wrote it.
    #[error("recording version {0} is not readable by this tool, which reads version {RECORDING_VERSION}")]
    Version(u32),
}

const MAGIC: &str = "upstorm-recording ";
/// A frame is closed when it has this many bytes.
const FRAME_BYTES: usize = 32 * 1024;
/// No frame is longer; a length beyond is damage.
const LONGEST_FRAME: usize = 16 * 1024 * 1024;

/// Turns records into bytes.
#[derive(Debug)]
pub struct Encoder {
    frame: Vec<u8>,
}

impl Encoder {
    /// An encoder, and the header's bytes, which come first.
    #[must_use]
    pub fn new(header: &Header) -> (Self, Vec<u8>) {
        let fields = [&header.version.to_string(), &header.seed.to_string(), &header.tool, &header.scenario];
        let line = fields.map(|f| f.replace(['\n', ' '], "_")).join(" ");
        (Self { frame: Vec::with_capacity(FRAME_BYTES * 2) }, format!("{MAGIC}{line}\n").into_bytes())
    }

    /// Adds a record; gives a frame's bytes to `out` when one is full.
    pub fn push(&mut self, record: &Record, out: &mut Vec<u8>) {
        let start = self.frame.len();
        self.frame = postcard::to_extend(record, std::mem::take(&mut self.frame)).unwrap_or_default();
        debug_assert!(self.frame.len() > start, "records hold nothing that postcard refuses");
        if self.frame.len() >= FRAME_BYTES {
            self.flush(out);
        }
    }

    /// Gives what is left to `out` as a frame.
    pub fn flush(&mut self, out: &mut Vec<u8>) {
        if self.frame.is_empty() {
            return;
        }
        let length = u32::try_from(self.frame.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&crc32fast::hash(&self.frame).to_le_bytes());
        out.append(&mut self.frame);
    }
}

/// Reads records back from bytes; stops at the first frame that is cut off or damaged.
#[derive(Debug)]
pub struct Decoder<'a> {
    header: Header,
    bytes: usize,
    rest: &'a [u8],
    frame: &'a [u8],
    frame_at: usize,
}

impl<'a> Decoder<'a> {
    /// Reads the header line.
    ///
    /// # Errors
    /// When the bytes are no recording, or one of another version.
    pub fn new(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let end = bytes.iter().position(|b| *b == b'\n').ok_or(DecodeError::NotARecording)?;
        let line = std::str::from_utf8(&bytes[..end]).map_err(|_| DecodeError::NotARecording)?;
        let mut fields = line.strip_prefix(MAGIC).ok_or(DecodeError::NotARecording)?.splitn(4, ' ');
        let mut number = || fields.next().and_then(|f| f.parse::<u64>().ok());
        let version = number().and_then(|v| u32::try_from(v).ok()).ok_or(DecodeError::NotARecording)?;
        if version != RECORDING_VERSION {
            return Err(DecodeError::Version(version));
        }
        let seed = number().ok_or(DecodeError::NotARecording)?;
        let mut text = || fields.next().unwrap_or_default().to_owned();
        let header = Header { version, seed, tool: text(), scenario: text() };
        let rest = &bytes[end + 1..];
        Ok(Self { header, bytes: bytes.len(), rest, frame: &[], frame_at: end + 1 })
    }

    /// The byte at which the frame begins that the last record came from; at the end, the one that could not be read.
    #[must_use]
    pub const fn frame_at(&self) -> usize {
        self.frame_at
    }

    /// What the recording says of itself.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    fn next_frame(&mut self) -> Option<()> {
        self.frame_at = self.bytes - self.rest.len();
        let (length, rest) = self.rest.split_first_chunk::<4>()?;
        let (checksum, rest) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        if length > LONGEST_FRAME || length > rest.len() {
            return None;
        }
        let (frame, rest) = rest.split_at(length);
        if crc32fast::hash(frame) != u32::from_le_bytes(*checksum) {
            return None;
        }
        (self.frame, self.rest) = (frame, rest);
        Some(())
    }
}

impl Iterator for Decoder<'_> {
    type Item = Record;
    fn next(&mut self) -> Option<Record> {
        if self.frame.is_empty() {
            self.next_frame()?;
        }
        let (record, rest) = postcard::take_from_bytes(self.frame).ok()?;
        self.frame = rest;
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{Call, CallId, Mark, MarkKind, Outcome, Recording};
    use crate::{HostId, Offset};

    fn call(n: u64) -> Record {
        let planned = Offset::from_millis(n);
        let id = CallId::new(HostId(1), n);
        Record::Call(Call {
            id,
            request: 0,
            planned,
            sent: planned,
            done: planned,
            outcome: Outcome::Answered(200),
            bytes: n,
            made: None,
        })
    }

    fn recorded(calls: u64) -> Vec<u8> {
        let header =
            Header { version: RECORDING_VERSION, tool: "0.1.0".into(), scenario: "a b".into(), seed: 7 };
        let (mut encoder, mut bytes) = Encoder::new(&header);
        (0..calls).for_each(|n| encoder.push(&call(n), &mut bytes));
        encoder.push(&Record::Mark(Mark { at: Offset::from_millis(calls), kind: MarkKind::End }), &mut bytes);
        encoder.flush(&mut bytes);
        bytes
    }

    #[test]
    fn what_is_written_is_read_back() {
        let bytes = recorded(5000);
        let decoder = Decoder::new(&bytes).unwrap();
        assert_eq!(decoder.header().scenario, "a_b");
        let recording = Recording::from_records(decoder.header().clone(), decoder);
        assert_eq!(recording.calls.len(), 5000);
        assert!(!recording.partial);
        assert_eq!(recording.calls[17].bytes, 17);
    }

    #[test]
    fn a_cut_or_damaged_file_is_read_up_to_there() {
        let whole = recorded(5000);
        for cut in [whole.len() - 1, whole.len() / 2, 60] {
            let decoder = Decoder::new(&whole[..cut]).unwrap();
            let recording = Recording::from_records(decoder.header().clone(), decoder);
            assert!(recording.partial);
            assert!(recording.calls.iter().zip(0..).all(|(c, n)| c.bytes == n));
        }
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        let mut decoder = Decoder::new(&damaged).unwrap();
        let read = decoder.by_ref().count();
        assert!(read > 0 && read < 5000, "{read}");
        assert!(decoder.frame_at() < middle && middle < decoder.frame_at() + 2 * FRAME_BYTES);
    }

    #[test]
    fn other_files_and_versions_are_refused_by_name() {
        assert_eq!(Decoder::new(b"hello\n").unwrap_err(), DecodeError::NotARecording);
        assert_eq!(Decoder::new(b"").unwrap_err(), DecodeError::NotARecording);
        assert_eq!(Decoder::new(b"upstorm-recording 9 1 t s\n").unwrap_err(), DecodeError::Version(9));
    }
}
