//! Sockets with the options this world needs, made before tokio takes them over.
//!
//! A connect binds its source itself, to the host's own address and a port from a counter of its own. Left to
//! the kernel, an explicit source address takes a port that is free of any socket, TIME_WAIT included (RFC
//! 9293 section 3.4.2: about a minute), so 470 new connections a second would use the range up. Bound
//! explicitly with `SO_REUSEADDR`, a port only has to be free towards that one peer.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};

use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use upstorm_model::HostId;

use super::registry::source_of;

/// Connections that may wait to be accepted; Linux clamps it to `net.core.somaxconn`.
const BACKLOG: i32 = 4096;
/// Source ports are taken from here upwards.
const FIRST_PORT: u16 = 10_000;
/// Ports tried before a connect gives up.
const PORT_TRIES: u32 = 512;

/// A TCP socket that does not block, whose address may be used again while old connections linger there.
pub(super) fn tcp(address: SocketAddr) -> io::Result<Socket> {
    let socket =
        Socket::new(Domain::for_address(address), Type::STREAM.nonblocking().cloexec(), Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    Ok(socket)
}

/// Listens at an address. Must be called within the tokio runtime that is to serve it.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = tcp(address)?;
    socket.bind(&SockAddr::from(address))?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// The source ports of one host, in turn.
#[derive(Debug)]
pub(super) struct Ports(AtomicU16);

impl Ports {
    /// Begins where other processes and worlds probably do not.
    pub(super) fn new() -> Self {
        static WORLDS: AtomicU16 = AtomicU16::new(0);
        let world = WORLDS.fetch_add(1, Ordering::Relaxed).wrapping_mul(7919);
        let process = (std::process::id() as u16).wrapping_mul(4099);
        Self(AtomicU16::new(world.wrapping_add(process)))
    }

    fn next(&self) -> u16 {
        FIRST_PORT + self.0.fetch_add(1, Ordering::Relaxed) % (u16::MAX - FIRST_PORT)
    }
}

/// Begins to connect from a host. The stream is connected, or has failed, when it becomes writable. Must be
/// called within the tokio runtime that is to serve it.
pub(super) fn begin_connect(from: HostId, ports: &Ports, to: SocketAddr) -> io::Result<TcpStream> {
    // Only loopback can be reached from a loopback address; elsewhere the kernel chooses the source.
    let own = matches!(to.ip(), IpAddr::V4(ip) if ip.is_loopback() || ip.is_unspecified());
    let mut tries = 0;
    loop {
        let socket = tcp(to)?;
        let source = SocketAddr::new(source_of(from).into(), ports.next());
        let bound = if own { socket.bind(&SockAddr::from(source)) } else { Ok(()) };
        match bound.and_then(|()| socket.connect(&SockAddr::from(to))) {
            Err(error) if port_was_taken(&error) && own && tries < PORT_TRIES => tries += 1,
            Err(error) if !in_progress(&error) => return Err(error),
            _ => return TcpStream::from_std(socket.into()),
        }
    }
}

/// Whether another source port may do.
fn port_was_taken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::AddrNotAvailable)
}

/// Whether a connect that does not block has begun.
pub(super) fn in_progress(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
        || error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_that_is_taken_towards_that_peer_is_passed_over() {
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let to = listener.local_addr().unwrap();
        let mut open = Vec::new();
        for _ in 0..3 {
            // The same first port each time.
            let ports = Ports(AtomicU16::new(31_000));
            let stream = begin_connect(HostId(9), &ports, to).unwrap();
            stream.writable().await.unwrap();
            assert!(stream.take_error().unwrap().is_none());
            let from = stream.local_addr().unwrap();
            assert_eq!(from.ip(), IpAddr::V4(source_of(HostId(9))));
            assert!(from.port() >= FIRST_PORT + 31_000);
            open.push(stream);
        }
        let mut ports: Vec<u16> = open.iter().map(|s| s.local_addr().unwrap().port()).collect();
        ports.dedup();
        assert_eq!(ports.len(), 3);
    }

    #[test]
    fn ports_go_round_within_their_range() {
        let ports = Ports(AtomicU16::new(u16::MAX - 3));
        assert!((0..100_000).all(|_| ports.next() >= FIRST_PORT));
    }
}
