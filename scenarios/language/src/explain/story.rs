//! The explanation from top to bottom: a section each.

use upstorm_model::Plan;

use super::{checks, figures, hosts, links, policy, timeline, variants};
use crate::Loaded;
use crate::forecast::Traffic;

/// What `upstorm explain SCENARIO` prints.
#[must_use]
pub fn explain(loaded: &Loaded, plan: &Plan) -> String {
    let traffic = Traffic::of(plan);
    let parts = [
        hosts::heading(loaded, plan),
        variants::variants(loaded),
        hosts::hosts(plan),
        links::links(plan),
        timeline::timeline(&loaded.scenario, plan),
        figures::calls(plan, &traffic),
        figures::faults(plan, &traffic),
        checks::checks(plan, &traffic),
        policy::policies(plan),
    ];
    let shown: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    shown.join("\n")
}
