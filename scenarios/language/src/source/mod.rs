//! Sources: the texts that a scenario is made of, and places in them.
//!
//! A scenario may come from several files (`extends`) and from the command line (`--set`), and an error is only
//! useful where the reader wrote the mistake. So every text is kept, and every value knows its [`Spot`].
//! Reading bytes is left to the caller.

mod intake;
mod map;

pub(crate) use intake::{NotText, into_text};
pub use map::{Position, Source, SourceId, Sources, Spot};
