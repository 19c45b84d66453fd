//! The ledger: where every record is entered, and where changes by hand are noted so that it is entered rightly.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use upstorm_model::recording::{Attempt, Connection, Origin, Record};
use upstorm_model::scenario::{Behaviour, FaultKind};
use upstorm_model::{HostId, Offset, Plan, RouteId};
use upstorm_upstream::{InForce, PlanClock};
use upstorm_world::Tap;

use super::history::History;
use super::log::{KEPT, Kept, Log, Page};
use super::metrics::{Gauges, Metrics};
use super::tally::{Counts, Listed, Tallies};

/// The books, shared between the recorder's thread and whoever reads them.
#[derive(Debug, Clone)]
pub(crate) struct Books(Arc<Mutex<Ledger>>);

#[derive(Debug)]
struct Ledger {
    plan: Arc<Plan>,
    history: History,
    log: Log,
    tallies: Tallies,
    metrics: Metrics,
}

impl Books {
    /// Empty.
    ///
    /// # Errors
    /// When prometheus refuses a name, which no name of ours is.
    pub(crate) fn new(plan: &Arc<Plan>) -> prometheus::Result<Self> {
        let (history, log, tallies) = (History::default(), Log::new(KEPT), Tallies::default());
        let ledger = Ledger { plan: Arc::clone(plan), history, log, tallies, metrics: Metrics::new()? };
        Ok(Self(Arc::new(Mutex::new(ledger))))
    }

    /// Enters every record that it sees.
    pub(crate) fn tap(&self) -> Box<dyn Tap> {
        Box::new(self.clone())
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is laid over a route, noting it at the same moment.
    pub(crate) fn laid(
        &self,
        route: (HostId, RouteId),
        over: Behaviour,
        change: impl FnOnce() -> InForce,
    ) -> InForce {
        let mut ledger = self.ledger();
        let in_force = change();
        ledger.history.laid(route, in_force.at(), over);
        in_force
    }

    /// Sets an upstream's clock, noting it at the same moment. `clock` makes it from the time since when it is set.
    pub(crate) fn set(
        &self,
        upstream: HostId,
        clock: impl FnOnce(Offset) -> PlanClock,
        change: impl FnOnce() -> InForce,
    ) -> InForce {
        let mut ledger = self.ledger();
        let in_force = change();
        ledger.history.set(upstream, in_force.at(), clock(in_force.at()));
        in_force
    }

    /// Takes back all that was changed of an upstream, noting it at the same moment.
    pub(crate) fn taken_back(&self, upstream: HostId, change: impl FnOnce() -> InForce) -> InForce {
        let mut ledger = self.ledger();
        let in_force = change();
        ledger.history.taken_back(upstream, in_force.at());
        in_force
    }

    /// Begins to count from nothing. The log stays.
    ///
    /// # Errors
    /// When prometheus refuses a name, which no name of ours is.
    pub(crate) fn clear_counters(&self) -> prometheus::Result<()> {
        let metrics = Metrics::new()?;
        let mut ledger = self.ledger();
        (ledger.tallies, ledger.metrics) = (Tallies::default(), metrics);
        Ok(())
    }

    /// The next attempts of the log after this number that are wanted.
    pub(crate) fn page(&self, after: u64, limit: usize, wanted: &dyn Fn(&Kept) -> bool) -> Page {
        self.ledger().log.page(after, limit, wanted)
    }

    /// The counts of each fault that a route has in this segment at this time.
    pub(crate) fn of_route(&self, route: (HostId, RouteId), segment: u16, at: Offset) -> Vec<Counts> {
        let ledger = self.ledger();
        let Some(listed) = Listed::at((&ledger.plan, &ledger.history), route, segment, at) else {
            return Vec::new();
        };
        let whose = (route.0, Some(route.1));
        (0..).zip(listed.faults).map(|(index, _)| ledger.tallies.of(whose, &listed, index)).collect()
    }

    /// The counts of a fault of connections in this segment.
    pub(crate) fn of_connections(&self, upstream: HostId, segment: u16, index: u8) -> Counts {
        self.ledger().tallies.of_connections(upstream, segment, index)
    }

    /// The counters, with what is true at this moment, in the Prometheus text format.
    ///
    /// # Errors
    /// When a metric cannot be written.
    pub(crate) fn metrics(&self, gauges: &[Gauges]) -> prometheus::Result<Vec<u8>> {
        self.ledger().metrics.text(gauges)
    }
}

impl Tap for Books {
    fn see(&mut self, record: &Record) {
        match record {
            Record::Attempt(attempt) => self.ledger().attempt(attempt),
            Record::Connection(connection) => self.ledger().connection(connection),
            Record::Call(_) | Record::Mark(_) => {}
        }
    }
}

impl Ledger {
    fn progress(&self, upstream: HostId, segment: u16, at: Offset) -> f64 {
        let shown = self.history.clock(upstream, at).plan_at(at);
        self.plan.progress(usize::from(segment), shown)
    }

    /// The fault that hit an attempt: one of the list, or one that the script gave it.
    fn fault(&self, attempt: &Attempt, listed: Option<&Listed<'_>>) -> Option<&'static str> {
        match attempt.fate.origin {
            Origin::Drawn => {
                let index = attempt.fate.fault?;
                listed?.faults.get(usize::from(index)).map(|fault| fault.kind.key())
            }
            Origin::Scripted(index) => {
                let version = self.history.version((attempt.upstream, attempt.route), attempt.head);
                let (_, upstream) = self.plan.upstream_of(attempt.upstream)?;
                let segment = upstream.timeline.get(usize::from(attempt.segment))?;
                let planned = segment.routes.get(usize::from(attempt.route.0))?.script.as_ref();
                let script = version.and_then(|version| version.over.script.as_ref()).or(planned)?;
                script.steps().get(usize::from(index))?.fault.as_ref().map(FaultKind::key)
            }
            Origin::Held(by) => {
                let version = self.history.version((attempt.upstream, attempt.route), attempt.head);
                let (_, upstream) = self.plan.upstream_of(attempt.upstream)?;
                let segment = upstream.timeline.get(usize::from(attempt.segment))?;
                let planned = segment.routes.get(usize::from(attempt.route.0))?;
                let laid = version.map(|version| planned.overlaid(&version.over));
                laid.as_ref().unwrap_or(planned).ending(by)?.fault.as_ref().map(FaultKind::key)
            }
            Origin::Demanded => None,
        }
    }

    fn attempt(&mut self, attempt: &Attempt) {
        let at = attempt.head;
        let progress = self.progress(attempt.upstream, attempt.segment, at);
        let route = (attempt.upstream, attempt.route);
        let listed = Listed::at((&self.plan, &self.history), route, attempt.segment, at);
        let fault = self.fault(attempt, listed.as_ref());
        if let Some(listed) = &listed {
            self.tallies.attempt(attempt, listed, progress);
        }
        let laid = self.history.version(route, at);
        let changed = laid.is_some_and(|version| version.over != Behaviour::default())
            || self.history.clock(attempt.upstream, at) != PlanClock::default();
        self.log.keep(attempt, fault, changed);
        self.metrics.attempt(&self.plan, attempt, fault);
    }

    fn connection(&mut self, connection: &Connection) {
        let progress = self.progress(connection.upstream, connection.segment, connection.accepted);
        self.tallies.connection(&self.plan, connection, progress);
        self.metrics.connection(&self.plan, connection);
    }
}
