//! Resilience crates of others as subjects: each in the place of a client, judged by the same checks as anybody.
//!
//! A check that was only ever asked about the project's own policies proves little: it may share their misunderstandings.
//! These crates are what people use; what they promise is held against what comes out of them, and for each finding the
//! line of their source is named that explains it. Checks that fail are no verdict on a crate as a whole: what it does
//! right stands in the same table. `UPSTORM_WRITE_FINDINGS=1 cargo test -p upstorm --test subjects` writes the table into
//! the README; without that, the README is compared with what is found.
//!
//! A subject runs in the simulated world where it waits by tokio's time and takes any connection; over real sockets where
//! it asks the machine's clock or opens its own.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod found;
mod ground;
mod library;
mod rows;
mod table;
mod wire;

use upstorm_model::scenario::WorldKind;

#[test]
fn in_the_simulated_world_each_is_found_to_be_what_it_is() {
    found::all_as_expected(WorldKind::Sim);
}

#[test]
fn over_real_sockets_each_is_found_to_be_what_it_is() {
    found::all_as_expected(WorldKind::Real);
}

#[test]
fn the_readme_says_what_is_found() {
    table::is_in_the_readme();
}
