//! Two recordings of one plan, record by record.

use upstorm_model::Offset;
use upstorm_model::recording::{DecodeError, Decoder, Header, Mark, MarkKind, Record};

/// What was recorded, held against what was replayed.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordsCompared {
    /// What each says of itself, where that differs: another version of the tool made it.
    pub headers: Option<[Header; 2]>,
    /// Records that are alike, from the first on.
    pub alike: u64,
    /// How the recording ends.
    pub end: End,
    /// The first that is not alike, if there is one.
    pub first: Option<Difference>,
}

/// How far a recording goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// To the end of the run, or to where its world gave it up.
    Whole,
    /// To an interruption. From there on nothing is as it would have been, so nothing was compared.
    Interrupted(Offset),
    /// Its run was killed: the file just stops.
    CutOff,
    /// It cannot be read further, and is not merely cut off: its bytes are not those that were written.
    Damaged {
        /// The first byte that differs from the replay's.
        byte: u64,
        /// The records that lie there in the replay: the first and the last, from 1.
        records: [u64; 2],
    },
    /// To the end of the run, and then something follows that no run wrote.
    Followed {
        /// The first byte of it.
        byte: u64,
    },
}

/// A pair of records that should be alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Which record of the file it is, from 1.
    pub number: u64,
    /// The byte of the recorded file at which the frame begins that holds it.
    pub frame_at: u64,
    /// What was recorded; none where the recording is over.
    pub recorded: Option<Record>,
    /// What was replayed; none where the replay is over.
    pub replayed: Option<Record>,
}

impl RecordsCompared {
    /// True if nothing differs as far as the recording goes.
    #[must_use]
    pub const fn matches(&self) -> bool {
        self.first.is_none() && !matches!(self.end, End::Damaged { .. } | End::Followed { .. })
    }
}

/// Compares the bytes of a recording with those of its replay.
///
/// # Errors
/// When one of them is no recording that this version reads.
pub fn compare_records(recorded: &[u8], replayed: &[u8]) -> Result<RecordsCompared, DecodeError> {
    let (mut left, mut right) = (Decoder::new(recorded)?, Decoder::new(replayed)?);
    let headers = (left.header() != right.header()).then(|| [left.header().clone(), right.header().clone()]);
    // Where the headers have other lengths, the frames lie that much apart.
    let bodies =
        [recorded.get(left.frame_at()..), replayed.get(right.frame_at()..)].map(Option::unwrap_or_default);
    let begins = left.frame_at();
    let mut compared = RecordsCompared { headers, alike: 0, end: End::Whole, first: None };
    let mut ended = false;
    loop {
        let (one, other) = (left.next(), right.next());
        if let Some(at) = interrupted_at(one.as_ref()) {
            compared.end = End::Interrupted(at);
            return Ok(compared);
        }
        if one.is_none() && !ended && other.is_some() {
            compared.end = unfinished(bodies, begins, replayed);
            return Ok(compared);
        }
        if one != other {
            let (number, frame_at) = (compared.alike + 1, left.frame_at() as u64);
            compared.first = Some(Difference { number, frame_at, recorded: one, replayed: other });
            return Ok(compared);
        }
        if one.is_none() {
            if bodies[0].len() > bodies[1].len() && bodies[0].starts_with(bodies[1]) {
                compared.end = End::Followed { byte: (begins + bodies[1].len()) as u64 };
            }
            return Ok(compared);
        }
        ended |= is_end(one.as_ref());
        compared.alike += 1;
    }
}

const fn interrupted_at(record: Option<&Record>) -> Option<Offset> {
    match record {
        Some(Record::Mark(Mark { at, kind: MarkKind::Interrupted })) => Some(*at),
        _ => None,
    }
}

const fn is_end(record: Option<&Record>) -> bool {
    matches!(record, Some(Record::Mark(Mark { kind: MarkKind::End | MarkKind::GivenUp, .. })))
}

/// Why a recording stops where its replay goes on: a killed run leaves exactly the beginning of the whole file.
fn unfinished([recorded, replayed]: [&[u8]; 2], begins: usize, replay: &[u8]) -> End {
    if replayed.starts_with(recorded) {
        return End::CutOff;
    }
    let alike = recorded.iter().zip(replayed).take_while(|(one, other)| one == other).count();
    let byte = (begins + alike) as u64;
    End::Damaged { byte, records: records_at(replay, replay.len() - replayed.len() + alike) }
}

/// The first and the last of the records whose frame holds this byte.
fn records_at(bytes: &[u8], byte: usize) -> [u64; 2] {
    let Ok(mut decoder) = Decoder::new(bytes) else { return [0, 0] };
    let (mut frame, mut first, mut number) = (decoder.frame_at(), 1, 0);
    while decoder.next().is_some() {
        if decoder.frame_at() > byte {
            return [first, number];
        }
        number += 1;
        if decoder.frame_at() != frame {
            (frame, first) = (decoder.frame_at(), number);
        }
    }
    [first, number]
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::HostId;
    use upstorm_model::recording::codec::RECORDING_VERSION;
    use upstorm_model::recording::{Call, CallId, Encoder, Outcome};

    fn call(n: u64) -> Record {
        let at = Offset::from_millis(n);
        let id = CallId::new(HostId(0), n);
        let outcome = Outcome::Answered(200);
        Record::Call(Call { id, request: 0, planned: at, sent: at, done: at, outcome, bytes: n, made: None })
    }

    fn mark(kind: MarkKind) -> Record {
        Record::Mark(Mark { at: Offset::from_millis(9), kind })
    }

    fn whole(calls: u64) -> Vec<Record> {
        (0..calls).map(call).chain([mark(MarkKind::End)]).collect()
    }

    fn bytes_by(tool: &str, records: &[Record]) -> Vec<u8> {
        let header = Header { version: RECORDING_VERSION, tool: tool.into(), scenario: "s".into(), seed: 1 };
        let (mut encoder, mut bytes) = Encoder::new(&header);
        records.iter().for_each(|record| encoder.push(record, &mut bytes));
        encoder.flush(&mut bytes);
        bytes
    }

    fn bytes(records: &[Record]) -> Vec<u8> {
        bytes_by("0.1.0", records)
    }

    #[test]
    fn the_first_record_that_differs_is_named_with_both_sides() {
        let (mut odd, even) = (whole(5000), whole(5000));
        let Record::Call(changed) = &mut odd[3000] else { panic!("calls come first") };
        changed.bytes += 1;
        let compared = compare_records(&bytes(&odd), &bytes(&even)).unwrap();
        let first = compared.first.clone().unwrap();
        assert_eq!((compared.alike, first.number), (3000, 3001));
        assert_eq!((first.recorded.as_ref(), first.replayed.as_ref()), (odd.get(3000), even.get(3000)));
        assert!(first.frame_at > 60 && !compared.matches());
    }

    #[test]
    fn another_version_of_the_tool_is_said_and_its_records_are_compared() {
        let compared = compare_records(&bytes_by("0.0.9-old", &whole(9)), &bytes(&whole(9))).unwrap();
        assert!(compared.matches() && compared.alike == 10);
        assert_eq!(compared.headers.map(|h| h.map(|h| h.tool)), Some(["0.0.9-old".into(), "0.1.0".into()]));
    }

    #[test]
    fn a_killed_or_interrupted_run_is_compared_as_far_as_it_goes() {
        let replay = bytes(&whole(5000));
        for cut in [replay.len() - 1, replay.len() / 2] {
            let compared = compare_records(&replay[..cut], &replay).unwrap();
            assert_eq!((compared.end, compared.matches()), (End::CutOff, true));
        }
        let stopped: Vec<_> = (0..3).map(call).chain([mark(MarkKind::Interrupted), call(77)]).collect();
        let compared = compare_records(&bytes(&stopped), &replay).unwrap();
        assert_eq!((compared.end, compared.alike), (End::Interrupted(Offset::from_millis(9)), 3));
        assert!(compared.matches());
    }

    #[test]
    fn what_follows_the_end_of_the_run_is_named() {
        let replay = bytes(&whole(5));
        let compared = compare_records(&[&replay[..], b"more"].concat(), &replay).unwrap();
        assert_eq!((compared.end, compared.alike), (End::Followed { byte: replay.len() as u64 }, 6));
        assert!(!compared.matches());
    }

    #[test]
    fn a_run_that_was_given_up_is_whole_and_one_that_went_on_differs() {
        let given_up: Vec<_> = (0..3).map(call).chain([mark(MarkKind::GivenUp)]).collect();
        let compared = compare_records(&bytes(&given_up), &bytes(&given_up)).unwrap();
        assert_eq!((compared.end, compared.alike, compared.matches()), (End::Whole, 4, true));
        assert!(!compare_records(&bytes(&given_up), &bytes(&whole(5))).unwrap().matches());
    }

    #[test]
    fn a_damaged_file_is_told_from_one_that_is_cut_off() {
        let replay = bytes(&whole(5000));
        for byte in [replay.len() / 2, replay.len() - 2] {
            let mut damaged = replay.clone();
            damaged[byte] ^= 0x40;
            let compared = compare_records(&damaged, &replay).unwrap();
            let End::Damaged { byte: found, records: [first, last] } = compared.end else {
                panic!("{compared:?}")
            };
            assert_eq!(found, byte as u64);
            assert!(compared.alike + 1 == first && first < last && last <= 5001, "{compared:?}");
            assert!(!compared.matches());
        }
    }

    #[test]
    fn a_replay_that_goes_on_or_stops_early_differs() {
        let (short, long) = (bytes(&whole(3)), bytes(&[whole(3), vec![call(4)]].concat()));
        for (one, other, recorded) in [(&short, &long, false), (&long, &short, true)] {
            let first = compare_records(one, other).unwrap().first.unwrap();
            assert_eq!((first.number, first.recorded.is_some()), (5, recorded));
        }
        assert!(compare_records(b"hello\n", &short).is_err());
    }
}
