//! Evidence: a recording, ordered the way checks look at it.
//!
//! Calls of a client, attempts of an edge grouped into calls, calls offered to an edge, and the periods a check looks
//! at. What is gathered here is what happened; what follows from it is for the checks.

mod attempts;
mod edge;
mod index;
mod lateness;
mod offered;
mod period;
mod returning;
mod sent;
mod turnaround;

pub use attempts::{failed, overtaken, succeeded};
pub use edge::{CallTries, Edge, Grouping};
pub use index::Evidence;
pub use lateness::{lateness_limit, lateness_p99};
pub use offered::{Answer, Offered, offered};
pub use period::Period;
pub use returning::returning;
pub use sent::Sent;
pub use turnaround::Turnaround;
