//! Statistics: how sure a measured value is.
//!
//! A share of 0 in 10 and a share of 0 in 10,000 are not the same finding. Each file is one method with its source and
//! a test against published values. Nothing here knows what a call is.

mod binomial;
mod bootstrap;
mod chi_squared;
mod clopper_pearson;
mod dispersion;
mod holm;
mod kolmogorov_smirnov;
mod peak;
mod quantile;
mod spread;
mod student;
mod trend;

pub use binomial::{at_most, two_sided_p};
pub use bootstrap::Redrawn;
pub use chi_squared::ChiSquared;
pub use clopper_pearson::{chance_of_fewer, chance_of_more, least_n, lower, upper};
pub use dispersion::dispersion;
pub use holm::rejected;
pub use kolmogorov_smirnov::{critical, distance, p_value};
pub use peak::{chance_of_peak, peak_of_chance, peak_over_mean};
pub use quantile::{QuantileBounds, quantile};
pub use spread::{chance_of_meetings, close_pairs, effective_width};
pub use student::mean_interval;
pub use trend::slope;
