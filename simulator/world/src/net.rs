//! The network as one host sees it: binding, connecting by host, and links that can be cut.
//!
//! Hosts are known by their index in the plan, so that a partition between two of them is a property of the
//! link, not of an address somebody typed.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;
use upstorm_model::HostId;

use crate::Stream;

/// The network as one host sees it.
#[async_trait]
pub trait Net: Send + Sync + fmt::Debug {
    /// Listens, and makes the address known as this host's. `None` picks a free port. An address of this host
    /// that was bound before and dropped may be bound again.
    ///
    /// # Errors
    /// When the address is in use or not of this machine's loopback.
    async fn bind(&self, address: Option<SocketAddr>) -> Result<Box<dyn Listen>, BindError>;

    /// Holds an address of this host so that connects to it are never answered, until the guard is dropped.
    ///
    /// # Errors
    /// When the address is in use.
    async fn blackhole(&self, address: SocketAddr) -> Result<Blackhole, BindError>;

    /// Connects to the address that the other host last bound.
    ///
    /// # Errors
    /// `ConnectionRefused` when it is not listening, `NotFound` when it never was; otherwise what the network
    /// says. Never times out by itself sooner than the network would.
    async fn connect(&self, to: HostId) -> io::Result<Stream>;

    /// The address that a host last bound.
    fn address_of(&self, host: HostId) -> Option<SocketAddr>;

    /// Where this host sends from, in a world of real sockets: a library that opens its own connections binds them to
    /// it, and is then known for this host. None where connections are made only through here.
    fn source(&self) -> Option<IpAddr> {
        None
    }
}

/// A listening socket, boxed. Dropping it closes it: later connects are refused.
pub type Listener = Box<dyn Listen>;

/// A listening socket.
#[async_trait]
pub trait Listen: Send + Sync + fmt::Debug {
    /// The next connection, and the host it came from where the link tells.
    ///
    /// # Errors
    /// When the socket is broken or the process is out of file descriptors.
    async fn accept(&self) -> io::Result<(Stream, Option<HostId>)>;

    /// Where it listens.
    fn local_addr(&self) -> SocketAddr;
}

/// Keeps an address from answering; dropping it ends that.
#[derive(Debug)]
#[must_use = "the address answers again when this is dropped"]
pub struct Blackhole {
    /// Whatever the world must hold on to.
    pub(crate) _held: Box<dyn Held>,
}

/// Something that is only held.
pub(crate) trait Held: Send + Sync + fmt::Debug {}
impl<T: Send + Sync + fmt::Debug> Held for T {}

/// Why an address could not be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}")]
pub struct BindError {
    /// The address.
    pub address: SocketAddr,
    /// What the network says.
    #[source]
    pub source: io::Error,
}
