//! The recorder: takes records from every host and streams them to a file on a thread of its own.
//!
//! A run that is killed must be judged up to where it got, so what was recorded reaches the file a quarter of
//! a second later at the latest (unless it must be repeatable), in frames that are whole or absent. Senders hand records over in batches and
//! never wait for the disk unless it falls far behind; then they wait rather than lose a record or grow
//! without bound. When the disk fails, records are dropped from then on and [`RecordingFile::finish`] says
//! so. The form of the bytes is the model's.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use upstorm_model::recording::{DecodeError, Decoder, Encoder, Header, Record, Recording};

/// Sees every record as it is written: for progress on a terminal.
pub trait Tap: Send {
    /// A record, in the order of writing.
    fn see(&mut self, record: &Record);
}

/// Where a host records what it saw. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Recorder(Arc<Shared>);

struct Shared {
    pending: Mutex<Vec<Record>>,
    sink: Sink,
}

/// Where batches go.
enum Sink {
    /// Nowhere: they stay pending until taken.
    Memory,
    /// Nowhere: they are dropped.
    Nowhere,
    /// To the writer.
    File(SyncSender<Message>),
}

enum Message {
    Batch(Vec<Record>),
    /// Answer when everything before this was seen.
    Answer(SyncSender<()>),
    /// That was all.
    End,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

/// Records handed over at once.
const BATCH: usize = 256;
/// Batches that may wait for the disk: some 15 MB.
const QUEUE: usize = 256;
/// When no full batch comes for so long, the writer fetches what is pending.
const PATIENCE: Duration = Duration::from_millis(250);

/// Why a recording could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// The file system said no.
    #[error("cannot {doing} {path}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// The file is no recording.
    #[error("{path} is not a readable recording")]
    Decode {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: DecodeError,
    },
}

impl Recorder {
    fn with(sink: Sink) -> Self {
        Self(Arc::new(Shared { pending: Mutex::default(), sink }))
    }

    /// Keeps everything in memory, until [`Recorder::take`].
    #[must_use]
    pub fn in_memory() -> Self {
        Self::with(Sink::Memory)
    }

    /// Drops everything.
    #[must_use]
    pub fn nowhere() -> Self {
        Self::with(Sink::Nowhere)
    }

    /// Streams to a new file, and shows each record to the tap.
    ///
    /// # Errors
    /// When the file cannot be made or its header not be written.
    pub fn to_file(
        path: &Path,
        header: &Header,
        tap: Option<Box<dyn Tap>>,
    ) -> Result<(Self, RecordingFile), RecorderError> {
        Self::start(path, header, (tap, Framing::Prompt))
    }

    /// The same, but the bytes depend on the records alone: frames are closed when they are full and never because
    /// time passed, so what was recorded last reaches the file when it is finished. For runs that are over
    /// in seconds and compared byte for byte.
    ///
    /// # Errors
    /// When the file cannot be made or its header not be written.
    pub fn to_file_repeatably(
        path: &Path,
        header: &Header,
        tap: Option<Box<dyn Tap>>,
    ) -> Result<(Self, RecordingFile), RecorderError> {
        Self::start(path, header, (tap, Framing::Repeatable))
    }

    /// Keeps nothing, and shows each record to the tap.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn to_tap(tap: Box<dyn Tap>) -> Result<(Self, RecordingFile), RecorderError> {
        Self::spawn(Path::new(""), None, (Some(tap), Framing::Prompt))
    }

    fn start(
        path: &Path,
        header: &Header,
        (tap, framing): (Option<Box<dyn Tap>>, Framing),
    ) -> Result<(Self, RecordingFile), RecorderError> {
        let failed = |doing| move |source| RecorderError::Io { doing, path: path.to_owned(), source };
        let mut file = File::create(path).map_err(failed("create"))?;
        let (encoder, head) = Encoder::new(header);
        file.write_all(&head).map_err(failed("write"))?;
        Self::spawn(path, Some(Paper { file, encoder }), (tap, framing))
    }

    fn spawn(
        path: &Path,
        paper: Option<Paper>,
        (tap, framing): (Option<Box<dyn Tap>>, Framing),
    ) -> Result<(Self, RecordingFile), RecorderError> {
        let failed =
            |source| RecorderError::Io { doing: "start a thread to write", path: path.to_owned(), source };
        let (batches, queue) = sync_channel(QUEUE);
        let recorder = Self::with(Sink::File(batches));
        let writer = Writer { paper, framing, tap, pending: Arc::downgrade(&recorder.0) };
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(failed)?;
        Ok((recorder.clone(), RecordingFile { recorder, thread, path: path.to_owned() }))
    }

    /// Records something. Waits only when the disk is far behind.
    pub fn record(&self, record: Record) {
        if matches!(self.0.sink, Sink::Nowhere) {
            return;
        }
        let mut pending = self.0.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.push(record);
        if pending.len() >= BATCH && matches!(self.0.sink, Sink::File(_)) {
            let batch = std::mem::replace(&mut *pending, Vec::with_capacity(BATCH));
            drop(pending);
            self.0.send(Message::Batch(batch));
        }
    }

    /// Hands over what is pending now, instead of a quarter of a second later at the latest.
    pub fn flush(&self) {
        self.0.flush();
    }

    /// Waits until the tap has seen everything that was recorded before. Blocks; not for whoever serves requests.
    pub fn settle(&self) {
        if let Sink::File(_) = self.0.sink {
            let (answer, answered) = sync_channel(1);
            self.flush();
            self.0.send(Message::Answer(answer));
            // Where the writer has ended, there is nothing left to wait for.
            let _ = answered.recv();
        }
    }

    /// Takes what is pending: everything recorded so far, for a recorder in memory.
    #[must_use]
    pub fn take(&self) -> Vec<Record> {
        self.0.take()
    }
}

impl Shared {
    fn take(&self) -> Vec<Record> {
        std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn flush(&self) {
        if let Sink::File(_) = self.sink {
            let batch = self.take();
            if !batch.is_empty() {
                self.send(Message::Batch(batch));
            }
        }
    }

    fn send(&self, message: Message) {
        if let Sink::File(batches) = &self.sink {
            // The writer ends before its time only on a write error, which `finish` reports.
            let _ = batches.send(message);
        }
    }
}

impl Drop for Shared {
    /// Nobody called `finish`, and nobody can record any more.
    fn drop(&mut self) {
        self.flush();
    }
}

/// The file behind a recorder. Dropped without [`RecordingFile::finish`], what was recorded is still written
/// when the last recorder is dropped, but nobody learns whether that went well.
#[must_use = "call finish, or nobody learns of a write that failed"]
#[derive(Debug)]
pub struct RecordingFile {
    recorder: Recorder,
    thread: JoinHandle<io::Result<()>>,
    path: PathBuf,
}

impl RecordingFile {
    /// Writes what is left and closes the file. Later records are dropped.
    ///
    /// # Errors
    /// When writing failed, now or earlier.
    pub fn finish(self) -> Result<(), RecorderError> {
        self.recorder.flush();
        self.recorder.0.send(Message::End);
        let ended = self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the writer panicked")));
        ended.map_err(|source| RecorderError::Io { doing: "write", path: self.path, source })
    }
}

/// When a frame is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// With each batch, so that none of its records waits in memory.
    Prompt,
    /// When it is full.
    Repeatable,
}

/// What is written on.
struct Paper {
    file: File,
    encoder: Encoder,
}

struct Writer {
    /// None where nothing is kept.
    paper: Option<Paper>,
    framing: Framing,
    tap: Option<Box<dyn Tap>>,
    /// Not an `Arc`: the writer itself must not keep the channel open.
    pending: Weak<Shared>,
}

impl Writer {
    /// Writes batches until the end is told or nobody is left to tell it.
    fn run(mut self, queue: &Receiver<Message>) -> io::Result<()> {
        let mut bytes = Vec::new();
        loop {
            match queue.recv_timeout(PATIENCE) {
                Ok(Message::Batch(batch)) => self.write(&batch, &mut bytes)?,
                // Whoever asked may have gone.
                Ok(Message::Answer(asked)) => drop(asked.send(())),
                Err(RecvTimeoutError::Timeout) if self.framing == Framing::Repeatable => {}
                Err(RecvTimeoutError::Timeout) => {
                    let late = self.pending.upgrade().map(|shared| shared.take()).unwrap_or_default();
                    self.write(&late, &mut bytes)?;
                }
                Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let Some(Paper { mut file, mut encoder }) = self.paper else { return Ok(()) };
        bytes.clear();
        encoder.flush(&mut bytes);
        file.write_all(&bytes)?;
        file.flush()
    }

    /// Writes records; promptly, as frames of their own.
    fn write(&mut self, batch: &[Record], bytes: &mut Vec<u8>) -> io::Result<()> {
        if let Some(tap) = &mut self.tap {
            batch.iter().for_each(|record| tap.see(record));
        }
        let Some(Paper { file, encoder }) = &mut self.paper else { return Ok(()) };
        bytes.clear();
        batch.iter().for_each(|record| encoder.push(record, bytes));
        if self.framing == Framing::Prompt {
            encoder.flush(bytes);
        }
        file.write_all(bytes)
    }
}

/// Reads a recording file.
///
/// # Errors
/// When it cannot be read, or is no recording of this version.
pub fn read_recording(path: &Path) -> Result<Recording, RecorderError> {
    let bytes = std::fs::read(path).map_err(|source| RecorderError::Io {
        doing: "read",
        path: path.to_owned(),
        source,
    })?;
    let decoder =
        Decoder::new(&bytes).map_err(|source| RecorderError::Decode { path: path.to_owned(), source })?;
    Ok(Recording::from_records(decoder.header().clone(), decoder))
}
