//! Reports on a terminal, at most 100 columns wide: a table of verdicts, then a sentence for each that did not hold.
//!
//! This is what most runs are read by. It must stand alone: a stranger sees what was expected, what was observed, how
//! sure that is, and how to do it again. Here are the page and the report of one run; that of several seeds is
//! [`seeds::terminal`](crate::seeds::terminal).

mod lines;
mod page;
mod run;

pub use page::Style;
pub(crate) use page::{Column, Page};
pub use run::render;
