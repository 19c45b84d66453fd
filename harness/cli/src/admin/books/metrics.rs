//! The counters, in the Prometheus text format, by OpenTelemetry's names for HTTP.
//!
//! A dashboard that shows a service's own `http.server.request.duration` shows the upstream's beside it without a word of
//! translation: same name, same labels, same buckets (OpenTelemetry semantic conventions for HTTP metrics, and its rules
//! for Prometheus names). What only this upstream has begins with `upstorm_`.

use std::collections::BTreeMap;

use prometheus::core::Collector;
use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder,
};
use upstorm_model::recording::{Admission, Attempt, Connection, ConnectionFate, End, Method};
use upstorm_model::{HostId, Plan, RouteId};

/// The buckets that the conventions advise for durations of requests, in seconds.
const DURATIONS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// Buckets for how far a delay was from the one planned, in seconds: from what a timer can do to what ruins a verdict.
const ERRORS: [f64; 12] =
    [0.000_01, 0.000_025, 0.000_05, 0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1];
/// The labels of a duration, as Prometheus writes the conventions' attributes, and the two by which ours are told apart.
const LABELS: [&str; 8] = [
    "http_request_method",
    "http_response_status_code",
    "http_route",
    "error_type",
    "url_scheme",
    "network_protocol_version",
    "upstorm_upstream",
    "upstorm_route",
];

/// What is true of an upstream at this moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gauges {
    /// Its name.
    pub(crate) upstream: String,
    /// Its open connections.
    pub(crate) connections: u64,
    /// Its queues: the route, or nothing where routes share it; who is worked on, who waits.
    pub(crate) queues: Vec<(String, u64, u64)>,
}

/// All counters.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    durations: HistogramVec,
    /// Looked up once for each kind of attempt: the look-up hashes eight texts.
    known: BTreeMap<Kind, Histogram>,
    faults: IntCounterVec,
    errors: HistogramVec,
    connections: IntGaugeVec,
    waiting: IntGaugeVec,
    busy: IntGaugeVec,
}

type Kind = (HostId, RouteId, Method, Option<u16>, End);

impl Metrics {
    /// Counted from nothing.
    ///
    /// # Errors
    /// When prometheus refuses a name, which no name of ours is.
    pub(super) fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let gauge = |name: &str, help: &str, labels: &[&str]| {
            registered(&registry, IntGaugeVec::new(Opts::new(name, help), labels)?)
        };
        let durations = HistogramOpts::new(
            "http_server_request_duration_seconds",
            "How long requests took, from the head to the end of the response.",
        );
        let errors = HistogramOpts::new(
            "upstorm_delay_error_seconds",
            "How far the delay of a response was from the one that was planned for it.",
        );
        let faults = Opts::new("upstorm_faults_injected_total", "Faults that hit, by kind.");
        let (one, queue) = (["upstorm_upstream"], ["upstorm_upstream", "upstorm_route"]);
        Ok(Self {
            durations: registered(
                &registry,
                HistogramVec::new(durations.buckets(DURATIONS.to_vec()), &LABELS)?,
            )?,
            known: BTreeMap::new(),
            faults: registered(
                &registry,
                IntCounterVec::new(faults, &["upstorm_upstream", "upstorm_route", "upstorm_fault"])?,
            )?,
            errors: registered(&registry, HistogramVec::new(errors.buckets(ERRORS.to_vec()), &one)?)?,
            connections: gauge("upstorm_open_connections", "Connections that are open.", &one)?,
            waiting: gauge("upstorm_queue_depth", "Requests that wait for a worker.", &queue)?,
            busy: gauge("upstorm_workers_busy", "Requests that a worker is at.", &queue)?,
            registry,
        })
    }

    /// Counts an attempt, and the fault that hit it.
    pub(super) fn attempt(&mut self, plan: &Plan, attempt: &Attempt, fault: Option<&'static str>) {
        let upstream = plan.host_name(attempt.upstream);
        let route =
            plan.upstream_of(attempt.upstream).and_then(|(_, u)| u.routes.get(usize::from(attempt.route.0)));
        let route_name = route.map_or("?", |route| route.name.as_str());
        let kind = (attempt.upstream, attempt.route, attempt.keys.method, attempt.status, attempt.ended);
        let durations = &self.durations;
        let duration = self.known.entry(kind).or_insert_with(|| {
            let status = attempt.status.map(|status| status.to_string()).unwrap_or_default();
            let path = route.and_then(|route| route.matches.path.as_deref()).unwrap_or_default();
            let error = error_type(attempt, &status);
            let method = attempt.keys.method.word();
            durations.with_label_values(&[method, &status, path, error, "http", "1.1", upstream, route_name])
        });
        duration.observe(attempt.end.since(attempt.head).as_secs_f64());
        if let Some(fault) = fault.or_else(|| turned_away(attempt.fate.admission)) {
            self.faults.with_label_values(&[upstream, route_name, fault]).inc();
        }
        if let Some(delay) = attempt.delay {
            let error = delay.as_secs_f64() - attempt.fate.delay.as_secs_f64();
            self.errors.with_label_values(&[upstream]).observe(error.abs());
        }
    }

    /// Counts what was done to a connection.
    pub(super) fn connection(&self, plan: &Plan, connection: &Connection) {
        let fault = match connection.fate {
            ConnectionFate::Served => return,
            ConnectionFate::Reset => "connect.reset",
            ConnectionFate::Stalled => "connect.stall",
        };
        self.faults.with_label_values(&[plan.host_name(connection.upstream), "", fault]).inc();
    }

    /// All of it, as text.
    ///
    /// # Errors
    /// When a metric cannot be written.
    pub(super) fn text(&self, gauges: &[Gauges]) -> prometheus::Result<Vec<u8>> {
        [&self.connections, &self.waiting, &self.busy].into_iter().for_each(IntGaugeVec::reset);
        for Gauges { upstream, connections, queues } in gauges {
            self.connections.with_label_values(&[upstream]).set(whole(*connections));
            for (route, busy, waiting) in queues {
                self.busy.with_label_values(&[upstream, route]).set(whole(*busy));
                self.waiting.with_label_values(&[upstream, route]).set(whole(*waiting));
            }
        }
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

fn registered<M: Collector + Clone + 'static>(registry: &Registry, metric: M) -> prometheus::Result<M> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What the conventions call the type of an error: the status from 500 on, or how the connection ended.
fn error_type<'a>(attempt: &Attempt, status: &'a str) -> &'a str {
    match attempt.ended {
        End::Completed if attempt.status.is_some_and(|status| status >= 500) => status,
        End::Completed => "",
        End::CallerLeft | End::CallerReset => "caller_left",
        End::Reset => "connection_reset",
        End::Cut => "connection_closed",
        End::Unfinished => "unfinished",
    }
}

/// The kind of a rejection, where an attempt was turned away by what stands in the scenario.
const fn turned_away(admission: Admission) -> Option<&'static str> {
    match admission {
        Admission::Limited => Some("limit"),
        Admission::Overflowed => Some("capacity"),
        Admission::Admitted | Admission::Misworded | Admission::TooLarge | Admission::Repeated => None,
    }
}
