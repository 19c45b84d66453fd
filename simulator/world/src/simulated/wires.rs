//! The network that all hosts of a simulated world share: its links by pair of hosts, who listens where, and which
//! connections stand.
//!
//! Connections are only looked at when a run cannot go on: a deadlock that does not say who waits for whom would
//! have to be found by reading the scenario. What links and connections do is left to them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use upstorm_model::plan::Network;
use upstorm_model::{HostId, Seed};

use super::connection::Connection;
use super::given_up::Wait;
use super::link::Link;
use super::listen::Places;
use super::timeline::Timeline;
use super::world::SimulatedOptions;

/// Links, addresses and connections.
pub(super) struct Wires {
    pub(super) timeline: Arc<Timeline>,
    pub(super) places: Arc<Places>,
    seed: Seed,
    network: Network,
    hosts: Vec<String>,
    links: Mutex<BTreeMap<[HostId; 2], Arc<Link>>>,
    connections: Mutex<Connections>,
}

/// Those that stand, to say who waits for whom; and some that have ended.
#[derive(Default)]
struct Connections {
    all: Vec<Weak<Connection>>,
    /// So many, and those that have ended are dropped.
    sweep_at: usize,
}

impl fmt::Debug for Wires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wires").field("places", &self.places).finish_non_exhaustive()
    }
}

impl Wires {
    /// A network without connections.
    pub(super) fn new(options: &SimulatedOptions, timeline: &Arc<Timeline>) -> Self {
        Self {
            timeline: Arc::clone(timeline),
            places: Arc::default(),
            seed: options.seed,
            network: options.network.clone(),
            hosts: options.hosts.clone(),
            links: Mutex::default(),
            connections: Mutex::default(),
        }
    }

    /// What a host is called.
    pub(super) fn name(&self, host: HostId) -> String {
        self.hosts.get(usize::from(host.0)).cloned().unwrap_or_else(|| format!("host {}", host.0))
    }

    fn links(&self) -> MutexGuard<'_, BTreeMap<[HostId; 2], Arc<Link>>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The link between two hosts, in either order.
    pub(super) fn link(&self, one: HostId, other: HostId) -> Arc<Link> {
        let hosts = HostId::pair(one, other);
        let made = || {
            let names = hosts.map(|host| self.name(host));
            let shape = self.network.link(one, other).clone();
            Arc::new(Link::new(hosts, [&names[0], &names[1]], (self.seed, shape)))
        };
        Arc::clone(self.links().entry(hosts).or_insert_with(made))
    }

    /// Cuts exactly these links, and heals all others.
    pub(super) fn cut_exactly(&self, pairs: &[[HostId; 2]]) {
        let cut: Vec<_> = pairs.iter().map(|pair| HostId::pair(pair[0], pair[1])).collect();
        cut.iter().for_each(|[one, other]| self.link(*one, *other).cut());
        let links = self.links().clone();
        let healed = links.iter().filter(|(hosts, _)| !cut.contains(hosts));
        healed.for_each(|(_, link)| link.heal(self.timeline.moment()));
    }

    /// Notes a connection, to be asked who waits at it.
    pub(super) fn note(&self, connection: &Arc<Connection>) {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if connections.all.len() >= connections.sweep_at {
            connections.all.retain(|connection| connection.strong_count() > 0);
            connections.sweep_at = (connections.all.len() * 2).max(256);
        }
        connections.all.push(Arc::downgrade(connection));
    }

    /// Who waits for what.
    pub(super) fn waits(&self) -> Vec<Wait> {
        let accepts = self.places.waiting().into_iter();
        let accepts = accepts.map(|host| (format!("`{}` waits for a connection", self.name(host)), false));
        let connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let standing: Vec<_> = connections.all.iter().filter_map(Weak::upgrade).collect();
        drop(connections);
        let at_streams = standing.iter().flat_map(|connection| connection.waits());
        let at_streams = at_streams.map(|([host, peer], reads, cut)| {
            let what = if reads { "read from" } else { "write to" };
            (format!("`{}` waits to {what} `{}`", self.name(host), self.name(peer)), cut)
        });
        Wait::counted(at_streams.chain(accepts))
    }
}
