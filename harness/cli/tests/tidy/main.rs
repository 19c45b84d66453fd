//! The house rules, kept by a test: sizes, headers, names, bans, the table of rooms and who may depend on whom.
//!
//! Rules that are only written down are forgotten; these fail the build and say what to do.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod bans;
mod rooms;
mod sizes;
mod sources;
