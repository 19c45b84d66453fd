//! A TCP stream of the real world: it can be reset, and it stands still while its link is cut.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::link::{Gate, Link};
use crate::Transport;
use std::sync::Arc;

/// A TCP stream between two hosts.
#[derive(Debug)]
pub(super) struct RealStream {
    /// None once it was reset.
    socket: Option<TcpStream>,
    /// None where the peer is no host of the plan, so that no partition can name it.
    gates: Option<Gates>,
}

#[derive(Debug)]
struct Gates {
    reading: Gate,
    writing: Gate,
}

impl RealStream {
    /// A stream over a link, if it is known.
    pub(super) fn new(socket: TcpStream, link: Option<&Arc<Link>>) -> Self {
        Self {
            socket: Some(socket),
            gates: link.map(|link| Gates { reading: link.gate(), writing: link.gate() }),
        }
    }

    /// The socket to read from, when the link is whole.
    fn poll_readable(&mut self, cx: &Context<'_>) -> Poll<io::Result<Pin<&mut TcpStream>>> {
        if let Some(gates) = &self.gates {
            ready!(gates.reading.poll_whole(cx));
        }
        Poll::Ready(self.socket.as_mut().map(Pin::new).ok_or_else(was_reset))
    }

    /// The socket to write to, when the link is whole.
    fn poll_writable(&mut self, cx: &Context<'_>) -> Poll<io::Result<Pin<&mut TcpStream>>> {
        if let Some(gates) = &self.gates {
            ready!(gates.writing.poll_whole(cx));
        }
        Poll::Ready(self.socket.as_mut().map(Pin::new).ok_or_else(was_reset))
    }
}

fn was_reset() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "this side reset the connection")
}

impl Transport for RealStream {
    fn abort(&mut self) {
        if let Some(socket) = self.socket.take() {
            // Without it the kernel sends a FIN, or an RST where data is left unread; there is nothing better
            // to do.
            let _ = socket.set_zero_linger();
        }
        // A cut link must not hold back the news on this side.
        self.gates = None;
    }
}

impl AsyncRead for RealStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_readable(cx))?.poll_read(cx, buf)
    }
}

impl AsyncWrite for RealStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_writable(cx))?.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_writable(cx))?.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_writable(cx))?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_writable(cx))?.poll_shutdown(cx)
    }
}
