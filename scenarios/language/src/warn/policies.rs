//! Policies that are tuned and switched off.
//!
//! A table such as `retry.budget` only tunes what the preset has on. Did writing one switch it on, a broken twin would
//! be healed by the very scenario that is to show it broken; so it stays off, and its author is told.

use upstorm_model::policy::{
    BreakerKind, BudgetKind, CacheKind, FallbackKind, Hedge, HedgeKind, OutlierKind, PolicySettings,
    ThrottleKind,
};

use super::case::Case;
use crate::Spans;
use crate::diagnostic::{Diagnostic, codes};

/// A policy: how sentences call it, its table, the `kind` that switches it on, and whether settings have it off.
type Policy = (&'static str, &'static str, &'static str, fn(&PolicySettings) -> bool);

const POLICIES: [Policy; 7] = [
    ("breaker", "breaker", "rate", |s| s.breaker.kind == BreakerKind::Off),
    ("retry budget", "retry.budget", "ratio-window", |s| s.retry.budget.kind == BudgetKind::None),
    ("throttle", "throttle", "adaptive", |s| s.throttle.kind == ThrottleKind::Off),
    ("hedge", "hedge", "delay", |s| s.hedge.kind == HedgeKind::Off),
    ("cache", "cache", "memory", |s| s.cache.kind == CacheKind::Off),
    ("outlier ejection", "outlier", "consecutive", |s| s.outlier.kind == OutlierKind::Off),
    ("fallback", "fallback", "answer", |s| s.fallback.kind == FallbackKind::Off),
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
        let budget = (format!("{role}.{}.retry.budget", Spans::quoted(name)), settings.retry.budget.kind);
        found.extend(of_another_kind(case, &budget, &format!("{role} `{name}`")));
        if settings.hedge.kind == HedgeKind::Delay {
            let table = format!("{role}.{}.hedge", Spans::quoted(name));
            found.extend(of_measured_hedges(case, &table, &format!("{role} `{name}`")));
        }
    }
}

/// W016 for knobs that belong to another kind of budget than the one in force.
fn of_another_kind(case: &Case<'_>, (table, kind): &(String, BudgetKind), whose: &str) -> Vec<Diagnostic> {
    if *kind == BudgetKind::None {
        return Vec::new();
    }
    let mut knobs: Vec<&str> = BudgetKind::ALL.iter().flat_map(|kind| kind.knobs()).copied().collect();
    knobs.sort_unstable();
    knobs.dedup();
    let idle = |knob: &&str| !kind.knobs().contains(knob) && case.is_written(&format!("{table}.{knob}"));
    let warning = |knob: &str| {
        let message = format!(
            "`{knob}` does nothing to the retry budget of the {whose}, which is of the kind `{}`",
            kind.word()
        );
        let knobs = kind.knobs().join("`, `");
        let help = format!("a budget of this kind goes by `{knobs}`");
        case.warn(&codes::TUNED_BUT_OFF, &format!("{table}.{knob}"), message).help(help)
    };
    knobs.into_iter().filter(idle).map(warning).collect()
}

/// W016 for knobs of a hedge that goes by a percentile, where it goes by a fixed wait.
fn of_measured_hedges(case: &Case<'_>, table: &str, whose: &str) -> Vec<Diagnostic> {
    let idle = |knob: &&str| case.is_written(&format!("{table}.{knob}"));
    let warning = |knob: &str| {
        let message =
            format!("`{knob}` does nothing to the hedge of the {whose}, which is of the kind `delay`");
        let help =
            "a hedge of this kind goes by `after`; write `kind = \"percentile\"` for one that measures";
        case.warn(&codes::TUNED_BUT_OFF, &format!("{table}.{knob}"), message).help(help)
    };
    Hedge::OF_PERCENTILE.into_iter().filter(idle).map(warning).collect()
}
