//! The tool as a user meets it: the built binary, its exit codes, its messages, its files.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod bad_input;
mod binary;
mod browser;
mod commands;
mod interrupted;
mod readme;
mod repeatable;
mod replay;
mod seeds;
mod wire;
