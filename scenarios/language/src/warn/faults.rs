//! Faults that cannot do what they say.

use std::collections::BTreeMap;

use upstorm_model::plan::RouteBehaviour;
use upstorm_model::scenario::{Cut, Fault, FaultKind, Keep};

use super::case::{Case, Spot};
use crate::diagnostic::{Diagnostic, codes};
use crate::forecast::odds;

/// Fewer expected hits may well be none: e^−3 is one in twenty.
const LEAST: f64 = 3.0;

/// Every fault that a call can meet, with its behaviour, where it is in force and the path at which it was written.
fn faults<'a>(case: &'a Case<'_>) -> impl Iterator<Item = (String, Spot, &'a RouteBehaviour, usize)> {
    case.spots().filter(|spot| case.calls_at(*spot) > 0.0).flat_map(|spot| {
        let behaviour = &case.plan.upstreams[spot.upstream].timeline[spot.segment].routes[spot.route];
        let list = if behaviour.faults.is_empty() {
            String::new()
        } else {
            case.layer(spot, "faults", |b| b.faults.is_some())
        };
        (0..behaviour.faults.len()).map(move |index| (format!("{list}[{index}]"), spot, behaviour, index))
    })
}

/// W010.
pub(super) fn beyond_body(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeMap::new();
    for (path, _, behaviour, index) in faults(case) {
        let body = behaviour.body.len_at(0.0).max(behaviour.body.len_at(1.0));
        let passed = passes(&behaviour.faults[index]).filter(|bytes| *bytes >= body);
        if let Some(bytes) = passed {
            seen.entry(path)
                .or_insert_with(|| format!("the cut comes after {bytes} bytes of a body of {body}"));
        }
    }
    found.extend(seen.iter().map(|(path, message)| case.warn(&codes::BEYOND_BODY, path, message)));
}

/// Bytes of the body that a fault lets through, where it says so.
fn passes(fault: &Fault) -> Option<u64> {
    match &fault.kind {
        FaultKind::Reset(Cut::After { after }) | FaultKind::Close(Cut::After { after }) => Some(after.get()),
        FaultKind::Truncate { keep: Keep::Size(size) } => Some(size.get()),
        FaultKind::Truncate { keep: Keep::Share(share) } if share.get() >= 1.0 => Some(u64::MAX),
        _ => None,
    }
}

/// W011.
pub(super) fn shadowed(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeMap::new();
    for (path, _, behaviour, index) in faults(case) {
        let always = |fault: &&Fault| fault.share.first().get() >= 1.0 && fault.share.last().get() >= 1.0;
        let fault = &behaviour.faults[index];
        if let Some(before) = behaviour.faults[..index].iter().find(always) {
            let (this, all) = (fault.kind.key(), before.kind.key());
            seen.entry(path)
                .or_insert_with(|| format!("this `{this}` never hits: the `{all}` before it hits all"));
        }
    }
    found.extend(seen.iter().map(|(path, message)| case.warn(&codes::SHADOWED, path, message)));
}

/// W012.
pub(super) fn rare(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    let mut hits: BTreeMap<String, (f64, &'static str)> = BTreeMap::new();
    for (path, spot, behaviour, index) in faults(case) {
        let odds = odds(case.plan, &case.traffic, (spot.upstream, spot.route, spot.segment));
        let share = odds.faults.get(index).copied().unwrap_or(0.0);
        // What is hidden behind another fault, a refused connection or a partition is not rare but impossible.
        if share > 0.0 {
            let entry = hits.entry(path).or_insert((0.0, behaviour.faults[index].kind.key()));
            entry.0 += share * case.calls_at(spot);
        }
    }
    for (path, (count, kind)) in hits.iter().filter(|(_, (count, _))| *count < LEAST) {
        let message = format!("about {count:.1} attempts will meet this `{kind}` in the whole run");
        found.push(case.warn(&codes::RARE, path, message));
    }
}
