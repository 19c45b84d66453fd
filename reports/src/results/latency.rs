//! Latencies of successful calls, gathered in a histogram of three significant digits.
//!
//! A million calls cost no more memory than a thousand, and a percentile is off by a thousandth at most
//! (HdrHistogram).

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Latencies of successful calls from their planned time, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Latencies {
    /// Half are faster.
    pub p50: f64,
    /// 90 % are faster.
    pub p90: f64,
    /// 95 % are faster.
    pub p95: f64,
    /// 99 % are faster.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
}

/// Latencies in microseconds, to three significant digits.
pub(super) struct Micros(Option<Histogram<u64>>);

impl Micros {
    pub(super) fn new() -> Self {
        // Three digits are always a legal precision; without a histogram there are no percentiles, and no panic.
        Self(Histogram::new(3).ok())
    }

    pub(super) fn add(&mut self, nanos: u128) {
        if let Some(histogram) = &mut self.0 {
            let micros = u64::try_from(nanos / 1000).unwrap_or(u64::MAX);
            // An hour is longer than any call; a larger histogram would only cost memory. It grows by itself, so
            // that recording cannot fail below that.
            let _ = histogram.record(micros.min(3_600_000_000));
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.0.as_ref().map_or(0, Histogram::len)
    }

    /// The latency in seconds that this share of the calls stays within.
    pub(super) fn at(&self, share: f64) -> f64 {
        self.0.as_ref().map_or(0.0, |h| h.value_at_quantile(share.clamp(0.0, 1.0)) as f64 / 1e6)
    }

    pub(super) fn max(&self) -> f64 {
        self.0.as_ref().map_or(0.0, |h| h.max() as f64 / 1e6)
    }

    pub(super) fn latencies(&self) -> Option<Latencies> {
        (self.len() > 0).then(|| Latencies {
            p50: self.at(0.5),
            p90: self.at(0.9),
            p95: self.at(0.95),
            p99: self.at(0.99),
            max: self.max(),
        })
    }
}
