//! The selftest: every check is tried on subjects whose verdict is known before, and the literature's figures are measured.
//!
//! A gate is worth what its verdicts are worth, and a check that was never seen to fail proves nothing. Which subjects there
//! are stands in the table; trying them, counting and progress in the files beside it.

mod answers;
mod asked;
mod counting;
mod progress;
mod row;
mod subjects;
mod table;
mod table_of_harness;

pub(crate) use asked::Selftest;
pub(crate) use row::Row;
pub(crate) use table::rows;
