//! Overlays that do nothing, or something else than they seem to.

use upstorm_model::scenario::{Behaviour, Overlay};

use super::case::Case;
use crate::Spans;
use crate::compile::same_as_base;
use crate::diagnostic::{Diagnostic, codes};

/// A key of a behaviour, and whether a behaviour has it.
type Key = (&'static str, fn(&Behaviour) -> bool);

const KEYS: [Key; 10] = [
    ("limit", |b| b.limit.is_some()),
    ("capacity", |b| b.capacity.is_some()),
    ("latency", |b| b.latency.is_some()),
    ("status", |b| b.status.is_some()),
    ("body", |b| b.body.is_some()),
    ("faults", |b| b.faults.is_some()),
    ("script", |b| b.script.is_some()),
    ("hold", |b| b.hold.is_some()),
    ("probes", |b| b.probes.is_some()),
    ("ledger", |b| b.ledger.is_some()),
];

/// W007.
pub(super) fn no_effect(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for (index, phase) in case.scenario().phase.iter().enumerate() {
        let says_something = phase.overlay != Overlay::default()
            || phase.steps.iter().any(|s| s.overlay != Overlay::default());
        if says_something && same_as_base(case.scenario(), case.plan, index) {
            let message = format!("phase `{}` puts something over the base, and changes nothing", phase.name);
            found.push(case.warn(&codes::NO_EFFECT, &format!("phase[{index}]"), message));
        }
    }
}

/// W009.
pub(super) fn overridden(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for (index, phase) in case.scenario().phase.iter().enumerate() {
        let own = std::iter::once((format!("phase[{index}]"), vec![&phase.overlay]));
        let steps = phase.steps.iter().enumerate();
        let steps = steps
            .map(|(s, step)| (format!("phase[{index}].steps[{s}]"), vec![&phase.overlay, &step.overlay]));
        for (path, layers) in own.chain(steps) {
            found.extend(overridden_in(case, &path, &layers));
        }
    }
}

/// What the last of these layers sets on an upstream in vain.
fn overridden_in(case: &Case<'_>, path: &str, layers: &[&Overlay]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (name, over) in layers.last().into_iter().flat_map(|overlay| &overlay.upstream) {
        let segments = || 0..case.plan.segments.len();
        let replicas = || case.plan.upstreams.iter().filter(|u| case.plan.name_of_all(u.host) == name);
        let (Some(upstream), Some(written)) = (replicas().next(), case.scenario().upstream.get(name)) else {
            continue;
        };
        let is_reached =
            |route: &usize| replicas().any(|u| segments().any(|s| case.traffic.at_route(u, *route, s) > 0.0));
        let reached: Vec<usize> = (0..upstream.routes.len()).filter(is_reached).collect();
        for (key, has) in KEYS.iter().filter(|(_, has)| has(&over.behaviour)) {
            let has_own = |route: &usize| {
                let name_of = &upstream.routes[*route].name;
                let base = written.route.get(*route).is_some_and(|r| has(&r.behaviour));
                let over =
                    |o: &&Overlay| o.upstream.get(name).and_then(|u| u.route.get(name_of)).is_some_and(has);
                base || layers.iter().any(over)
            };
            if !reached.is_empty() && reached.iter().all(has_own) {
                let message = format!(
                    "every route of `{name}` that is called has its own `{key}`, so this is never used"
                );
                let path = format!("{path}.upstream.{}.{key}", Spans::quoted(name));
                found.push(case.warn(&codes::OVERRIDDEN, &path, message));
            }
        }
    }
    found
}

/// W014.
pub(super) fn restarting_ramp(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for (index, phase) in case.scenario().phase.iter().enumerate().filter(|(_, p)| !p.steps.is_empty()) {
        let written = serde_json::to_value(&phase.overlay).unwrap_or_default();
        if has_ramp(&written) {
            let message =
                format!("a ramp on phase `{}`, which has steps, begins anew with every step", phase.name);
            found.push(case.warn(&codes::RESTARTING_RAMP, &format!("phase[{index}]"), message));
        }
    }
}

/// A ramp is the only thing of an overlay that is written as a table with `from` and `to`.
fn has_ramp(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Object(map) => {
            (map.contains_key("from") && map.contains_key("to")) || map.values().any(has_ramp)
        }
        serde_json::Value::Array(list) => list.iter().any(has_ramp),
        _ => false,
    }
}
