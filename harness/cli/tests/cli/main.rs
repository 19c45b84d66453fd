//! The tool as a user meets it: the built binary, its exit codes, its messages, its files.

mod bad_input;
mod binary;
mod browser;
mod commands;
mod interrupted;
mod readme;
mod wire;
