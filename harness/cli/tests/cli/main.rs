//! The tool as a user meets it: the built binary, its exit codes, its messages, its files.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod admin;
mod admin_document;
mod bad_input;
mod binary;
mod browser;
mod commands;
mod interrupted;
mod matrix;
mod readme;
mod repeatable;
mod replay;
mod seeds;
mod steered;
mod wire;
mod wire_held;
mod wire_script;
