//! The recorder: complete, prompt, bounded, and honest about a disk that fails.

use std::io::Read;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};

use upstorm_model::plan::RouteId;
use upstorm_model::recording::codec::RECORDING_VERSION;
use upstorm_model::recording::{
    Admission, Attempt, Call, CallId, Decoder, End, Fate, Header, Keys, Mark, MarkKind, Method, Outcome,
    Record, Recording,
};
use upstorm_model::{HostId, Offset, Seed, Stream, TimeSpan};
use upstorm_world::{Recorder, RecorderError, Tap, read_recording};

fn header() -> Header {
    Header { version: RECORDING_VERSION, tool: "0.1.0".to_owned(), scenario: "test".to_owned(), seed: 1 }
}

fn mark(n: u64) -> Record {
    Record::Mark(Mark { at: Offset::from_nanos(n), kind: MarkKind::HostNoise(n) })
}

/// Sends on how many records it saw.
struct Count(Sender<usize>, usize);

impl Tap for Count {
    fn see(&mut self, _: &Record) {
        self.1 += 1;
        // The test may have heard enough.
        let _ = self.0.send(self.1);
    }
}

#[test]
fn everything_recorded_by_several_threads_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    let (seen, heard) = channel();
    let (recorder, file) = Recorder::to_file(&path, &header(), Some(Box::new(Count(seen, 0)))).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let recorder = recorder.clone();
            scope.spawn(move || (0..10_000).for_each(|n| recorder.record(mark(n * 4 + thread))));
        }
    });
    recorder.record(Record::Mark(Mark { at: Offset::MAX, kind: MarkKind::End }));
    file.finish().unwrap();
    recorder.record(mark(0));
    let recording = read_recording(&path).unwrap();
    assert_eq!((&recording.header, recording.partial), (&header(), false));
    assert!(recording.marks[..40_000].iter().zip(0..).all(|(mark, n)| mark.at == Offset::from_nanos(n)));
    assert_eq!(recording.marks.len(), 40_001);
    assert_eq!(heard.iter().last(), Some(40_001));
}

#[test]
fn a_single_record_reaches_the_file_without_a_finish() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    // A fifo shows when the bytes are written: reading waits for exactly them.
    let (mut reader, writer) = std::io::pipe().unwrap();
    let through = PathBuf::from(format!("/proc/self/fd/{}", writer.as_raw_fd()));
    let (recorder, file) = Recorder::to_file(&through, &header(), None).unwrap();
    drop(writer);
    recorder.record(mark(7));
    let mut bytes = Vec::new();
    let mut one = [0];
    while Decoder::new(&bytes).map_or(0, Iterator::count) == 0 {
        reader.read_exact(&mut one).unwrap();
        bytes.push(one[0]);
    }
    // A copy of the file at this moment, as a killed run leaves it.
    std::fs::write(&path, &bytes).unwrap();
    let recording = read_recording(&path).unwrap();
    assert!(recording.partial);
    assert_eq!(recording.marks.len(), 1);
    file.finish().unwrap();
}

#[test]
fn a_failing_disk_is_told_by_finish_and_memory_stays_bounded() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let path = PathBuf::from(format!("/proc/self/fd/{}", writer.as_raw_fd()));
    let (recorder, file) = Recorder::to_file(&path, &header(), None).unwrap();
    drop(writer);
    let mut head = [0; 10];
    reader.read_exact(&mut head).unwrap();
    drop(reader);
    for n in 0..200_000 {
        recorder.record(mark(n));
    }
    assert!(recorder.take().len() < 256);
    let error = file.finish().unwrap_err();
    assert!(matches!(&error, RecorderError::Io { doing: "write", .. }), "{error}");
    assert!(error.to_string().contains("/proc/self/fd/"), "{error}");
}

#[test]
fn a_full_disk_is_told_at_once_and_so_is_a_missing_folder() {
    let full = Recorder::to_file("/dev/full".as_ref(), &header(), None).unwrap_err();
    assert_eq!(full.to_string(), "cannot write /dev/full");
    let missing = Recorder::to_file("/no/such/folder/recording".as_ref(), &header(), None).unwrap_err();
    assert_eq!(missing.to_string(), "cannot create /no/such/folder/recording");
}

#[test]
fn a_file_cut_anywhere_is_read_up_to_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    let (recorder, file) = Recorder::to_file(&path, &header(), None).unwrap();
    (0..5_000).for_each(|n| recorder.record(mark(n)));
    file.finish().unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut longest = 0;
    for cut in (100..whole.len()).step_by(997) {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let recording = read_recording(&path).unwrap();
        assert!(recording.marks.iter().zip(0..).all(|(mark, n)| mark.at == Offset::from_nanos(n)));
        assert!(recording.partial && recording.marks.len() >= longest);
        longest = recording.marks.len();
    }
    assert!(longest > 4_000, "{longest}");
    std::fs::write(&path, "something else\n").unwrap();
    let error = read_recording(&path).unwrap_err();
    assert!(matches!(error, RecorderError::Decode { .. }), "{error}");
}

#[test]
fn what_was_recorded_is_written_even_if_nobody_finishes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    let (seen, heard) = channel();
    let (recorder, file) = Recorder::to_file(&path, &header(), Some(Box::new(Count(seen, 0)))).unwrap();
    (0..300).for_each(|n| recorder.record(mark(n)));
    drop(file);
    drop(recorder);
    // The tap is dropped with the writer, so this ends when all is written.
    assert_eq!(heard.iter().last(), Some(300));
    assert_eq!(read_recording(&path).unwrap().marks.len(), 300);
}

#[test]
fn a_repeatable_file_depends_on_the_records_alone() {
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, flushes: bool| {
        let path = folder.path().join(name);
        let (recorder, file) = Recorder::to_file_repeatably(&path, &header(), None).unwrap();
        for n in 0..3_000 {
            realistic(n).into_iter().for_each(|record| recorder.record(record));
            if flushes && n % 100 == 0 {
                recorder.flush();
            }
        }
        recorder.record(Record::Mark(Mark { at: Offset::MAX, kind: MarkKind::End }));
        file.finish().unwrap();
        std::fs::read(&path).unwrap()
    };
    let bytes = written("one", false);
    assert!(bytes == written("two", false) && bytes == written("three", true));
    let recording = read_recording(&folder.path().join("one")).unwrap();
    assert_eq!((recording.calls.len(), recording.partial), (3_000, false));
}

#[test]
fn a_repeatable_file_is_written_even_if_nobody_finishes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    let (seen, heard) = channel();
    let tap = Box::new(Count(seen, 0));
    let (recorder, file) = Recorder::to_file_repeatably(&path, &header(), Some(tap)).unwrap();
    (0..300).for_each(|n| recorder.record(mark(n)));
    drop(recorder);
    // The recorder that the file holds is the last.
    drop(file);
    assert_eq!(heard.iter().last(), Some(300));
    while read_recording(&path).unwrap().marks.len() < 300 {
        std::thread::yield_now();
    }
}

#[test]
fn recorders_without_a_file_keep_all_or_nothing() {
    let (memory, nowhere) = (Recorder::in_memory(), Recorder::nowhere());
    for recorder in [&memory, &nowhere] {
        (0..1_000).for_each(|n| recorder.record(mark(n)));
        recorder.flush();
    }
    assert_eq!((memory.take().len(), memory.take().len(), nowhere.take().len()), (1_000, 0, 0));
}

/// A call of a ten-minute run and its attempts, one call in five having two, with times as odd as real ones.
fn realistic(n: u64) -> Vec<Record> {
    let mut dice = Seed(1).dice(Stream::named(&["size"]), n, 1);
    let mut later =
        |from: Offset, millis: f64| from + TimeSpan::from_secs_f64(dice.between(0.0, millis) / 1e3).get();
    let id = CallId::new(HostId(3), n);
    let planned = Offset::from_secs_f64(n as f64 * 600.0 / 100_000.0);
    let sent = later(planned, 0.2);
    let mut records = Vec::new();
    let mut at = sent;
    for ordinal in 1..=if n.is_multiple_of(5) { 2 } else { 1 } {
        let head = later(at, 1.0);
        let first_byte = later(head, 200.0);
        at = later(first_byte, 1.0);
        let keys = Keys {
            call: Some(id),
            idempotency: Some(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            request: Some(n.wrapping_mul(0xbf58_476d_1ce4_e5b9)),
            trace: Some(n.wrapping_mul(0x94d0_49bb_1331_11eb)),
            target: 0x2545_f491_4f6c_dd1d,
            body: Some(n.wrapping_mul(0xd6e8_feb8_6659_fd93)),
            method: Method::Post,
        };
        records.push(Record::Attempt(Attempt {
            upstream: HostId(1),
            route: RouteId(0),
            segment: 3,
            peer: Some(HostId(2)),
            keys,
            ordinal,
            connection: 40,
            request: 2_500,
            accepted: Offset::from_millis(60_000),
            head,
            first_byte: Some(first_byte),
            end: at,
            fate: Fate {
                admission: Admission::Admitted,
                status: 503,
                delay: first_byte.since(head).into(),
                ..Fate::default()
            },
            delay: Some(first_byte.since(head).into()),
            status: Some(503),
            hint: None,
            ended: End::Completed,
            held: None,
            effect: false,
        }));
    }
    let done = later(at, 1.0);
    let outcome = Outcome::Answered(200);
    records.push(Record::Call(Call {
        id,
        request: 0,
        planned,
        sent,
        done,
        outcome,
        bytes: 1_500,
        made: Some(done),
    }));
    records
}

#[test]
fn ten_million_calls_fit_in_two_gibibytes() {
    const CALLS: u64 = 100_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    let (recorder, file) = Recorder::to_file(&path, &header(), None).unwrap();
    (0..CALLS).flat_map(realistic).for_each(|record| recorder.record(record));
    file.finish().unwrap();
    let size = std::fs::metadata(&path).unwrap().len();
    println!("{:.1} bytes a call with its attempts", size as f64 / CALLS as f64);
    assert!(size / CALLS * 10_000_000 <= 2 << 30, "{size} bytes");
    let recording: Recording = read_recording(&path).unwrap();
    assert_eq!((recording.calls.len(), recording.attempts.len()), (100_000, 120_000));
}
