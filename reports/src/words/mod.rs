//! Words: the one place that says what each measure is called and what a failure of it means.
//!
//! A verdict helps only a reader who understands it. So each failure is told in one sentence: who did what, how much,
//! how sure that is, what was allowed, and why it matters. Results hold numbers only; every report takes its words here.

mod fidelity;
mod measure;
mod run;
mod sentence;

pub use fidelity::fidelity;
pub use measure::{Words, of};
pub use run::{during, exit, headline, is_always_on, partial, verdict, verdict_of, world};
pub use sentence::{doubt, expected, failure, label, observed, sentences, source};
