//! Alerts that cannot fire, or only fire, and requests that may always be made again: what decides is in the plan.

use std::time::Duration;

use upstorm_model::plan::{PlannedCheck, Subject};
use upstorm_model::recording::Method;
use upstorm_model::scenario::AlertCheck;
use upstorm_model::{Plan, TimeSpan};

use crate::forecast::{looked_at, ways_from};

/// Why an alert is silent whatever happens: no stretch that is looked at is as long as it takes.
pub(super) fn too_slow_to_fire(plan: &Plan, check: &PlannedCheck, alert: &AlertCheck) -> Option<String> {
    let lasts =
        |segment: &usize| plan.segments.get(*segment).map(|s| s.end.since(s.start)).unwrap_or_default();
    let time: Duration = looked_at(plan, check).iter().map(lasts).sum();
    let never = alert.stays_silent && alert.soonest() > time;
    never.then(|| {
        format!(
            "it looks at {}, and the alert takes {}",
            TimeSpan::from(time),
            TimeSpan::from(alert.soonest())
        )
    })
}

/// Why an alert cannot fire in time.
pub(super) fn too_soon_to_fire(alert: &AlertCheck) -> Option<String> {
    let soonest = TimeSpan::from(alert.soonest());
    let late = alert.fires_within.filter(|within| *within < soonest);
    late.map(|within| {
        format!("it asks the alert to fire within {within}, and that takes {soonest} at the soonest")
    })
}

/// Why there is nothing to make again unsafely, where every request over an edge may be repeated.
pub(super) fn all_safe(plan: &Plan, of: &Subject) -> Option<String> {
    let Subject::Edge { from, .. } = of else { return None };
    let over = plan
        .clients
        .iter()
        .filter(|c| c.host == *from || ways_from(plan, c.host).iter().flatten().any(|h| h == from));
    let mut requests = over.flat_map(|client| &client.requests).peekable();
    let some = requests.peek().is_some();
    let idempotent = requests.all(|r| Method::of(&r.method).is_idempotent());
    (some && idempotent)
        .then(|| "no client sends a request over it that may not be repeated, such as a POST".to_owned())
}
