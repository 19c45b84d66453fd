//! Whether a law's parameters make a distribution, all along their ramps.
//!
//! A law that no distribution has would draw zeros, and a run would pass for want of the latency it was to test.

use upstorm_model::{DrawnLaw, TimeSpan, Varying};

use super::value::wrong;
use crate::diagnostic::codes;
use crate::reading::Reading;
use crate::source::Spot;

/// Points of a phase at which a law with ramps is looked at.
const POINTS: u32 = 10;

/// True for a law that is a distribution from the start of a phase to its end; otherwise it is reported.
pub(super) fn makes_sense(law: &DrawnLaw, at: Spot, reading: &Reading<'_>) -> bool {
    let flaw =
        (0..=POINTS).find_map(|n| flaw_at(law, f64::from(n) / f64::from(POINTS)).map(|flaw| (n, flaw)));
    let Some((point, flaw)) = flaw else { return true };
    let when = if point == 0 { String::new() } else { format!(" {} % into the phase", point * 100 / POINTS) };
    let _: Option<()> =
        wrong(&codes::BAD_LAW, at, format!("no distribution has these parameters: {flaw}{when}"), reading);
    false
}

fn flaw_at(law: &DrawnLaw, progress: f64) -> Option<String> {
    let at = |v: &Varying<TimeSpan>| v.at(progress);
    let zero = |name: &str, v: TimeSpan| v.is_zero().then(|| format!("`{name}` must be longer than zero"));
    let order = |(low, a): (&str, TimeSpan), (high, b): (&str, TimeSpan)| {
        (a >= b).then(|| format!("`{low}` ({a}) must be below `{high}` ({b})"))
    };
    let above = |low: &str, a: TimeSpan, max: Option<&Varying<TimeSpan>>| {
        max.and_then(|max| order((low, a), ("max", at(max))))
    };
    match law {
        DrawnLaw::Uniform { min, max } => order(("min", at(min)), ("max", at(max))),
        DrawnLaw::Normal { stddev, max, .. } => zero("stddev", at(stddev))
            .or_else(|| zero("max", max.as_ref().map_or(TimeSpan::from_secs(1), at))),
        DrawnLaw::Lognormal { median, p99, max, .. } => {
            let spread = p99.as_ref().and_then(|p99| order(("median", at(median)), ("p99", at(p99))));
            zero("median", at(median)).or(spread).or_else(|| above("median", at(median), max.as_ref()))
        }
        DrawnLaw::Exponential { mean, max } => {
            zero("mean", at(mean)).or_else(|| zero("max", max.as_ref().map_or(TimeSpan::from_secs(1), at)))
        }
        DrawnLaw::Pareto { min, max, .. } => {
            zero("min", at(min)).or_else(|| above("min", at(min), max.as_ref()))
        }
        DrawnLaw::Weibull { scale, max, .. } => {
            zero("scale", at(scale)).or_else(|| zero("max", max.as_ref().map_or(TimeSpan::from_secs(1), at)))
        }
        DrawnLaw::Quantiles { p50, p90, p99, max } => zero("p50", at(p50))
            .or_else(|| order(("p50", at(p50)), ("p90", at(p90))))
            .or_else(|| order(("p90", at(p90)), ("p99", at(p99))))
            .or_else(|| order(("p99", at(p99)), ("max", at(max)))),
        DrawnLaw::Histogram { max, .. } => zero("max", max.as_ref().map_or(TimeSpan::from_secs(1), at)),
        DrawnLaw::Mixture(laws) => {
            let total: f64 = laws.iter().map(|law| law.weight).sum();
            (total <= 0.0).then(|| "the weights of a mixture must not all be zero".to_owned())
        }
    }
}
