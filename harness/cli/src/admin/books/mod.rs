//! The books: the last attempts, how often each fault hit, and the counters for Prometheus.
//!
//! Fed by the recorder on its own thread, so that keeping them delays no request. They are for people who watch; checks
//! read the recording, which holds everything.

mod history;
mod ledger;
mod log;
mod metrics;
mod tally;

pub(crate) use ledger::Books;
pub(crate) use log::{KEPT, Kept};
pub(crate) use metrics::Gauges;
pub(crate) use tally::{CONNECT_RESET, CONNECT_STALL, Counts};
