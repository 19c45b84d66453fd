//! One direction of a connection: the packets under way, and the bytes that wait to be read.
//!
//! Bytes lie in one queue from the write to the read, and a packet only says how many of them it carries, so that a byte is
//! copied twice and nothing is allocated for a packet. What is under way or unread is bounded, as a socket's
//! buffers are: without that a stalled reader would never hold its writer up. When packets arrive is left to the
//! lane, and what they do to the connection.

use std::collections::VecDeque;
use std::io::IoSlice;

use tokio::io::ReadBuf;

use super::link::{Lane, sent_again};
use super::listen::Slot;
use super::timeline::Moment;

/// Bytes that may be under way or unread in one direction before its writer must wait.
const WINDOW: usize = 256 * 1024;
/// A waiting writer is woken when there is room for so many, so that it is not woken for every byte that is read.
const WORTHWHILE: usize = WINDOW / 4;
/// An idle direction keeps no more room than this for later bytes.
const KEPT: usize = 16 * 1024;

/// What is under way from one end to the other.
pub(super) struct Way {
    lane: Lane,
    pub(super) packets: VecDeque<Packet>,
    /// All bytes sent and not yet read, unless nobody is left to read them.
    bytes: VecDeque<u8>,
    /// How many of them have arrived.
    pub(super) arrived: usize,
    pub(super) under_way: usize,
    /// An event is set for the first packet, or the link tells when it heals.
    pub(super) awaited: bool,
    /// When the first packet was first sent, if it was lost.
    lost_since: Option<Moment>,
    /// Its FIN or RST has been sent.
    pub(super) shut: bool,
}

/// A packet under way.
pub(super) struct Packet {
    pub(super) what: What,
    pub(super) sent: Moment,
    pub(super) due: Moment,
}

/// What a packet carries.
pub(super) enum What {
    /// The last part of the handshake: the connection may be accepted.
    Open(Slot),
    Bytes(usize),
    Fin,
    Rst,
}

impl What {
    const fn len(&self) -> usize {
        if let Self::Bytes(bytes) = self { *bytes } else { 0 }
    }
}

impl Way {
    /// Nothing is under way.
    pub(super) fn new(lane: Lane) -> Self {
        Self {
            lane,
            packets: VecDeque::new(),
            bytes: VecDeque::new(),
            arrived: 0,
            under_way: 0,
            awaited: false,
            lost_since: None,
            shut: false,
        }
    }

    /// How many bytes may be written now.
    pub(super) const fn room(&self) -> usize {
        WINDOW.saturating_sub(self.under_way + self.arrived)
    }

    /// Whether a writer that waits should be told of the room there is.
    pub(super) const fn is_worthwhile(&self) -> bool {
        self.room() >= WORTHWHILE
    }

    /// Sends a packet. Gives when it arrives, if that is not awaited yet.
    pub(super) fn send(&mut self, what: What, sent: Moment) -> Option<Moment> {
        let due = self.lane.depart(what.len(), sent);
        self.under_way += what.len();
        self.packets.push_back(Packet { what, sent, due });
        (!std::mem::replace(&mut self.awaited, true)).then_some(due)
    }

    /// Keeps as many bytes as there is room for, unless nobody is left to read them, and cuts them into packets.
    pub(super) fn write(
        &mut self,
        bufs: &[IoSlice<'_>],
        read: bool,
    ) -> (usize, impl Iterator<Item = What> + use<>) {
        let room = self.room();
        let mut count = 0;
        for buf in bufs {
            let taken = buf.get(..buf.len().min(room - count)).unwrap_or_default();
            if read {
                self.bytes.extend(taken);
            }
            count += taken.len();
        }
        let largest = self.lane.packet_bytes();
        (count, (0..count).step_by(largest).map(move |sent| What::Bytes(largest.min(count - sent))))
    }

    /// The first packet was lost.
    pub(super) fn lose(&mut self) {
        let first_sent = self.packets.front().map(|first| first.sent);
        self.lost_since = self.lost_since.or(first_sent);
    }

    /// Everything lost is sent again, with what followed it, at the next instant after the heal. Gives when the first of it
    /// arrives.
    pub(super) fn send_again(&mut self, healed: Moment) -> Option<Moment> {
        let again = sent_again(self.lost_since?, healed);
        let mut sent = again;
        for packet in &mut self.packets {
            sent = sent + self.lane.transmission(packet.what.len());
            packet.sent = again;
            packet.due = self.lane.arrival(sent);
        }
        self.packets.front().map(|first| first.due)
    }

    /// The first packet arrives.
    pub(super) fn pop(&mut self) -> Option<What> {
        self.lost_since = None;
        self.packets.pop_front().map(|packet| packet.what)
    }

    /// Moves what has arrived to the reader.
    pub(super) fn read(&mut self, buf: &mut ReadBuf<'_>) {
        let count = self.arrived.min(buf.remaining());
        let (front, back) = self.bytes.as_slices();
        let first = count.min(front.len());
        buf.put_slice(front.get(..first).unwrap_or_default());
        buf.put_slice(back.get(..count - first).unwrap_or_default());
        self.bytes.drain(..count);
        self.arrived -= count;
        if self.bytes.is_empty() && self.bytes.capacity() > KEPT {
            self.bytes = VecDeque::new();
        }
    }

    /// Nobody is left to read.
    pub(super) fn discard(&mut self) {
        self.bytes = VecDeque::new();
        self.arrived = 0;
    }
}
