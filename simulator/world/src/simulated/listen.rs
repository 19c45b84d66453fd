//! Who listens where, and the connections that wait to be accepted.
//!
//! The kernel keeps a queue of bounded length for each listener and drops what does not fit without a word, so an
//! overloaded host looks silent, not refusing (listen(2), tcp(7)). A host that is simulated without that bound would
//! answer where a real one does not.

use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use upstorm_model::HostId;

use super::stream::SimulatedStream;
use crate::{BindError, Listen, Stream, Transport};

/// Connections that may wait to be accepted: as many as in the real world.
const BACKLOG: usize = 4096;
/// A port that nobody asked for is taken from here upwards.
const PORTS: std::ops::Range<u16> = 40_000..60_000;
/// The first host's address less one, as in the real world: 127.1.0.0.
const BASE: u32 = 0x7f01_0000;

/// All addresses of a world.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<Bound>);

#[derive(Debug, Default)]
struct Bound {
    last: BTreeMap<HostId, SocketAddr>,
    listening: BTreeMap<SocketAddr, Answer>,
    next_port: u16,
}

/// What becomes of a connection that is begun.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// It waits to be accepted.
    Listening(Arc<Backlog>),
    /// Nobody answers.
    Silence,
}

impl Places {
    fn lock(&self) -> MutexGuard<'_, Bound> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an address for a host; without one, or without a port, some that is free.
    pub(super) fn take(
        self: &Arc<Self>,
        host: HostId,
        (address, answer): (Option<SocketAddr>, Answer),
    ) -> Result<Place, BindError> {
        let own = IpAddr::from(Ipv4Addr::from_bits(BASE + 1 + u32::from(host.0)));
        let (ip, port) = address.map_or((own, 0), |asked| (asked.ip(), asked.port()));
        let failed = |kind: ErrorKind| BindError { address: SocketAddr::new(ip, port), source: kind.into() };
        if !(ip.to_canonical().is_loopback() || ip.is_unspecified()) {
            return Err(failed(ErrorKind::AddrNotAvailable));
        }
        let mut bound = self.lock();
        let address = if port == 0 { bound.free(ip) } else { Some(SocketAddr::new(ip, port)) };
        let free = address.filter(|address| !bound.listening.contains_key(address));
        let address = free.ok_or_else(|| failed(ErrorKind::AddrInUse))?;
        bound.listening.insert(address, answer);
        bound.last.insert(host, address);
        Ok(Place { address, places: Arc::clone(self) })
    }

    /// Where a host last listened.
    pub(super) fn address_of(&self, host: HostId) -> Option<SocketAddr> {
        self.lock().last.get(&host).copied()
    }

    /// Who answers at an address; none refuses.
    pub(super) fn answer(&self, address: SocketAddr) -> Option<Answer> {
        self.lock().listening.get(&address).cloned()
    }

    /// The hosts that wait for a connection.
    pub(super) fn waiting(&self) -> Vec<HostId> {
        let bound = self.lock();
        let answers = bound.listening.values();
        answers
            .filter_map(|answer| match answer {
                Answer::Listening(backlog) => (!backlog.lock().accepting.is_empty()).then_some(backlog.host),
                Answer::Silence => None,
            })
            .collect()
    }
}

impl Bound {
    fn free(&mut self, ip: IpAddr) -> Option<SocketAddr> {
        PORTS.into_iter().find_map(|_| {
            let port = PORTS.start + self.next_port % (PORTS.end - PORTS.start);
            self.next_port = self.next_port.wrapping_add(1);
            let address = SocketAddr::new(ip, port);
            (!self.listening.contains_key(&address)).then_some(address)
        })
    }
}

/// An address in use; dropping it frees it.
#[derive(Debug)]
pub(super) struct Place {
    address: SocketAddr,
    places: Arc<Places>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let _answer = self.places.lock().listening.remove(&self.address);
    }
}

/// Connections that wait to be accepted.
#[derive(Debug)]
pub(super) struct Backlog {
    host: HostId,
    /// Those that wait, and those whose handshake is not over.
    taken: AtomicUsize,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    connections: VecDeque<(SimulatedStream, HostId, Slot)>,
    accepting: Vec<Waker>,
    closed: bool,
}

impl Backlog {
    /// Nobody waits yet.
    pub(super) fn new(host: HostId) -> Arc<Self> {
        Arc::new(Self { host, taken: AtomicUsize::new(0), waiting: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more, unless it is full.
    pub(super) fn slot(self: &Arc<Self>) -> Option<Slot> {
        let slot = Slot(Arc::clone(self));
        (self.taken.fetch_add(1, Ordering::Relaxed) < BACKLOG).then_some(slot)
    }

    fn poll_accept(&self, cx: &Context<'_>) -> Poll<(SimulatedStream, HostId)> {
        let mut waiting = self.lock();
        let Some((stream, peer, slot)) = waiting.connections.pop_front() else {
            if !waiting.accepting.iter().any(|waker| waker.will_wake(cx.waker())) {
                waiting.accepting.push(cx.waker().clone());
            }
            return Poll::Pending;
        };
        drop(waiting);
        drop(slot);
        Poll::Ready((stream, peer))
    }

    /// Nobody accepts any more: what waits is reset, as the kernel does.
    fn close(&self) {
        let left = {
            let mut waiting = self.lock();
            waiting.closed = true;
            std::mem::take(&mut waiting.connections)
        };
        left.into_iter().for_each(|(mut stream, ..)| stream.abort());
    }
}

/// A place among those that wait.
#[derive(Debug)]
pub(super) struct Slot(Arc<Backlog>);

impl Slot {
    /// The handshake is over: the connection may be accepted, or is reset if the listener is gone.
    pub(super) fn offer(self, mut stream: SimulatedStream, peer: HostId) {
        let backlog = Arc::clone(&self.0);
        let mut waiting = backlog.lock();
        if waiting.closed {
            drop(waiting);
            stream.abort();
            return;
        }
        waiting.connections.push_back((stream, peer, self));
        let accepting = std::mem::take(&mut waiting.accepting);
        drop(waiting);
        accepting.into_iter().for_each(Waker::wake);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A listening address.
#[derive(Debug)]
pub(super) struct SimulatedListener {
    pub(super) backlog: Arc<Backlog>,
    pub(super) place: Place,
}

#[async_trait]
impl Listen for SimulatedListener {
    async fn accept(&self) -> io::Result<(Stream, Option<HostId>)> {
        let (stream, peer) = poll_fn(|cx| self.backlog.poll_accept(cx)).await;
        Ok((Stream::new(stream), Some(peer)))
    }

    fn local_addr(&self) -> SocketAddr {
        self.place.address
    }
}

impl Drop for SimulatedListener {
    fn drop(&mut self) {
        self.backlog.close();
    }
}
