//! History: what was changed by hand, and when, so that an attempt that ends later is counted for what it met.

use std::collections::BTreeMap;

use upstorm_model::scenario::Behaviour;
use upstorm_model::{HostId, Offset, RouteId};
use upstorm_upstream::PlanClock;

/// Changes that are remembered of one route or upstream; an attempt open for longer counts for the oldest of them.
const REMEMBERED: usize = 1000;

/// All changes by hand.
#[derive(Debug, Default)]
pub(super) struct History {
    routes: BTreeMap<(HostId, RouteId), Vec<(Offset, Version)>>,
    clocks: BTreeMap<HostId, Vec<(Offset, PlanClock)>>,
    last: u64,
}

/// What was laid over a route.
#[derive(Debug, Clone, Default)]
pub(super) struct Version {
    /// A number for its faults: two versions with the same number have the same.
    pub(super) number: u64,
    /// What was laid over.
    pub(super) over: Behaviour,
}

impl History {
    /// From this time on, this is laid over a route.
    pub(super) fn laid(&mut self, route: (HostId, RouteId), from: Offset, over: Behaviour) {
        let versions = self.routes.entry(route).or_default();
        let before = versions.last().map(|(_, version)| version.clone()).unwrap_or_default();
        let number = if before.over.faults == over.faults {
            before.number
        } else {
            self.last += 1;
            self.last
        };
        remember(versions, from, Version { number, over });
    }

    /// From this time on, an upstream's clock is this one.
    pub(super) fn set(&mut self, upstream: HostId, from: Offset, clock: PlanClock) {
        remember(self.clocks.entry(upstream).or_default(), from, clock);
    }

    /// From this time on, an upstream does again what is planned.
    pub(super) fn taken_back(&mut self, upstream: HostId, from: Offset) {
        let changed: Vec<_> = self.routes.keys().filter(|(host, _)| *host == upstream).copied().collect();
        changed.into_iter().for_each(|route| self.laid(route, from, Behaviour::default()));
        self.set(upstream, from, PlanClock::default());
    }

    /// What was laid over a route at a time.
    pub(super) fn version(&self, route: (HostId, RouteId), at: Offset) -> Option<&Version> {
        found(self.routes.get(&route)?, at)
    }

    /// An upstream's clock at a time.
    pub(super) fn clock(&self, upstream: HostId, at: Offset) -> PlanClock {
        self.clocks.get(&upstream).and_then(|clocks| found(clocks, at)).copied().unwrap_or_default()
    }
}

fn remember<T>(entries: &mut Vec<(Offset, T)>, from: Offset, entry: T) {
    if entries.len() >= REMEMBERED {
        entries.remove(0);
    }
    entries.push((from, entry));
}

/// The entry in force at a time; of one that is forgotten, the oldest that is not.
fn found<T>(entries: &[(Offset, T)], at: Offset) -> Option<&T> {
    let forgotten = entries.len() >= REMEMBERED;
    let later = entries.partition_point(|(from, _)| *from <= at);
    let index = if forgotten { Some(later.saturating_sub(1)) } else { later.checked_sub(1) };
    entries.get(index?).map(|(_, entry)| entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTE: (HostId, RouteId) = (HostId(1), RouteId(0));

    fn faults(text: &str) -> Behaviour {
        let patch = upstorm_language::fragment::behaviour(text).expect("a behaviour");
        patch.over(&Behaviour::default())
    }

    #[test]
    fn an_attempt_belongs_to_what_was_in_force_when_it_came() {
        let mut history = History::default();
        let at = Offset::from_millis;
        history.laid(ROUTE, at(10), faults(r#"{"faults": [{"share": "1%", "hang": true}]}"#));
        history.laid(
            ROUTE,
            at(20),
            faults(r#"{"faults": [{"share": "1%", "hang": true}], "latency": "5ms"}"#),
        );
        history.taken_back(HostId(1), at(30));
        let number = |ms| history.version(ROUTE, at(ms)).map(|version| version.number);
        assert_eq!([9, 10, 19, 20, 30].map(number), [None, Some(1), Some(1), Some(1), Some(2)]);
        assert!(history.version((HostId(2), RouteId(0)), at(15)).is_none());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut history = History::default();
        for n in 0..3 * REMEMBERED as u64 {
            let text = format!(r#"{{"latency": "{n}ms"}}"#);
            history.laid(ROUTE, Offset::from_millis(n), faults(&text));
        }
        assert_eq!(history.routes[&ROUTE].len(), REMEMBERED);
        assert!(history.version(ROUTE, Offset::ZERO).is_some(), "counts for the oldest that is known");
    }
}
