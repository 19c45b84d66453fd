//! The matrix: one scenario, several variants of it, to be compared under the same arrivals and the same fates.
//!
//! "Is the breaker worth it?" is a question about two configurations, and two files drift apart. Here a variant is the
//! file itself with a few paths set as `--set` would set them, decoded and validated as a whole: what cannot run alone
//! cannot run in a matrix, and what is wrong with a variant is shown where the matrix says it.

mod axes;
mod glob;
mod label;
mod load;
mod plans;
mod select;
mod variant;

pub use glob::matches;
pub(crate) use load::{Decoded, DecodedMatrix, variants};
pub use plans::{plans, warnings};
pub use variant::{Matrix, Setting, Variant};
