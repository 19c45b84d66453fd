//! One end of a simulated connection, as the byte stream that hyper and the upstream are handed.
//!
//! Here is only what belongs to the program's side: that a stream which reset its connection fails from then on, and that
//! one which is dropped closes it. Everything that depends on the peer is left to the connection.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection::Connection;
use crate::Transport;

/// One end of a connection. Dropping it closes it.
#[derive(Debug)]
pub(super) struct SimulatedStream {
    connection: Arc<Connection>,
    end: usize,
    /// This side reset it.
    aborted: bool,
}

impl SimulatedStream {
    /// End 0 is who began the connection.
    pub(super) const fn new(connection: Arc<Connection>, end: usize) -> Self {
        Self { connection, end, aborted: false }
    }

    fn check(&self) -> io::Result<()> {
        if self.aborted {
            return Err(io::Error::new(ErrorKind::ConnectionReset, "this side reset the connection"));
        }
        Ok(())
    }
}

impl AsyncRead for SimulatedStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        self.connection.poll_read(self.end, cx, buf)
    }
}

impl AsyncWrite for SimulatedStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        self.connection.poll_write(self.end, cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.check())
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        self.connection.shut(self.end);
        Poll::Ready(Ok(()))
    }
}

impl Transport for SimulatedStream {
    fn abort(&mut self) {
        if !std::mem::replace(&mut self.aborted, true) {
            self.connection.close(self.end, true);
        }
    }
}

impl Drop for SimulatedStream {
    fn drop(&mut self) {
        if !self.aborted {
            self.connection.close(self.end, false);
        }
    }
}
