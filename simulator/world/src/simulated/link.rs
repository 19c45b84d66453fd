//! Links between pairs of hosts: how long a packet is under way, and what a partition does to it.
//!
//! A link delays each packet by its own delay (or a draw from its law) and an even draw up to its jitter, carries so many bytes a second in
//! each direction, and never lets one packet overtake another. A partition loses what is under way or sent while
//! it lasts, and nobody is told. TCP sends it again 200 ms after it was first sent and then each time after twice as
//! long, up to two minutes (RFC 6298 section 5.5; the bounds are Linux's), so after the heal everything stands
//! still until the next such instant: that silence is what callers' timeouts meet after an outage.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use upstorm_model::{Dice, HostId, Law, Seed, Stream, scenario};

use super::timeline::Moment;

/// The first wait for an acknowledgement: Linux's shortest.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// The longest.
const LONGEST_WAIT: Duration = Duration::from_secs(120);
/// What is written at once goes as packets of about so long a transmission, so that a slow link trickles.
const PACKET_TIME: u64 = 1_000;
/// No packet is smaller than what Ethernet carries, nor larger than the kernel's offload makes.
const PACKET_BYTES: [u64; 2] = [1_448, 65_536];
/// Source ports of one host towards another: as many as in the real world.
const PORTS: u32 = 55_535;

/// Something under way that the partition swallowed, to be told when the link heals.
pub(super) trait Lost: Send + Sync {
    /// The link is whole again; `way` is what was said when it was lost.
    fn healed(self: Arc<Self>, way: usize);
}

/// The link between two hosts.
pub(super) struct Link {
    hosts: [HostId; 2],
    stream: Stream,
    seed: Seed,
    shape: scenario::Link,
    /// Until when each direction is busy sending.
    free_at: [AtomicU64; 2],
    cut: AtomicBool,
    /// When it last healed; zero if it was never cut.
    healed_at: AtomicU64,
    lost: Mutex<Vec<(Arc<dyn Lost>, usize)>>,
    /// Connections begun, by the direction they were begun in.
    begun: [AtomicU64; 2],
    /// Source ports in use, likewise.
    ports: [AtomicU32; 2],
}

impl Link {
    /// The link between two hosts, the lower first. Names are what its draws are keyed by.
    pub(super) fn new(hosts: [HostId; 2], names: [&str; 2], (seed, shape): (Seed, scenario::Link)) -> Self {
        Self {
            hosts,
            stream: Stream::named(&["network", names[0], names[1]]),
            seed,
            shape,
            free_at: Default::default(),
            cut: AtomicBool::new(false),
            healed_at: AtomicU64::new(0),
            lost: Mutex::default(),
            begun: Default::default(),
            ports: Default::default(),
        }
    }

    /// Which of the two directions goes out from this host.
    fn direction_from(&self, host: HostId) -> usize {
        usize::from(host != self.hosts[0])
    }

    /// Loses everything from now on.
    pub(super) fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
    }

    /// Whether it is cut.
    pub(super) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    /// Loses nothing from now on, and tells what was lost.
    pub(super) fn heal(&self, now: Moment) {
        if !self.cut.swap(false, Ordering::Relaxed) {
            return;
        }
        self.healed_at.store(now.0, Ordering::Relaxed);
        let lost = std::mem::take(&mut *self.lost.lock().unwrap_or_else(PoisonError::into_inner));
        lost.into_iter().for_each(|(what, way)| what.healed(way));
    }

    /// Whether a packet that was sent then and should arrive now was lost.
    pub(super) fn loses(&self, sent: Moment) -> bool {
        self.is_cut() || self.healed_at.load(Ordering::Relaxed) > sent.0
    }

    /// When the link healed, if it has; otherwise what was lost is told when it does.
    pub(super) fn await_heal(&self, what: Arc<dyn Lost>, way: usize) -> Option<Moment> {
        if !self.is_cut() {
            return Some(Moment(self.healed_at.load(Ordering::Relaxed)));
        }
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).push((what, way));
        None
    }

    /// The two lanes of a new connection from a host: the way out and the way back.
    pub(super) fn lanes(self: &Arc<Self>, from: HostId) -> [Lane; 2] {
        let out = self.direction_from(from);
        let number = self.begun[out].fetch_add(1, Ordering::Relaxed);
        // Four lanes a number: who began it, and which way it goes.
        [0, 1].map(|back| Lane {
            link: Arc::clone(self),
            direction: out ^ back,
            dice: (!self.shape.jitter.is_zero() || matches!(self.shape.delay, Law::Drawn(_)))
                .then(|| self.seed.dice(self.stream, number, (out * 2 + back) as u64)),
            last_due: Moment::default(),
        })
    }

    /// A source port of a host, if one is free.
    pub(super) fn take_port(self: &Arc<Self>, from: HostId) -> Option<Port> {
        let direction = self.direction_from(from);
        let taken = self.ports[direction].fetch_add(1, Ordering::Relaxed);
        let port = Port { link: Arc::clone(self), direction };
        (taken < PORTS).then_some(port)
    }
}

/// A source port in use.
pub(super) struct Port {
    link: Arc<Link>,
    direction: usize,
}

impl Drop for Port {
    fn drop(&mut self) {
        self.link.ports[self.direction].fetch_sub(1, Ordering::Relaxed);
    }
}

/// One direction of a link, as one connection uses it.
pub(super) struct Lane {
    link: Arc<Link>,
    direction: usize,
    /// Draws the delay and the jitter of its packets one by one; none where neither is drawn.
    dice: Option<Dice>,
    last_due: Moment,
}

impl Lane {
    /// A packet of so many bytes goes out; gives when it arrives.
    pub(super) fn depart(&mut self, bytes: usize, now: Moment) -> Moment {
        let free_at = &self.link.free_at[self.direction];
        let begins = now.max(Moment(free_at.load(Ordering::Relaxed)));
        let sent = begins + self.transmission(bytes);
        free_at.store(sent.0, Ordering::Relaxed);
        self.arrival(sent)
    }

    /// When a packet arrives whose last byte is sent then. Never before the packet before it.
    pub(super) fn arrival(&mut self, sent: Moment) -> Moment {
        let (delay, jitter) = (&self.link.shape.delay, self.link.shape.jitter.get());
        let drawn = |dice: &mut Dice| {
            let delay = delay.sample(0.0, dice);
            let more = if jitter.is_zero() { 0.0 } else { dice.between(0.0, jitter.as_nanos() as f64) };
            delay + Duration::from_nanos(more as u64)
        };
        let due = sent + self.dice.as_mut().map_or_else(|| delay.median(0.0), drawn);
        self.last_due = self.last_due.max(due);
        self.last_due
    }

    /// How long it takes to send so many bytes.
    pub(super) fn transmission(&self, bytes: usize) -> Duration {
        let rate = self.link.shape.bandwidth.get();
        Duration::from_nanos((bytes as u64).saturating_mul(1_000_000_000).checked_div(rate).unwrap_or(0))
    }

    /// The most bytes that go as one packet.
    pub(super) fn packet_bytes(&self) -> usize {
        let [least, most] = PACKET_BYTES;
        (self.link.shape.bandwidth.get() / PACKET_TIME).clamp(least, most) as usize
    }
}

/// When what was first sent at `first` and lost is sent again once the link is whole.
pub(super) fn sent_again(first: Moment, healed: Moment) -> Moment {
    let (mut at, mut wait) = (first + FIRST_WAIT, FIRST_WAIT);
    while at < healed && wait < LONGEST_WAIT {
        wait = (wait * 2).min(LONGEST_WAIT);
        at = at + wait;
    }
    // From here on the waits are all alike.
    let behind = healed.since(at).as_nanos() as u64;
    at + LONGEST_WAIT * u32::try_from(behind.div_ceil(LONGEST_WAIT.as_nanos() as u64)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::{ByteRate, TimeSpan};

    fn lane(shape: scenario::Link) -> Lane {
        let link = Link::new([HostId(0), HostId(1)], ["a", "b"], (Seed(1), shape));
        let [out, _] = Arc::new(link).lanes(HostId(0));
        out
    }

    const MS: u64 = 1_000_000;

    #[test]
    fn what_was_lost_is_sent_again_at_doubling_waits() {
        let first = Moment(1_000 * MS);
        let instants = [1_200, 1_600, 2_400, 4_000, 7_200, 13_600, 26_400, 52_000, 103_200, 205_600];
        for (before, at) in [(0, 1_200)].into_iter().chain(instants.windows(2).map(|w| (w[0], w[1]))) {
            assert_eq!(sent_again(first, Moment(before * MS + 1)), Moment(at * MS));
            assert_eq!(sent_again(first, Moment(at * MS)), Moment(at * MS));
        }
        // Two minutes at most from then on.
        assert_eq!(sent_again(first, Moment(205_601 * MS)), Moment(325_600 * MS));
        assert_eq!(sent_again(first, Moment(325_601 * MS)), Moment(445_600 * MS));
    }

    #[test]
    fn packets_take_their_time_and_never_overtake() {
        let rate = ByteRate::per_second(1_000_000);
        let (delay, jitter) = (TimeSpan::from_millis(5), TimeSpan::from_millis(50));
        let delay = Law::from(delay);
        let mut plain =
            lane(scenario::Link { delay: delay.clone(), jitter: TimeSpan::default(), bandwidth: rate });
        assert_eq!(plain.depart(2_000, Moment(0)), Moment(7 * MS));
        assert_eq!(plain.depart(1_000, Moment(0)), Moment(8 * MS));
        assert_eq!(plain.depart(0, Moment(100 * MS)), Moment(105 * MS));
        let mut jittery = lane(scenario::Link { delay, jitter, bandwidth: ByteRate::default() });
        let mut last = Moment(0);
        for n in 0..1_000 {
            let due = jittery.depart(100, Moment(n * MS));
            assert!(due >= last && due >= Moment((n + 5) * MS), "{due:?}");
            last = due;
        }
        assert!(last <= Moment((999 + 55) * MS));
    }

    #[test]
    fn a_slow_link_sends_small_packets() {
        let bytes = |rate| {
            lane(scenario::Link { bandwidth: ByteRate::per_second(rate), ..Default::default() })
                .packet_bytes()
        };
        assert_eq!([10_000, 10_000_000, 1 << 30].map(bytes), [1_448, 10_000, 65_536]);
    }

    #[test]
    fn ports_are_bounded_and_come_back() {
        let link = Arc::new(Link::new([HostId(0), HostId(1)], ["a", "b"], Default::default()));
        let mut ports: Vec<Port> = std::iter::from_fn(|| link.take_port(HostId(0))).take(100_000).collect();
        assert_eq!(ports.len(), PORTS as usize);
        assert!(link.take_port(HostId(0)).is_none() && link.take_port(HostId(1)).is_some());
        ports.pop();
        assert!(link.take_port(HostId(0)).is_some());
    }
}
