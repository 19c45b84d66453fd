//! The recorder: takes records from every host and streams them to a file on a thread of its own.
//!
//! Senders hand records over in batches and never wait for the disk unless it falls far behind; then they wait rather
//! than lose a record or grow without bound.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

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
    batches: Option<SyncSender<Vec<Record>>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

/// Records handed over at once.
const BATCH: usize = 256;
/// Batches that may wait for the disk.
const QUEUE: usize = 256;

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
    /// Keeps everything in memory, until [`Recorder::take`].
    #[must_use]
    pub fn in_memory() -> Self {
        Self(Arc::new(Shared { pending: Mutex::default(), batches: None }))
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
        let failed = |doing| move |source| RecorderError::Io { doing, path: path.to_owned(), source };
        let mut file = File::create(path).map_err(failed("create"))?;
        let (encoder, head) = Encoder::new(header);
        file.write_all(&head).map_err(failed("write"))?;
        let (batches, queue) = sync_channel(QUEUE);
        let writer = Writer { file, encoder, tap };
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(failed("start a thread to write"))?;
        let recorder = Self(Arc::new(Shared { pending: Mutex::default(), batches: Some(batches) }));
        Ok((recorder.clone(), RecordingFile { recorder, thread, path: path.to_owned() }))
    }

    /// Records something.
    pub fn record(&self, record: Record) {
        let mut pending = self.0.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.push(record);
        if pending.len() >= BATCH && self.0.batches.is_some() {
            let batch = std::mem::replace(&mut *pending, Vec::with_capacity(BATCH));
            drop(pending);
            self.send(batch);
        }
    }

    /// Hands over what is pending now.
    pub fn flush(&self) {
        if self.0.batches.is_some() {
            let batch = self.take();
            self.send(batch);
        }
    }

    /// Takes what is pending: everything recorded so far, for a recorder in memory.
    #[must_use]
    pub fn take(&self) -> Vec<Record> {
        std::mem::take(&mut *self.0.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn send(&self, batch: Vec<Record>) {
        if let Some(batches) = &self.0.batches {
            // The writer ends only on a write error, which `finish` reports.
            let _ = batches.send(batch);
        }
    }
}

/// The file behind a recorder.
#[must_use = "call finish, or the last records may be lost"]
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
        self.recorder.send(Vec::new());
        let ended = self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the writer panicked")));
        ended.map_err(|source| RecorderError::Io { doing: "write", path: self.path, source })
    }
}

struct Writer {
    file: File,
    encoder: Encoder,
    tap: Option<Box<dyn Tap>>,
}

impl Writer {
    /// Writes batches until an empty one says that was all.
    fn run(mut self, queue: &Receiver<Vec<Record>>) -> io::Result<()> {
        let mut bytes = Vec::new();
        while let Ok(batch) = queue.recv() {
            if batch.is_empty() {
                break;
            }
            for record in &batch {
                self.encoder.push(record, &mut bytes);
                if let Some(tap) = &mut self.tap {
                    tap.see(record);
                }
            }
            self.file.write_all(&bytes)?;
            bytes.clear();
        }
        self.encoder.flush(&mut bytes);
        self.file.write_all(&bytes)?;
        self.file.flush()
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
