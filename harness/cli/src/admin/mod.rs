//! The admin API: whoever runs a scenario looks at it and changes it while it runs.
//!
//! An HTTP server of its own, on a listener of its own and on a thread that serves no measured request. It needs the
//! language, to read what people write, and the upstream's typed handle, to do it, so it stands in the one room that may
//! know both. What can be asked is one table ([`api`]); who may ask is decided before anything is read ([`door`]); what is
//! counted and kept comes from the recorder, off the path of requests ([`books`]).

mod api;
mod books;
mod desk;
mod door;
mod options;

pub(crate) use books::Books;
pub(crate) use desk::Desk;
pub(crate) use door::listen;
pub(crate) use options::{Address, Options, Way};
