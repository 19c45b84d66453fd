//! Cache: which answers are kept, for how long, and which one goes when there are too many.

mod machine;
mod terms;

pub use machine::{Cache, Found, Kept};
pub use terms::{Demand, Terms};
