//! The codes of errors, by what goes wrong: reading the files, the shape of the tables, values, names,
//! the matrix.

mod files;
mod matrix;
mod names;
mod shape;
mod values;

pub use files::*;
pub use matrix::*;
pub use names::*;
pub use shape::*;
pub use values::*;

use super::Code;

/// Every code of an error, in order.
pub static ERRORS: &[&[&Code]] = &[FILES, SHAPE, VALUES, NAMES, MATRIX];
