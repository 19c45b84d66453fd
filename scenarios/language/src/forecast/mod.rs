//! Forecast: what a plan will do if nothing surprising happens, in numbers.
//!
//! A run that cannot give its checks enough samples, or whose load never reaches the fault, is known to be worthless
//! before it starts. Warnings and `explain` both need these figures, so they are made once. They are expectations
//! before retries and breakers: good for "far too few", not for bounds; bounds are left to the checks.

mod capacity;
mod held;
mod odds;
mod retries;
mod round_trip;
mod routing;
mod samples;
mod scripted;
mod traffic;
mod ways;

pub(crate) use capacity::{stay_of, workload};
pub(crate) use odds::{Odds, odds};
pub(crate) use round_trip::round_trip;
pub(crate) use routing::serving;
pub(crate) use samples::{Need, looked_at, needs};
pub(crate) use traffic::{Traffic, seconds};
pub(crate) use ways::{ways, ways_from};
