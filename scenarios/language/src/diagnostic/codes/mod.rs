//! The codes of diagnostics: one registry that `upstorm explain`, the docs and the completeness test go through.
//!
//! A code is for ever: it may be retired, but never given to something else, because people search for it.

mod code;
mod errors;
mod warnings;

pub use code::{Code, all_codes, explain_code};
pub use errors::*;
pub use warnings::*;
