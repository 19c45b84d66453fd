//! Workers that cannot do what is asked of them.

use std::collections::BTreeMap;

use super::case::{Case, Spot};
use crate::diagnostic::{Diagnostic, codes};
use crate::forecast::workload;

/// W019.
pub(super) fn over_capacity(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    // By the place it was written at: routes that share their workers are one case.
    let mut seen = BTreeMap::new();
    for (upstream, plan) in case.plan.upstreams.iter().enumerate() {
        for route in 0..plan.routes.len() {
            let spots = (0..case.plan.segments.len()).map(|segment| Spot { upstream, route, segment });
            let loaded: Vec<Spot> = spots.filter(|spot| case.calls_at(*spot) > 0.0).collect();
            let load = |spot: &Spot| workload(case.plan, &case.traffic, (upstream, route, spot.segment));
            let loads: Option<Vec<f64>> = loaded.iter().map(load).collect();
            let least = loads.unwrap_or_default().into_iter().min_by(f64::total_cmp);
            let (Some(load), Some(first)) = (least.filter(|load| *load > 1.0), loaded.first()) else {
                continue;
            };
            let name = case.plan.host_name(plan.host);
            let message = if load.is_finite() {
                format!(
                    "all the time at least {load:.1} times as much is asked of `{name}` as its workers can do"
                )
            } else {
                format!("`{name}` has no workers at any time when it is asked for something")
            };
            seen.entry(case.layer(*first, "capacity", |b| b.capacity.is_some())).or_insert(message);
        }
    }
    found.extend(seen.iter().map(|(path, message)| case.warn(&codes::OVER_CAPACITY, path, message)));
}
