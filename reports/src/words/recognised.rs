//! The words of a recognised backoff: `full jitter, base 200 ms ± 3, ×2 each time, cap 2 s ± 0.01`.

use upstorm_model::policy::{Curve, Jitter};
use upstorm_model::verdict::{BackoffFamily, Estimate, Observation, RecognisedBackoff, Verdict};

use crate::figures;

/// Which family was recognised, or between which it cannot be told; none where nothing was looked for, or too little seen.
pub(crate) fn recognised(o: &Observation) -> Option<String> {
    let found = o.recognised.as_ref()?;
    let families: Vec<String> = found.families.iter().map(family).collect();
    let Some((first, others)) = families.split_first() else {
        return o.value.map(|_| "no known family".to_owned());
    };
    Some(match (o.verdict, others.is_empty()) {
        (_, true) => first.clone(),
        (Verdict::Held, false) => format!("{first}; or, the same waits: {}", others.join("; ")),
        (_, false) => families.join("; or "),
    })
}

/// Why no one family was recognised.
pub(crate) fn unrecognised(found: &RecognisedBackoff) -> String {
    let names: Vec<&str> = found.families.iter().map(|family| jitter(family.jitter)).collect();
    match (names.is_empty(), found.more) {
        (true, _) => "the waits follow none of the known families of backoff".to_owned(),
        (false, Some(more)) => format!(
            "it cannot be told apart: {}; about {} more waits of each retry number would",
            names.join(" or "),
            figures::count(more)
        ),
        (false, None) => {
            format!("it cannot be told apart: {}; calls that try a second time would", names.join(" or "))
        }
    }
}

fn family(f: &BackoffFamily) -> String {
    let mut text = jitter(f.jitter).to_owned();
    if let Some(factor) = f.jitter_factor {
        let sign = if f.jitter == Jitter::Proportional { "±" } else { "up to" };
        text += &format!(" of {sign} {}", figures::share(factor.value));
    }
    if f.jitter == Jitter::None && f.base.value <= 0.0 {
        return format!("{text}, retries at once");
    }
    text += &format!(", base {}", seconds(f.base));
    text += &match (f.curve, f.multiplier) {
        (Some(Curve::Constant), _) => ", constant".to_owned(),
        (Some(Curve::Linear), _) => ", linear".to_owned(),
        (Some(Curve::Exponential), Some(m)) => format!(", ×{} each time", figures::number(m.value)),
        _ => String::new(),
    };
    if let Some(cap) = f.cap {
        text += &format!(", cap {}", seconds(cap));
    }
    text
}

const fn jitter(jitter: Jitter) -> &'static str {
    match jitter {
        Jitter::None => "no jitter",
        Jitter::Full => "full jitter",
        Jitter::Equal => "equal jitter",
        Jitter::Decorrelated => "decorrelated jitter",
        Jitter::Proportional => "proportional jitter",
        Jitter::Additive => "additive jitter",
        Jitter::PollyV2 => "Polly's jitter",
    }
}

/// Seconds with half their interval, in the same unit, where that is worth saying: `200 ms ± 3`.
fn seconds(e: Estimate) -> String {
    let value = figures::duration(e.value);
    let half = e.low.zip(e.high).map_or(0.0, |(low, high)| (high - low) / 2.0);
    let unit = value.split_once(' ').map_or("", |(_, unit)| unit);
    let of_unit = match unit {
        "µs" => 1e-6,
        "ms" => 1e-3,
        "min" => 60.0,
        _ => 1.0,
    };
    let digits = half / of_unit;
    let rounded = if digits >= 10.0 { digits.round() } else { (digits * 10.0).round() / 10.0 };
    if half < e.value * 0.001 || rounded == 0.0 { value } else { format!("{value} ± {rounded}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, half: f64) -> Estimate {
        Estimate { value, low: Some(value - half), high: Some(value + half), confidence: 0.95, n: 300 }
    }

    fn full() -> BackoffFamily {
        BackoffFamily {
            jitter: Jitter::Full,
            curve: Some(Curve::Exponential),
            base: estimate(0.2, 0.003),
            multiplier: Some(estimate(2.0, 0.01)),
            cap: Some(estimate(2.0, 0.0)),
            jitter_factor: None,
            p_value: 0.4,
        }
    }

    #[test]
    fn a_family_is_said_with_what_is_known_of_it() {
        assert_eq!(family(&full()), "full jitter, base 200 ms ± 3, ×2 each time, cap 2 s");
        let additive = BackoffFamily {
            jitter: Jitter::Additive,
            curve: Some(Curve::Constant),
            cap: None,
            jitter_factor: Some(estimate(0.5, 0.1)),
            ..full()
        };
        assert_eq!(family(&additive), "additive jitter of up to 50 %, base 200 ms ± 3, constant");
        let polly = BackoffFamily { jitter: Jitter::PollyV2, curve: None, multiplier: None, ..full() };
        assert_eq!(family(&polly), "Polly's jitter, base 200 ms ± 3, cap 2 s");
        let at_once = BackoffFamily { jitter: Jitter::None, base: estimate(0.0, 0.0), ..full() };
        assert_eq!(family(&at_once), "no jitter, retries at once");
    }

    #[test]
    fn what_cannot_be_told_apart_says_what_would() {
        let both = |more| RecognisedBackoff {
            families: vec![full(), BackoffFamily { jitter: Jitter::PollyV2, ..full() }],
            more,
        };
        assert_eq!(
            unrecognised(&both(Some(1200))),
            "it cannot be told apart: full jitter or Polly's jitter; about 1,200 more waits of each retry number would"
        );
        assert!(unrecognised(&both(None)).ends_with("calls that try a second time would"));
        let none = RecognisedBackoff { families: Vec::new(), more: None };
        assert_eq!(unrecognised(&none), "the waits follow none of the known families of backoff");
    }
}
