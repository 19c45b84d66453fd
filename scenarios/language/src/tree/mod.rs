//! The spanned tree: what was written, before it means anything.
//!
//! Files are parsed into it, merged (`extends`), changed (`--set`) and filled in (`${…}`), and every value goes on
//! knowing where it was written. Serde's tagged and untagged enums lose those spans, hence a tree of our own.

mod extends;
mod json;
mod merge;
mod node;
mod parse;
mod path;
mod placeholder;
mod set;
mod spans;
mod substitute;

pub(crate) use extends::read_with_bases;
pub(crate) use json::{Json, JsonText};
pub(crate) use node::{Entry, Node, Table, Value};
pub(crate) use path::{Path, Written};
pub(crate) use set::apply_sets;
pub use spans::Spans;
pub(crate) use substitute::substitute;
