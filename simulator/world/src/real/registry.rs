//! Which host is where: the loopback address each sends from, and the address each last listened on.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use upstorm_model::HostId;

use super::link::Links;

/// The first host's address less one: 127.1.0.0.
const BASE: u32 = 0x7f01_0000;

/// What all hosts of a world share.
#[derive(Debug)]
pub(super) struct Registry {
    hosts: usize,
    bound: Mutex<BTreeMap<HostId, SocketAddr>>,
    stranger: Mutex<Option<HostId>>,
    /// The links between hosts.
    pub(super) links: Links,
}

impl Registry {
    /// For hosts 0 to `hosts` − 1.
    pub(super) fn new(hosts: usize) -> Self {
        Self { hosts, bound: Mutex::default(), stranger: Mutex::default(), links: Links::default() }
    }

    /// Notes where a host listens.
    pub(super) fn note(&self, host: HostId, address: SocketAddr) {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner).insert(host, address);
    }

    /// Where a host last listened.
    pub(super) fn address_of(&self, host: HostId) -> Option<SocketAddr> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner).get(&host).copied()
    }

    /// Sets whom connections from an address of no host come from.
    pub(super) fn adopt_strangers(&self, host: Option<HostId>) {
        *self.stranger.lock().unwrap_or_else(PoisonError::into_inner) = host;
    }

    /// The host that sends from this address.
    pub(super) fn host_at(&self, peer: IpAddr) -> Option<HostId> {
        let number = match peer {
            IpAddr::V4(ip) => ip.to_bits().wrapping_sub(BASE + 1),
            IpAddr::V6(ip) => ip.to_ipv4_mapped().map_or(u32::MAX, |ip| ip.to_bits().wrapping_sub(BASE + 1)),
        };
        match u16::try_from(number) {
            Ok(number) if usize::from(number) < self.hosts => Some(HostId(number)),
            _ => *self.stranger.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// The loopback address that a host sends from.
pub(super) fn source_of(host: HostId) -> Ipv4Addr {
    Ipv4Addr::from_bits(BASE + 1 + u32::from(host.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_known_by_the_address_they_send_from() {
        let registry = Registry::new(300);
        for host in [0, 1, 254, 255, 299].map(HostId) {
            assert_eq!(registry.host_at(source_of(host).into()), Some(host));
            let mapped = source_of(host).to_ipv6_mapped();
            assert_eq!(registry.host_at(mapped.into()), Some(host));
        }
        assert_eq!(registry.host_at(source_of(HostId(300)).into()), None);
        assert_eq!(registry.host_at(Ipv4Addr::LOCALHOST.into()), None);
        registry.adopt_strangers(Some(HostId(7)));
        assert_eq!(registry.host_at(Ipv4Addr::LOCALHOST.into()), Some(HostId(7)));
    }
}
