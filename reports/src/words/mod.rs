//! Words: the one place that says what each measure is called and what a failure of it means.
//!
//! A verdict helps only a reader who understands it. So each failure is told in one sentence: who did what, how much,
//! how sure that is, what was allowed, and why it matters. Results hold numbers only; every report takes its words here.

mod alert;
mod breaker;
mod effects;
mod fidelity;
mod giving_up;
mod measure;
mod protection;
mod provenance;
mod recognised;
mod recovery;
mod run;
mod sentence;
mod stale;
mod tally;
mod waits;

pub use fidelity::{delays, fidelity, noise};
pub use measure::{Words, of};
pub use provenance::{digest, pace, provenance};
pub(crate) use recognised::recognised;
pub(crate) use run::counted;
pub use run::{during, exit, headline, is_always_on, partial, verdict, verdict_of, world};
pub(crate) use sentence::{allowed, doubt_of, expected_of, label_of, unlikely};
pub use sentence::{doubt, expected, failure, label, observed, sentences, source};
