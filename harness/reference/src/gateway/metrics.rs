//! What a gateway counts of itself, in the Prometheus text format.
//!
//! For a person who watches a run, and as an example of what a gateway under test should offer. Never evidence: checks
//! read what callers and upstreams recorded, because a gateway that is wrong may well be wrong about itself.

use std::sync::OnceLock;
use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};
use upstorm_policy::Scope;

use super::problem::Problem;

/// Upper edges of the latency buckets, in seconds.
const BUCKETS: [f64; 16] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 60.0];
/// Statuses that have a counter of their own.
const STATUSES: std::ops::Range<u16> = 100..600;
/// The states of a breaker, as they are written.
const BREAKER_STATES: [&str; 3] = ["closed", "open", "half_open"];

/// How an answer from the cache is called.
const CACHED: [&str; 2] = ["fresh", "stale"];

/// A state of the breaker, as the metrics show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BreakerShown {
    /// Passes.
    Closed,
    /// Rejects.
    Open,
    /// Probes.
    HalfOpen,
}

/// The counters of one gateway.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    /// Looked up once for each status: the look-up takes a lock and a hash.
    by_status: Vec<OnceLock<IntCounter>>,
    own_answers: Vec<IntCounter>,
    attempts: IntCounter,
    retries: IntCounter,
    extras: IntCounter,
    cached: [IntCounter; CACHED.len()],
    fallbacks: IntCounter,
    budget_refusals: IntCounter,
    breaker: IntGaugeVec,
    in_flight: IntGauge,
    latency: Histogram,
}

impl Metrics {
    /// The counters of the gateway of this name.
    ///
    /// # Errors
    /// When prometheus refuses a name, which no name of ours is.
    pub(super) fn of(gateway: &str) -> prometheus::Result<Self> {
        let new = Book { registry: Registry::new(), gateway };
        let requests = new.counters("requests_total", "Calls answered, by status.", "status")?;
        let own =
            new.counters("own_answers_total", "Calls the gateway answered itself, by reason.", "reason")?;
        let cached = new.counters("cache_answers_total", "Calls answered from the cache.", "age")?;
        let (what, labels) = ("1 for the state the breaker before a target is in.", ["target", "state"]);
        let breaker = new.gauges("breaker_state", what, &labels)?;
        Ok(Self {
            requests,
            by_status: STATUSES.map(|_| OnceLock::new()).collect(),
            own_answers: Problem::all().map(|p| own.with_label_values(&[p.name()])).collect(),
            attempts: new.counter("attempts_total", "Tries on the wire.")?,
            retries: new.counter("retries_total", "Tries after the first of a call.")?,
            extras: new.counter("hedges_total", "Tries beside a slow one.")?,
            cached: CACHED.map(|age| cached.with_label_values(&[age])),
            fallbacks: new.counter("fallbacks_total", "Calls answered with the fallback.")?,
            budget_refusals: new
                .counter("retry_budget_refusals_total", "Retries that the budget refused.")?,
            breaker,
            in_flight: new.gauge("in_flight", "Calls that are not answered yet.")?,
            latency: new.histogram("request_seconds", "Time to the head of the answer.")?,
            registry: new.registry,
        })
    }

    /// A call came in; counted as in flight until what is returned is dropped.
    pub(super) fn enter(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// A call was answered with this status, this long after it came in.
    pub(super) fn answered(&self, status: u16, after: Duration) {
        self.latency.observe(after.as_secs_f64());
        let slot = self.by_status.get(usize::from(status.wrapping_sub(STATUSES.start)));
        if let Some(slot) = slot {
            slot.get_or_init(|| self.requests.with_label_values(&[&status.to_string()])).inc();
        }
    }

    /// The gateway answered itself.
    pub(super) fn own_answer(&self, problem: Problem) {
        if let Some(counter) = self.own_answers.get(problem as usize) {
            counter.inc();
        }
    }

    /// An attempt goes out, the first or a later one of its call.
    pub(super) fn attempt(&self, scope: Scope) {
        self.attempts.inc();
        if scope.extra {
            self.extras.inc();
        } else if scope.ordinal > 1 {
            self.retries.inc();
        }
    }

    /// A call was answered from the cache.
    pub(super) fn cached(&self, stale: bool) {
        self.cached[usize::from(stale)].inc();
    }

    /// A call was answered with the fallback.
    pub(super) fn fell_back(&self) {
        self.fallbacks.inc();
    }

    /// The retry budget refused a retry.
    pub(super) fn budget_refused(&self) {
        self.budget_refusals.inc();
    }

    /// The breaker before this target is in this state now.
    pub(super) fn breaker_is(&self, target: &str, state: BreakerShown) {
        for (index, name) in BREAKER_STATES.iter().enumerate() {
            self.breaker.with_label_values(&[target, name]).set(i64::from(index == state as usize));
        }
    }

    /// Calls in flight now.
    pub(super) fn in_flight(&self) -> i64 {
        self.in_flight.get()
    }

    /// Everything, as text.
    ///
    /// # Errors
    /// When a metric cannot be written.
    pub(super) fn text(&self) -> prometheus::Result<Vec<u8>> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

/// Makes metrics and registers them.
struct Book<'a> {
    registry: Registry,
    gateway: &'a str,
}

impl Book<'_> {
    fn opts(&self, name: &str, help: &str) -> Opts {
        Opts::new(name, help).namespace("upstorm_gateway").const_label("gateway", self.gateway)
    }

    fn registered<M: Collector + Clone + 'static>(&self, metric: M) -> prometheus::Result<M> {
        self.registry.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    fn counter(&self, name: &str, help: &str) -> prometheus::Result<IntCounter> {
        self.registered(IntCounter::with_opts(self.opts(name, help))?)
    }

    fn counters(&self, name: &str, help: &str, label: &str) -> prometheus::Result<IntCounterVec> {
        self.registered(IntCounterVec::new(self.opts(name, help), &[label])?)
    }

    fn gauge(&self, name: &str, help: &str) -> prometheus::Result<IntGauge> {
        self.registered(IntGauge::with_opts(self.opts(name, help))?)
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntGaugeVec> {
        self.registered(IntGaugeVec::new(self.opts(name, help), labels)?)
    }

    fn histogram(&self, name: &str, help: &str) -> prometheus::Result<Histogram> {
        let opts = HistogramOpts::from(self.opts(name, help)).buckets(BUCKETS.to_vec());
        self.registered(Histogram::with_opts(opts)?)
    }
}

/// A call in flight.
#[derive(Debug)]
pub(super) struct InFlight(IntGauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_written_under_their_names() {
        let metrics = Metrics::of("edge").unwrap();
        let scope = |ordinal, extra| Scope { ordinal, extra, ..Scope::default() };
        metrics.attempt(scope(1, false));
        metrics.attempt(scope(2, false));
        metrics.attempt(scope(4, true));
        metrics.cached(true);
        metrics.answered(200, Duration::from_millis(3));
        metrics.answered(503, Duration::from_millis(3));
        metrics.own_answer(Problem::BreakerOpen);
        metrics.breaker_is("payments", BreakerShown::Open);
        metrics.answered(999, Duration::ZERO);
        let in_flight = metrics.enter();
        let text = String::from_utf8(metrics.text().unwrap()).unwrap();
        for line in [
            r#"upstorm_gateway_attempts_total{gateway="edge"} 3"#,
            r#"upstorm_gateway_hedges_total{gateway="edge"} 1"#,
            r#"upstorm_gateway_cache_answers_total{age="stale",gateway="edge"} 1"#,
            r#"upstorm_gateway_cache_answers_total{age="fresh",gateway="edge"} 0"#,
            r#"upstorm_gateway_retries_total{gateway="edge"} 1"#,
            r#"upstorm_gateway_requests_total{gateway="edge",status="503"} 1"#,
            r#"upstorm_gateway_own_answers_total{gateway="edge",reason="breaker-open"} 1"#,
            r#"upstorm_gateway_breaker_state{gateway="edge",state="open",target="payments"} 1"#,
            r#"upstorm_gateway_breaker_state{gateway="edge",state="closed",target="payments"} 0"#,
            r#"upstorm_gateway_in_flight{gateway="edge"} 1"#,
            r#"upstorm_gateway_request_seconds_bucket{gateway="edge",le="0.005"} 3"#,
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        drop(in_flight);
        assert_eq!(metrics.in_flight(), 0);
    }
}
