//! The one place where bytes are bent: a stream below hyper that notes what passes and ends as it is told.
//!
//! hyper writes complete responses and never knows. Working here makes every byte-level fault exact, works for each
//! request of a kept-alive connection, and is the same over real sockets and a simulated network.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use upstorm_model::recording::End;
use upstorm_world::{Sleep, Stream, Transport};

use crate::edit::Editor;
use crate::fault::Farewell;
use crate::line::Line;

/// A connection's stream, bent.
#[derive(Debug)]
pub(crate) struct Bent {
    stream: Stream,
    line: Arc<Line>,
    editor: Option<Editor>,
    edited: VecDeque<Bytes>,
    cut: Option<(Farewell, Option<Sleep>)>,
}

/// Most bytes that are read and thrown away before a close, so that the kernel sends a FIN and no RST.
const UNREAD: usize = 1024 * 1024;

impl Bent {
    /// Bends this stream as the line says.
    pub(crate) const fn new(stream: Stream, line: Arc<Line>) -> Self {
        Self { stream, line, editor: None, edited: VecDeque::new(), cut: None }
    }

    fn note(&self, error: &io::Error) {
        if matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted
        ) {
            self.line.left(End::CallerReset);
        }
    }

    fn noted(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(n)) if *n > 0 => self.line.wrote(),
            Poll::Ready(Err(error)) => self.note(error),
            _ => {}
        }
        written
    }

    /// Writes what stands in place of hyper's bytes.
    fn poll_edited(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(bytes) = self.edited.front() {
            let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
            let length = ready!(self.noted(written))?;
            if length == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            if length < bytes.len() {
                self.edited[0].advance(length);
            } else {
                self.edited.pop_front();
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Takes bytes of hyper's to be edited: how many; none where they may pass as they are.
    fn edit(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut editor = self.editor.take().or_else(|| self.line.take_edit().map(Editor::new))?;
        let taken = editor.take(bytes, &mut self.edited);
        self.editor = (!editor.is_done()).then_some(editor);
        Some(taken)
    }

    /// Ends the connection as told. Always fails in the end: hyper must not go on.
    fn cut(&mut self, farewell: Farewell, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match farewell {
            Farewell::Reset => {
                self.stream.abort();
                self.line.end(End::Reset);
            }
            Farewell::Close => {
                self.discard_unread(cx);
                // A caller that is gone meanwhile changes nothing about what we did.
                let _ = ready!(Pin::new(&mut self.stream).poll_shutdown(cx));
                self.line.end(End::Cut);
            }
        }
        Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "cut as planned")))
    }

    fn discard_unread(&mut self, cx: &mut Context<'_>) {
        let mut scratch = [0; 4096];
        for _ in 0..UNREAD / scratch.len() {
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                _ => return,
            }
        }
    }
}

impl Drop for Bent {
    fn drop(&mut self) {
        if self.line.resets() {
            self.stream.abort();
        }
    }
}

impl Transport for Bent {
    fn abort(&mut self) {
        self.stream.abort();
    }
}

impl AsyncRead for Bent {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (before, room) = (buf.filled().len(), buf.remaining());
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        match &read {
            Ok(()) if room > 0 && buf.filled().len() == before => self.line.left(End::CallerLeft),
            Ok(()) => {}
            Err(error) => self.note(error),
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Bent {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_edited(cx))?;
        if let Some(taken) = self.edit(buf) {
            return Poll::Ready(Ok(taken));
        }
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.noted(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_edited(cx))?;
        if let Some(buf) = bufs.iter().find(|buf| !buf.is_empty())
            && let Some(taken) = self.edit(buf)
        {
            return Poll::Ready(Ok(taken));
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.noted(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_edited(cx))?;
        // hyper flushes only when it has written everything it had.
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        if self.cut.is_none() {
            self.cut = self.line.flushed();
        }
        let Some((farewell, pause)) = &mut self.cut else { return Poll::Ready(Ok(())) };
        if let Some(pause) = pause {
            ready!(Pin::new(pause).poll(cx));
        }
        let farewell = *farewell;
        self.cut(farewell, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
