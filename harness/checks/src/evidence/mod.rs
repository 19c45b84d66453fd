//! Evidence: a recording, ordered the way checks look at it.
//!
//! Calls of a client, attempts of an edge grouped into calls, calls offered to an edge, and the periods a check looks
//! at. What is gathered here is what happened; what follows from it is for the checks.

mod attempts;
mod by_call;
mod edge;
mod grouping;
mod index;
mod lateness;
mod offered;
mod period;
mod reach;
mod returning;
mod sent;
mod stall;
mod turnaround;

pub use attempts::{failed, overtaken, succeeded};
pub use by_call::ByCall;
pub use edge::{CallTries, Edge};
pub use grouping::Grouping;
pub use index::Evidence;
pub use lateness::{lateness_limit, lateness_p99};
pub use offered::{Answer, FAST, Offered, offered};
pub use period::Period;
pub use reach::Reach;
pub use returning::returning;
pub use sent::Sent;
pub use stall::stall;
pub use turnaround::Turnaround;
