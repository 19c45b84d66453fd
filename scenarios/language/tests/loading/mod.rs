//! Loading scenarios in tests.

#![allow(dead_code, unused_imports, reason = "each test binary uses its part")]

mod fixtures;

pub(crate) use fixtures::*;
