//! A byte stream between two hosts, which either side can close or reset.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a world's streams can do.
pub trait Transport: AsyncRead + AsyncWrite + Send + Unpin + fmt::Debug {
    /// Resets the connection (RST): what was not delivered is lost, and the peer reads `ConnectionReset`.
    /// Later reads and writes on this side fail. Never blocks.
    fn abort(&mut self);
}

/// A byte stream. Dropping it closes it (FIN, or RST where data is left unread, as TCP does).
#[derive(Debug)]
pub struct Stream(Box<dyn Transport>);

impl Stream {
    /// Wraps a world's stream, or one that changes what passes through it.
    #[must_use]
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self(Box::new(transport))
    }

    /// Resets the connection: see [`Transport::abort`].
    pub fn abort(&mut self) {
        self.0.abort();
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
