//! Wording: quantities as a reader expects them.

use upstorm_model::plan::Target;
use upstorm_model::units::Blend;
use upstorm_model::{HostId, Law, Offset, Plan, Varying};

/// `1 route`, `2 routes`.
pub(super) fn count(n: usize, of: &str) -> String {
    if n == 1 { format!("1 {of}") } else { format!("{n} {of}s") }
}

/// An offset in seconds without needless digits: `7s`, `0.25s`.
pub(super) fn of_clock(at: Offset) -> String {
    upstorm_model::TimeSpan::from(at.elapsed()).to_string()
}

/// A number of events: whole above ten, one digit below.
pub(super) fn about(n: f64) -> String {
    match n {
        n if n <= 0.0 => "0".to_owned(),
        n if n < 0.05 => "<0.1".to_owned(),
        n if n < 9.95 => format!("{}", (n * 10.0).round() / 10.0),
        n => format!("{n:.0}"),
    }
}

/// A share of all: `12.5%`.
pub(super) fn share(part: f64) -> String {
    format!("{}%", (part * 10_000.0).round() / 100.0)
}

/// A value or its ramp: `20ms`, `20ms to 150ms`.
pub(super) fn varying<T: Blend + std::fmt::Display>(value: &Varying<T>) -> String {
    let (first, last) = (value.first(), value.last());
    let word = match value {
        Varying::Fixed(_) => return first.to_string(),
        Varying::Ramp(ramp) => match ramp.shape {
            upstorm_model::Shape::Linear => "",
            upstorm_model::Shape::Exponential => " exponentially",
            upstorm_model::Shape::Step => " in one step",
        },
    };
    format!("{first} to {last}{word}")
}

/// A latency law in a few words.
pub(super) fn law(law: &Law) -> String {
    use upstorm_model::DrawnLaw as D;
    let drawn = match law {
        Law::Constant(span) => return varying(span),
        Law::Drawn(drawn) => drawn,
    };
    let name = match drawn {
        D::Uniform { .. } => "uniform",
        D::Normal { .. } => "normal",
        D::Lognormal { .. } => "lognormal",
        D::Exponential { .. } => "exponential",
        D::Pareto { .. } => "pareto",
        D::Weibull { .. } => "weibull",
        D::Quantiles { .. } => "quantiles",
        D::Histogram { .. } => "histogram",
        D::Mixture(_) => "mixture",
    };
    let quantiles = |share: f64| {
        let at = |progress| rounded(law.quantile(progress, share));
        if at(0.0) == at(1.0) { at(0.0) } else { format!("{} to {}", at(0.0), at(1.0)) }
    };
    format!("{name}, p50 {}, p99 {}", quantiles(0.5), quantiles(0.99))
}

/// A length of time with three digits at most.
fn rounded(span: std::time::Duration) -> String {
    let micros = span.as_secs_f64() * 1e6;
    let digits = micros.max(1.0).log10().floor() as i32;
    let grain = 10_f64.powi((digits - 2).max(0));
    let nanos = (micros / grain).round() * grain * 1e3;
    upstorm_model::TimeSpan::from(std::time::Duration::from_nanos(nanos as u64)).to_string()
}

/// Whom a gateway or client calls, as the scenario would write it: `payments, /auth: auth, then west`.
pub(super) fn targets(plan: &Plan, host: HostId) -> String {
    let names = |hosts: &[HostId]| hosts.first().map_or("", |first| plan.name_of_all(*first)).to_owned();
    let one = |target: &Target| {
        let prefix = if target.prefix.is_empty() { String::new() } else { format!("{}: ", target.prefix) };
        let backups = target.backups.iter().map(|hosts| format!(", then {}", names(hosts)));
        format!("{prefix}{}{}", target.upstream, backups.collect::<String>())
    };
    plan.targets_of(host).iter().map(one).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::{Ramp, Rate, Shape};

    #[test]
    fn quantities_read_as_a_person_writes_them() {
        assert_eq!([count(1, "route"), count(2, "route")], ["1 route", "2 routes"]);
        assert_eq!([about(0.0), about(0.01), about(3.06), about(1234.5)], ["0", "<0.1", "3.1", "1234"]);
        assert_eq!(share(0.12345), "12.35%");
        assert_eq!(rounded(std::time::Duration::from_nanos(89_999_700)), "90ms");
        let rate = |n| Rate::per_second(n);
        assert_eq!(varying(&Varying::Fixed(rate(5.0))), "5/s");
        let ramp = Varying::Ramp(Ramp { from: rate(5.0), to: rate(9.0), shape: Shape::Step });
        assert_eq!(varying(&ramp), "5/s to 9/s in one step");
    }
}
