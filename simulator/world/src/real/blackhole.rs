//! An address that answers nothing: a listener that never accepts, with its backlog full.
//!
//! Linux drops a SYN when the accept queue is full (listen(2), tcp(7)), so whoever connects gets neither an
//! answer nor a refusal and must find out by a timeout of its own. No firewall rule and no privilege is
//! needed.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockAddr, Socket};
use tokio::net::TcpStream;

use super::socket::{in_progress, tcp};
use crate::Clock;

/// With a backlog of 0 the queue holds one connection.
const BACKLOG: i32 = 0;
/// Our own connect is answered at once on loopback. When it is not, somebody else's already fills the queue.
const ANSWER: Duration = Duration::from_millis(20);

/// Holds the address. Closing the listener resets what waits in its queue, so nothing lingers at the address.
#[derive(Debug)]
pub(super) struct FullListener {
    _listener: Socket,
    filler: TcpStream,
}

impl FullListener {
    /// Listens there without accepting, and begins to fill the queue. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the address is in use.
    pub(super) fn hold(address: SocketAddr) -> io::Result<Self> {
        let listener = tcp(address)?;
        listener.bind(&SockAddr::from(address))?;
        listener.listen(BACKLOG)?;
        let filler = tcp(address)?;
        match filler.connect(&SockAddr::from(address)) {
            Err(error) if !in_progress(&error) => Err(error),
            _ => Ok(Self { _listener: listener, filler: TcpStream::from_std(filler.into())? }),
        }
    }

    /// Waits until the queue is full.
    pub(super) async fn full(&self, clock: &Arc<dyn Clock>) {
        // Connected, or not answered in time: either way one connection sits in the queue.
        let _ = clock.timeout_at(clock.now() + ANSWER, self.filler.writable()).await;
    }
}
