//! Byte streams in memory that close and reset as TCP's do.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::Transport;
use crate::link::{Gate, Link};

/// Bytes that one direction holds before its writer must wait.
const CAPACITY: usize = 64 * 1024;

/// One direction.
#[derive(Debug, Default)]
struct Pipe {
    bytes: VecDeque<u8>,
    /// The writer is done: what is left is read, then the end.
    closed: bool,
    /// Nobody reads any more: writing is in vain.
    unread: bool,
    /// The connection is gone.
    reset: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Pipe {
    fn wake(&mut self) {
        self.reader.take().into_iter().chain(self.writer.take()).for_each(Waker::wake);
    }

    fn reset(&mut self) {
        self.reset = true;
        self.bytes.clear();
        self.wake();
    }
}

/// One end of a stream.
#[derive(Debug)]
pub(super) struct MemoryStream {
    incoming: Arc<Mutex<Pipe>>,
    outgoing: Arc<Mutex<Pipe>>,
    reading: Gate,
    writing: Gate,
    aborted: bool,
}

fn lock(pipe: &Mutex<Pipe>) -> MutexGuard<'_, Pipe> {
    pipe.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Both ends of a new stream over a link.
pub(super) fn pair(link: &Arc<Link>) -> (MemoryStream, MemoryStream) {
    let (one, other) = (Arc::<Mutex<Pipe>>::default(), Arc::<Mutex<Pipe>>::default());
    let end = |incoming: &Arc<Mutex<Pipe>>, outgoing: &Arc<Mutex<Pipe>>| MemoryStream {
        incoming: Arc::clone(incoming),
        outgoing: Arc::clone(outgoing),
        reading: link.gate(),
        writing: link.gate(),
        aborted: false,
    };
    (end(&one, &other), end(&other, &one))
}

impl MemoryStream {
    fn check(&self, pipe: &Pipe) -> io::Result<()> {
        if self.aborted || pipe.reset { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl AsyncRead for MemoryStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(self.reading.poll_whole(cx));
        let mut pipe = lock(&self.incoming);
        self.check(&pipe)?;
        if pipe.bytes.is_empty() && !pipe.closed {
            pipe.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let count = pipe.bytes.read(buf.initialize_unfilled())?;
        buf.advance(count);
        if let Some(writer) = pipe.writer.take() {
            writer.wake();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for MemoryStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.writing.poll_whole(cx));
        let mut pipe = lock(&self.outgoing);
        self.check(&pipe)?;
        if pipe.closed || pipe.unread {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let count = buf.len().min(CAPACITY - pipe.bytes.len().min(CAPACITY));
        if count == 0 && !buf.is_empty() {
            pipe.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        pipe.bytes.extend(buf.get(..count).unwrap_or_default());
        if let Some(reader) = pipe.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.writing.poll_whole(cx));
        let mut pipe = lock(&self.outgoing);
        self.check(&pipe)?;
        pipe.closed = true;
        pipe.wake();
        Poll::Ready(Ok(()))
    }
}

impl Transport for MemoryStream {
    fn abort(&mut self) {
        self.aborted = true;
        lock(&self.incoming).reset();
        lock(&self.outgoing).reset();
    }
}

impl Drop for MemoryStream {
    fn drop(&mut self) {
        if self.aborted {
            return;
        }
        let left_unread = {
            let mut incoming = lock(&self.incoming);
            incoming.unread = true;
            incoming.wake();
            !incoming.bytes.is_empty()
        };
        let mut outgoing = lock(&self.outgoing);
        outgoing.closed = true;
        if left_unread { outgoing.reset() } else { outgoing.wake() }
    }
}
