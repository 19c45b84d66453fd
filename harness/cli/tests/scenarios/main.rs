//! Every built-in scenario in both worlds: a sound subject holds it, and each broken twin fails the right checks.
//!
//! A scenario that no subject can fail proves nothing, and one whose verdict depends on the seed or on the world proves
//! little. The simulated world is where they are asked with many seeds; real sockets keep the simulation honest.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod guide;
mod known_answers;
mod real;
mod rows;
mod simulated;
mod updates;
