//! What a recording says of itself before its first record.

use upstorm_model::Plan;
use upstorm_model::recording::Header;
use upstorm_model::recording::codec::RECORDING_VERSION;

/// The header of a recording of this plan, made by this version.
#[must_use]
pub fn header_of(plan: &Plan) -> Header {
    Header {
        version: RECORDING_VERSION,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: plan.scenario.clone(),
        seed: plan.seed.0,
    }
}
