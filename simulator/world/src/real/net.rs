//! The network of the real world, as one host sees it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use upstorm_model::HostId;

use super::blackhole::FullListener;
use super::registry::{Registry, source_of};
use super::socket::{Ports, begin_connect, listen};
use super::stream::RealStream;
use crate::net::Held;
use crate::{BindError, Blackhole, Clock, Listen, Net, Stream};

/// One host's network.
#[derive(Debug)]
pub(super) struct RealNet {
    pub(super) host: HostId,
    pub(super) registry: Arc<Registry>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ports: Ports,
    /// The runtime that waits on this host's sockets, whoever asks for them.
    pub(super) runtime: Handle,
}

impl RealNet {
    /// Begins to connect, on this host's runtime.
    fn begin(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let _runtime = self.runtime.enter();
        begin_connect(self.host, &self.ports, address)
    }
}

#[async_trait]
impl Net for RealNet {
    async fn bind(&self, address: Option<SocketAddr>) -> Result<Box<dyn Listen>, BindError> {
        let address = address.unwrap_or_else(|| SocketAddr::new(source_of(self.host).into(), 0));
        let bound = {
            let _runtime = self.runtime.enter();
            listen(address).and_then(|socket| Ok((socket.local_addr()?, socket)))
        };
        let (address, socket) = bound.map_err(|source| BindError { address, source })?;
        self.registry.note(self.host, address);
        Ok(Box::new(RealListener { host: self.host, address, socket, registry: Arc::clone(&self.registry) }))
    }

    async fn blackhole(&self, address: SocketAddr) -> Result<Blackhole, BindError> {
        let held = {
            let _runtime = self.runtime.enter();
            FullListener::hold(address)
        };
        let held = held.map_err(|source| BindError { address, source })?;
        self.registry.note(self.host, address);
        held.full(&self.clock).await;
        let held: Box<dyn Held> = Box::new(held);
        Ok(Blackhole { _held: held })
    }

    async fn connect(&self, to: HostId) -> io::Result<Stream> {
        let link = self.registry.links.between(self.host, to);
        // A SYN into a cut link goes nowhere; what the kernel would send again is simply sent when it has
        // healed.
        link.gate().whole().await;
        let address = self.registry.address_of(to).ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, format!("host {} never listened", to.0))
        })?;
        let socket = self.begin(address)?;
        socket.writable().await?;
        if let Some(error) = socket.take_error()? {
            return Err(error);
        }
        socket.set_nodelay(true)?;
        Ok(Stream::new(RealStream::new(socket, Some(&link))))
    }

    fn address_of(&self, host: HostId) -> Option<SocketAddr> {
        self.registry.address_of(host)
    }

    fn source(&self) -> Option<IpAddr> {
        Some(source_of(self.host).into())
    }
}

/// A listening socket.
#[derive(Debug)]
struct RealListener {
    host: HostId,
    address: SocketAddr,
    socket: TcpListener,
    registry: Arc<Registry>,
}

#[async_trait]
impl Listen for RealListener {
    async fn accept(&self) -> io::Result<(Stream, Option<HostId>)> {
        loop {
            let (socket, peer) = match self.socket.accept().await {
                // It was reset while it waited to be accepted: the peer knows, and nobody else needs to.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                accepted => accepted?,
            };
            // Fails only on a connection that is already gone, which the first read tells.
            let _ = socket.set_nodelay(true);
            let peer = self.registry.host_at(peer.ip());
            let link = peer.map(|peer| self.registry.links.between(self.host, peer));
            return Ok((Stream::new(RealStream::new(socket, link.as_ref())), peer));
        }
    }

    fn local_addr(&self) -> SocketAddr {
        self.address
    }
}
