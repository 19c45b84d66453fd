//! Replay: a recording held against another performance of its plan in the simulated world.
//!
//! The simulated world promises the same bytes for the same plan on any machine, and a promise that nobody can check is
//! soon broken. So what was recorded there is compared byte for byte, and the first record that differs is found
//! ([`compare_records`]). Real time never repeats itself: of a recording from real sockets only what does not depend on
//! it can be compared, the fates ([`compare_fates`]) and the verdicts ([`compare_verdicts`]). Performing again and saying
//! it in words are left to others.

mod fates;
mod records;
mod verdicts;

pub use fates::{FateDifference, FatesCompared, compare_fates};
pub use records::{Difference, End, RecordsCompared, compare_records};
pub use verdicts::{VerdictDifference, compare_verdicts};
