//! The network of the manual world: links without delay.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::{mpsc, watch};
use upstorm_model::HostId;

use super::pipe::pair;
use crate::link::Links;
use crate::{BindError, Blackhole, Listen, Net, Stream};

/// What all hosts share.
#[derive(Debug)]
pub(super) struct Wires {
    pub(super) links: Links,
    places: Mutex<Places>,
    /// Told of every end of a blackhole.
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Places {
    last_bound: BTreeMap<HostId, SocketAddr>,
    listening: BTreeMap<SocketAddr, Listening>,
    next_port: u16,
}

#[derive(Debug)]
enum Listening {
    Answering(mpsc::UnboundedSender<(Stream, HostId)>),
    Silent,
}

impl Default for Wires {
    fn default() -> Self {
        Self { links: Links::default(), places: Mutex::default(), changed: watch::Sender::new(()) }
    }
}

impl Wires {
    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self, host: HostId, address: SocketAddr, listening: Listening) -> Result<(), BindError> {
        let mut places = self.places();
        if places.listening.contains_key(&address) {
            return Err(BindError { address, source: io::ErrorKind::AddrInUse.into() });
        }
        places.listening.insert(address, listening);
        places.last_bound.insert(host, address);
        Ok(())
    }
}

/// One host's network.
#[derive(Debug)]
pub(super) struct MemoryNet {
    pub(super) host: HostId,
    pub(super) wires: Arc<Wires>,
}

#[async_trait]
impl Net for MemoryNet {
    async fn bind(&self, address: Option<SocketAddr>) -> Result<Box<dyn Listen>, BindError> {
        let address = address.unwrap_or_else(|| {
            let mut places = self.wires.places();
            places.next_port += 1;
            let ip = Ipv4Addr::from_bits(0x7f01_0001 + u32::from(self.host.0));
            SocketAddr::new(ip.into(), 40_000 + places.next_port % 20_000)
        });
        let (sender, queue) = mpsc::unbounded_channel();
        self.wires.place(self.host, address, Listening::Answering(sender))?;
        let queue = tokio::sync::Mutex::new(queue);
        Ok(Box::new(MemoryListener { queue, place: Place { address, wires: Arc::clone(&self.wires) } }))
    }

    async fn blackhole(&self, address: SocketAddr) -> Result<Blackhole, BindError> {
        self.wires.place(self.host, address, Listening::Silent)?;
        Ok(Blackhole { _held: Box::new(Place { address, wires: Arc::clone(&self.wires) }) })
    }

    async fn connect(&self, to: HostId) -> io::Result<Stream> {
        let link = self.wires.links.between(self.host, to);
        link.gate().whole().await;
        loop {
            let mut changed = self.wires.changed.subscribe();
            let sender = {
                let places = self.wires.places();
                let address = places.last_bound.get(&to).ok_or(io::ErrorKind::NotFound)?;
                match places.listening.get(address).ok_or(io::ErrorKind::ConnectionRefused)? {
                    Listening::Answering(sender) => Some(sender.clone()),
                    Listening::Silent => None,
                }
            };
            if let Some(sender) = sender {
                let (near, far) = pair(&link);
                let sent = sender.send((Stream::new(far), self.host));
                sent.map_err(|_| io::ErrorKind::ConnectionRefused)?;
                return Ok(Stream::new(near));
            }
            changed.changed().await.map_err(io::Error::other)?;
        }
    }

    fn address_of(&self, host: HostId) -> Option<SocketAddr> {
        self.wires.places().last_bound.get(&host).copied()
    }
}

/// An address in use; dropping it frees it.
#[derive(Debug)]
struct Place {
    address: SocketAddr,
    wires: Arc<Wires>,
}

impl Drop for Place {
    fn drop(&mut self) {
        // Freed first and dropped after the lock is released: what waited to be accepted closes then.
        let _listening = self.wires.places().listening.remove(&self.address);
        self.wires.changed.send_replace(());
    }
}

/// A listening address.
#[derive(Debug)]
struct MemoryListener {
    queue: tokio::sync::Mutex<mpsc::UnboundedReceiver<(Stream, HostId)>>,
    place: Place,
}

#[async_trait]
impl Listen for MemoryListener {
    async fn accept(&self) -> io::Result<(Stream, Option<HostId>)> {
        let arrived = self.queue.lock().await.recv().await;
        let (stream, peer) = arrived.ok_or(io::ErrorKind::NotConnected)?;
        Ok((stream, Some(peer)))
    }

    fn local_addr(&self) -> SocketAddr {
        self.place.address
    }
}
