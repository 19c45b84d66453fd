//! Policies that are tuned and switched off.
//!
//! A table such as `retry.budget` only tunes what the preset has on. Did writing one switch it on, a broken twin would
//! be healed by the very scenario that is to show it broken; so it stays off, and its author is told.

use upstorm_model::policy::{BreakerKind, BudgetKind, PolicySettings};

use super::case::Case;
use crate::Spans;
use crate::diagnostic::{Diagnostic, codes};

/// A policy: how sentences call it, its table, the `kind` that switches it on, and whether settings have it off.
type Policy = (&'static str, &'static str, &'static str, fn(&PolicySettings) -> bool);

const POLICIES: [Policy; 2] = [
    ("breaker", "breaker", "rate", |s| s.breaker.kind == BreakerKind::Off),
    ("retry budget", "retry.budget", "ratio-window", |s| s.retry.budget.kind == BudgetKind::None),
];

/// W016.
pub(super) fn tuned_but_off(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    let scenario = case.scenario();
    let gateways = scenario.gateway.iter().map(|(name, g)| ("gateway", name, &g.preset, &g.settings));
    let clients = scenario.client.iter().map(|(name, c)| ("client", name, &c.preset, &c.settings));
    for (role, name, preset, settings) in gateways.chain(clients) {
        for (policy, table, kind, _) in POLICIES.iter().filter(|(_, _, _, off)| off(settings)) {
            let path = format!("{role}.{}.{table}", Spans::quoted(name));
            if case.is_written(&path) && !case.is_written(&format!("{path}.kind")) {
                let message = format!(
                    "the {policy} of the {role} `{name}` is tuned but off: preset `{preset}` has none"
                );
                let help = format!("write `kind = \"{kind}\"` to switch it on");
                found.push(case.warn(&codes::TUNED_BUT_OFF, &path, message).help(help));
            }
        }
    }
}
