//! The simulated network as one host sees it: listening, and the handshake of a connection that is begun.
//!
//! A SYN that is not answered is sent again after 1, 2, 4, … seconds, six times, and the connect fails after 127 (tcp(7),
//! `tcp_syn_retries`). Whoever has no timeout of their own for connecting waits so long for a host that is cut off;
//! and while they wait each holds a source port, of which there is a bounded number towards each host.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use upstorm_model::HostId;

use super::connection::Connection;
use super::link::{Lane, Link};
use super::listen::{Answer, Backlog, SimulatedListener, Slot};
use super::stream::SimulatedStream;
use super::wires::Wires;
use crate::net::Held;
use crate::{BindError, Blackhole, Clock, Listen, Net, Stream};

/// How long each SYN is waited upon, in seconds.
const PATIENCE: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];

/// One host's network.
#[derive(Debug)]
pub(super) struct SimulatedNet {
    host: HostId,
    wires: Arc<Wires>,
    clock: Arc<dyn Clock>,
}

impl SimulatedNet {
    /// The network as this host sees it.
    pub(super) fn new(host: HostId, wires: &Arc<Wires>) -> Self {
        Self {
            host,
            wires: Arc::clone(wires),
            clock: Arc::<super::timeline::Timeline>::clone(&wires.timeline),
        }
    }

    /// A packet without bytes goes along a lane, and has arrived; false if it was lost.
    async fn pass(&self, link: &Link, lane: &mut Lane) -> bool {
        let timeline = &self.wires.timeline;
        let sent = timeline.moment();
        let due = lane.depart(0, sent);
        self.clock.sleep_until(timeline.offset_of(due)).await;
        !link.loses(sent)
    }

    /// One SYN and its answer, if there is one.
    async fn knock(
        &self,
        at: SocketAddr,
        link: &Link,
        [out, back]: &mut [Lane; 2],
    ) -> Option<io::Result<Slot>> {
        if !self.pass(link, out).await {
            return None;
        }
        let answer = match self.wires.places.answer(at) {
            Some(Answer::Silence) => return None,
            Some(Answer::Listening(backlog)) => Ok(backlog.slot()?),
            None => Err(ErrorKind::ConnectionRefused.into()),
        };
        self.pass(link, back).await.then_some(answer)
    }

    /// The whole handshake.
    async fn begin(&self, at: SocketAddr, link: &Link, lanes: &mut [Lane; 2]) -> io::Result<Slot> {
        for patience in PATIENCE {
            let again = self.clock.now() + Duration::from_secs(patience);
            if let Some(answer) = self.knock(at, link, lanes).await {
                return answer;
            }
            self.clock.sleep_until(again).await;
        }
        Err(ErrorKind::TimedOut.into())
    }
}

#[async_trait]
impl Net for SimulatedNet {
    async fn bind(&self, address: Option<SocketAddr>) -> Result<Box<dyn Listen>, BindError> {
        let backlog = Backlog::new(self.host);
        let answer = Answer::Listening(Arc::clone(&backlog));
        let place = self.wires.places.take(self.host, (address, answer))?;
        Ok(Box::new(SimulatedListener { backlog, place }))
    }

    async fn blackhole(&self, address: SocketAddr) -> Result<Blackhole, BindError> {
        let held: Box<dyn Held> =
            Box::new(self.wires.places.take(self.host, (Some(address), Answer::Silence))?);
        Ok(Blackhole { _held: held })
    }

    async fn connect(&self, to: HostId) -> io::Result<Stream> {
        let at = self.address_of(to).ok_or_else(|| {
            io::Error::new(ErrorKind::NotFound, format!("`{}` never listened", self.wires.name(to)))
        })?;
        let link = self.wires.link(self.host, to);
        let port = link.take_port(self.host).ok_or_else(|| {
            let (from, to) = (self.wires.name(self.host), self.wires.name(to));
            let message = format!("no source port is left for a connection from `{from}` to `{to}`");
            io::Error::new(ErrorKind::AddrNotAvailable, message)
        })?;
        let mut lanes = link.lanes(self.host);
        let slot = self.begin(at, &link, &mut lanes).await?;
        let timeline = &self.wires.timeline;
        let connection = Arc::new(Connection::new([self.host, to], &link, (lanes, port), timeline));
        self.wires.note(&connection);
        connection.open(slot);
        Ok(Stream::new(SimulatedStream::new(connection, 0)))
    }

    fn address_of(&self, host: HostId) -> Option<SocketAddr> {
        self.wires.places.address_of(host)
    }
}
