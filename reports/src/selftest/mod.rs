//! The selftest: one document on the checks themselves, and one renderer a file.
//!
//! A verdict is worth what is known of whoever gives it. Here stands for each check on which subjects it was tried, sound
//! ones that it must hold and broken ones that it must fail, and how often it was right; and what came of experiments whose
//! result the literature knows. Performing them and counting are left to others.

mod answers;
mod document;
pub mod json;
pub mod terminal;

pub use document::{Astray, Decided, KnownAnswer, SELFTEST_VERSION, SelftestResults, SubjectRow, Tally};
pub use json::selftest_schema;
