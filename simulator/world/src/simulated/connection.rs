//! A connection: two ends, and what is under way between them.
//!
//! What a program can tell of TCP is kept as Linux does it, for a client that meets another error than it would over a
//! real socket takes another branch, and the simulation would test that one:
//!
//! | at this end | a read gives | a write gives |
//! |---|---|---|
//! | bytes have arrived | the bytes, whatever came after them | |
//! | a FIN has arrived | the end, for ever | success; an RST comes back if nobody reads there |
//! | an RST has arrived | `ConnectionReset` once, then the end | `ConnectionReset` if not yet told, then `BrokenPipe` |
//! | an RST after a FIN | the end | `BrokenPipe` |
//! | it has shut its own direction | as ever | `BrokenPipe` |
//!
//! An end that is closed with bytes unread, or is sent some later, answers with an RST (RFC 9293 section 3.6; RFC 2525
//! section 2.17 says why). Unlike TCP's, an RST that is lost in a partition is sent again too, acknowledgements
//! take no time, and a connection is never given up however long the partition lasts.

use std::fmt;
use std::io::{self, ErrorKind, IoSlice};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::ReadBuf;
use upstorm_model::HostId;

use super::link::{Lane, Link, Lost, Port};
use super::listen::Slot;
use super::stream::SimulatedStream;
use super::timeline::{Happening, Moment, Timeline};
use super::way::{Way, What};

/// A connection between two hosts.
pub(super) struct Connection {
    /// Who began it, and who answered.
    hosts: [HostId; 2],
    link: Arc<Link>,
    timeline: Arc<Timeline>,
    state: Mutex<State>,
    _port: Port,
}

struct State {
    ends: [End; 2],
    /// What each end sends, by the same index.
    ways: [Way; 2],
}

/// What one end knows.
#[derive(Default)]
struct End {
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// The peer's FIN has arrived.
    finished: bool,
    /// The peer's RST has arrived.
    reset: bool,
    /// That must still be told to the program.
    error: Option<ErrorKind>,
    /// The program has closed it.
    closed: bool,
    /// It has sent an RST, and sends no other.
    refused: bool,
}

/// Who must be woken once the lock is released.
type Woken = [Option<Waker>; 2];

fn wake(woken: Woken) {
    woken.into_iter().flatten().for_each(Waker::wake);
}

/// Notes who waits, without cloning a waker that is there already.
fn note(slot: &mut Option<Waker>, cx: &Context<'_>) {
    match slot {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *slot = Some(cx.waker().clone()),
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

impl Connection {
    /// A connection that was begun by the first host and has been answered by the second.
    pub(super) fn new(
        hosts: [HostId; 2],
        link: &Arc<Link>,
        (lanes, port): ([Lane; 2], Port),
        timeline: &Arc<Timeline>,
    ) -> Self {
        let state = State { ends: Default::default(), ways: lanes.map(Way::new) };
        Self {
            hosts,
            link: Arc::clone(link),
            timeline: Arc::clone(timeline),
            state: Mutex::new(state),
            _port: port,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who waits for what, and whether the link is cut: the waiting host, the other, and whether it reads.
    pub(super) fn waits(&self) -> impl Iterator<Item = ([HostId; 2], bool, bool)> {
        let state = self.lock();
        let [one, other] = self.hosts;
        let cut = self.link.is_cut();
        let waits = [([one, other], &state.ends[0]), ([other, one], &state.ends[1])].map(|(hosts, end)| {
            [(end.reader.is_some(), true), (end.writer.is_some(), false)]
                .map(|(waits, reads)| waits.then_some((hosts, reads, cut)))
        });
        waits.into_iter().flatten().flatten()
    }

    /// Tells the answering host that the connection stands.
    pub(super) fn open(self: &Arc<Self>, slot: Slot) {
        self.send(&mut self.lock().ways[0], 0, What::Open(slot));
    }

    /// Sends a packet on a way.
    fn send(self: &Arc<Self>, way: &mut Way, index: usize, what: What) {
        let arrives = way.send(what, self.timeline.moment());
        self.await_arrival(arrives, index);
    }

    fn await_arrival(self: &Arc<Self>, arrives: Option<Moment>, way: usize) {
        if let Some(due) = arrives {
            self.timeline.plan(due, Arc::<Self>::clone(self), way);
        }
    }

    /// Reads at an end.
    pub(super) fn poll_read(
        &self,
        end: usize,
        cx: &Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = self.lock();
        let State { ends, ways } = &mut *state;
        let way = &mut ways[1 - end];
        if way.arrived > 0 {
            way.read(buf);
            let peer = &mut ends[1 - end].writer;
            let writer = if way.is_worthwhile() { peer.take() } else { None };
            drop(state);
            wake([writer, None]);
            return Poll::Ready(Ok(()));
        }
        let end = &mut ends[end];
        if end.finished || buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        if let Some(error) = end.error.take() {
            return Poll::Ready(Err(error.into()));
        }
        if end.reset {
            return Poll::Ready(Ok(()));
        }
        note(&mut end.reader, cx);
        Poll::Pending
    }

    /// Writes at an end.
    pub(super) fn poll_write(
        self: &Arc<Self>,
        index: usize,
        cx: &Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.lock();
        let State { ends, ways } = &mut *state;
        let nobody_reads = ends[1 - index].closed;
        let (end, way) = (&mut ends[index], &mut ways[index]);
        if let Some(error) = end.error.take() {
            return Poll::Ready(Err(error.into()));
        }
        if end.reset || way.shut {
            return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
        }
        if way.room() == 0 {
            note(&mut end.writer, cx);
            return Poll::Pending;
        }
        let (count, packets) = way.write(bufs, !nobody_reads);
        packets.for_each(|packet| self.send(way, index, packet));
        Poll::Ready(Ok(count))
    }

    /// Shuts an end's own direction.
    pub(super) fn shut(self: &Arc<Self>, index: usize) {
        let mut state = self.lock();
        let State { ends, ways } = &mut *state;
        self.finish(&ends[index], &mut ways[index], index);
    }

    /// Sends a FIN, unless the way has ended already.
    fn finish(self: &Arc<Self>, end: &End, way: &mut Way, index: usize) {
        if !std::mem::replace(&mut way.shut, true) && !end.reset {
            self.send(way, index, What::Fin);
        }
    }

    /// Sends an RST, also after a FIN, but only one.
    fn refuse(self: &Arc<Self>, end: &mut End, way: &mut Way, index: usize) {
        way.shut = true;
        if !std::mem::replace(&mut end.refused, true) && !end.reset {
            self.send(way, index, What::Rst);
        }
    }

    /// The program closes an end; with `abort`, by a reset. Gives the wakers it waited with, which the caller drops.
    pub(super) fn close(self: &Arc<Self>, index: usize, abort: bool) -> Woken {
        let mut state = self.lock();
        let State { ends, ways } = &mut *state;
        let unread = ways[1 - index].arrived > 0;
        ways[1 - index].discard();
        let end = &mut ends[index];
        end.closed = true;
        if abort || unread {
            self.refuse(end, &mut ways[index], index);
        } else {
            self.finish(end, &mut ways[index], index);
        }
        [end.reader.take(), end.writer.take()]
    }

    /// What a packet does at the end that it reaches. A connection that may be accepted is given back with its place
    /// among those that wait.
    fn arrive(self: &Arc<Self>, state: &mut State, from: usize, what: What) -> (Woken, Option<Slot>) {
        let State { ends, ways } = state;
        let [one, other] = ends;
        let (sender, end) = if from == 0 { (one, other) } else { (other, one) };
        match what {
            What::Open(slot) => return ([None, None], Some(slot)),
            What::Bytes(bytes) => {
                ways[from].under_way -= bytes;
                if !end.closed {
                    ways[from].arrived += bytes;
                    return ([end.reader.take(), None], None);
                }
                self.refuse(end, &mut ways[1 - from], 1 - from);
                return ([sender.writer.take(), None], None);
            }
            What::Fin => end.finished = true,
            What::Rst => {
                end.reset = true;
                end.error =
                    Some(if end.finished { ErrorKind::BrokenPipe } else { ErrorKind::ConnectionReset });
            }
        }
        ([end.reader.take(), end.writer.take()], None)
    }

    /// Lets everything arrive that is due.
    fn deliver(self: &Arc<Self>, from: usize) {
        let now = self.timeline.moment();
        let mut state = self.lock();
        loop {
            let way = &mut state.ways[from];
            let Some(first) = way.packets.front() else {
                way.awaited = false;
                return;
            };
            if first.due > now {
                return self.await_arrival(Some(first.due), from);
            }
            if self.link.loses(first.sent) {
                way.lose();
                if let Some(healed) = self.link.await_heal(Arc::<Self>::clone(self), from) {
                    let arrives = way.send_again(healed);
                    self.await_arrival(arrives, from);
                }
                return;
            }
            let Some(what) = way.pop() else { return };
            let (woken, accepted) = self.arrive(&mut state, from, what);
            if woken.iter().all(Option::is_none) && accepted.is_none() {
                continue;
            }
            drop(state);
            wake(woken);
            if let Some(slot) = accepted {
                slot.offer(SimulatedStream::new(Arc::clone(self), 1), self.hosts[0]);
            }
            state = self.lock();
        }
    }
}

impl Happening for Connection {
    fn happen(self: Arc<Self>, which: usize) {
        self.deliver(which);
    }
}

impl Lost for Connection {
    fn healed(self: Arc<Self>, way: usize) {
        let arrives = self.lock().ways[way].send_again(self.timeline.moment());
        self.await_arrival(arrives, way);
    }
}
