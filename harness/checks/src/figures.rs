//! The figures of one run by which it is compared with others.
//!
//! The same for every scenario and no verdict: what they count does not depend on which checks were asked for.

use std::collections::BTreeMap;

use upstorm_model::Plan;
use upstorm_model::recording::{Outcome, Recording};
use upstorm_model::verdict::Figure;

use crate::statistics::quantile;

/// The figures of a run. One that has no value (a latency without a call, a ratio without one) is left out.
///
/// Calls count by their planned time, attempts by the arrival of their head, both from the end of warm-up on.
#[must_use]
pub fn figures(plan: &Plan, recording: &Recording) -> BTreeMap<Figure, f64> {
    let calls = || recording.calls.iter().filter(|call| call.planned >= plan.warmup_until);
    let counted = |is: fn(Outcome) -> bool| calls().filter(|call| is(call.outcome)).count() as f64;
    let all = calls().count() as f64;
    let attempts =
        recording.attempts.iter().filter(|attempt| attempt.head >= plan.warmup_until).count() as f64;
    let seconds = plan.end.since(plan.warmup_until).as_secs_f64();
    let timed = calls().filter(|call| call.outcome.is_success() || call.outcome == Outcome::Censored);
    let mut latencies: Vec<f64> = timed.map(|call| call.latency().as_secs_f64()).collect();
    latencies.sort_by(f64::total_cmp);
    let share = |part: f64| (all > 0.0).then(|| part / all);
    let values = [
        (Figure::Goodput, (seconds > 0.0).then(|| counted(Outcome::is_success) / seconds)),
        (Figure::ErrorShare, share(counted(Outcome::is_error))),
        (Figure::ThrottledShare, share(counted(Outcome::is_throttled))),
        (Figure::LatencyP50, quantile(&latencies, 0.50)),
        (Figure::LatencyP95, quantile(&latencies, 0.95)),
        (Figure::LatencyP99, quantile(&latencies, 0.99)),
        (Figure::Amplification, share(attempts)),
    ];
    values.into_iter().filter_map(|(figure, value)| Some((figure, value?))).collect()
}
