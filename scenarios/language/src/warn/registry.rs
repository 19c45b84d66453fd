//! The rules, in the order of their codes.

use upstorm_model::Plan;

use super::case::Case;
use super::{
    checks, choice, cohorts, crowding, faults, hints, links, overlays, overload, policies, reach, updates,
};
use crate::Loaded;
use crate::diagnostic::{Code, Diagnostic, codes};

/// A rule: the code it warns with, and what finds it.
type Rule = (&'static Code, fn(&Case<'_>, &mut Vec<Diagnostic>));

/// Every rule.
const RULES: &[Rule] = &[
    (&codes::CANNOT_FAIL, checks::cannot_fail),
    (&codes::CANNOT_PASS, checks::cannot_pass),
    (&codes::TOO_FEW_SAMPLES, checks::too_few_samples),
    (&codes::UNREACHED, reach::unreached),
    (&codes::OVER_OWN_LIMIT, crowding::over_own_limit),
    (&codes::OVER_LIMIT, crowding::over_limit),
    (&codes::NO_EFFECT, overlays::no_effect),
    (&codes::NO_LOAD, checks::no_load),
    (&codes::OVERRIDDEN, overlays::overridden),
    (&codes::BEYOND_BODY, faults::beyond_body),
    (&codes::SHADOWED, faults::shadowed),
    (&codes::RARE, faults::rare),
    (&codes::CROWDED, crowding::crowded),
    (&codes::RESTARTING_RAMP, overlays::restarting_ramp),
    (&codes::HINT_TOO_LONG, hints::too_long),
    (&codes::TUNED_BUT_OFF, policies::tuned_but_off),
    (&codes::IDLE_LINK, links::without_effect),
    (&codes::BELOW_ROUND_TRIP, links::too_short),
    (&codes::OVER_CAPACITY, overload::over_capacity),
    (&codes::AMONG_ONE, choice::among_one),
    (&codes::CANNOT_GATHER, cohorts::cannot_gather),
    (&codes::NO_SILENCE, cohorts::no_silence),
    (&codes::NO_ROW, updates::without_a_row),
];

/// Everything that would make a run of this plan worth less than it looks, in the order of the places. The plan must be
/// made from this scenario.
#[must_use]
pub fn warnings(loaded: &Loaded, plan: &Plan) -> Vec<Diagnostic> {
    let case = Case::new(loaded, plan);
    let mut found = Vec::new();
    for (_, rule) in RULES {
        rule(&case, &mut found);
    }
    found.sort_by_key(|d| d.spot().map(|spot| (spot.source, spot.start, spot.end)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_rule_in_order() {
        let rules: Vec<&str> = RULES.iter().map(|(code, _)| code.id).collect();
        let listed: Vec<&str> = codes::WARNINGS.iter().map(|code| code.id).collect();
        assert_eq!(rules, listed);
    }
}
