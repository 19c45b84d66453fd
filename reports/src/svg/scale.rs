//! Scales: from values to places on the canvas, with ticks at numbers people count in.
//!
//! An axis that ends at 437 with ticks every 109.25 cannot be read. Ticks are 1, 2 or 5 times a power of ten; times
//! also go by 15 and 30 seconds; a logarithmic axis has its decades.

/// How values lie on an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// By equal differences from the first to the second.
    Linear(f64, f64),
    /// By equal factors; both ends are above zero.
    Log(f64, f64),
}

impl Scale {
    /// From zero to a round number at or above `top`.
    pub(crate) fn from_zero(top: f64) -> Self {
        let top = if top.is_finite() && top > 0.0 { top } else { 1.0 };
        let step = nice_step(top, 4.0);
        Self::Linear(0.0, (top / step - 1e-9).ceil().max(1.0) * step)
    }

    /// Whole decades around these values; one decade around 1 ms where there are none.
    pub(crate) fn decades(values: impl Iterator<Item = f64>) -> Self {
        let seen = values.filter(|v| v.is_finite() && *v > 0.0);
        let ends = seen.fold(None, |ends: Option<(f64, f64)>, v| {
            Some(ends.map_or((v, v), |(low, high)| (low.min(v), high.max(v))))
        });
        let (low, high) = ends.unwrap_or((1e-3, 1e-2));
        let (low, high) = ((low.log10() + 1e-9).floor(), (high.log10() - 1e-9).ceil());
        let high = if high <= low { low + 1.0 } else { high };
        Self::Log(10_f64.powf(low), 10_f64.powf(high))
    }

    /// Where a value lies, from 0 to 1; values outside are drawn at the end.
    pub(crate) fn share(self, value: f64) -> f64 {
        let share = match self {
            Self::Linear(low, high) => (value - low) / (high - low),
            Self::Log(low, _) if value <= low => 0.0,
            Self::Log(low, high) => (value / low).ln() / (high / low).ln(),
        };
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Ticks, growing, within the scale.
    pub(crate) fn ticks(self) -> Vec<f64> {
        match self {
            Self::Linear(low, high) => steps(low, high, nice_step(high - low, 4.0)),
            Self::Log(low, high) => {
                let decades = (high / low).log10().round().max(1.0);
                // At most five labels, whatever the range.
                let every = (decades / 5.0).ceil().max(1.0) as usize;
                let decade = |n: usize| low * 10_f64.powi(i32::try_from(n).unwrap_or(0));
                (0..=decades as usize).step_by(every).map(decade).collect()
            }
        }
    }
}

/// 1, 2 or 5 times a power of ten, so that a range has at most about so many steps.
fn nice_step(range: f64, most: f64) -> f64 {
    let rough = range / most;
    if !rough.is_finite() || rough <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= rough * (1.0 - 1e-9)).unwrap_or(power)
}

fn steps(low: f64, high: f64, step: f64) -> Vec<f64> {
    let count = ((high - low) / step + 1e-9).floor().clamp(0.0, 100.0) as u32;
    let first = (low / step - 1e-9).ceil() * step;
    (0..=count).map(|n| first + f64::from(n) * step).filter(|t| *t <= high * (1.0 + 1e-9)).collect()
}

/// Ticks of a time axis in seconds: at most about `most` of them.
pub(crate) fn time_ticks(start: f64, end: f64, most: f64) -> Vec<f64> {
    const STEPS: [f64; 15] =
        [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];
    let range = end - start;
    if !range.is_finite() || range <= 0.0 {
        return Vec::new();
    }
    let step = STEPS.into_iter().find(|s| range / s <= most).unwrap_or_else(|| nice_step(range, most));
    steps(start, end, step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ticks_are_numbers_people_count_in() {
        assert_eq!(Scale::from_zero(437.0).ticks(), [0.0, 200.0, 400.0, 600.0]);
        assert_eq!(Scale::from_zero(3.9).ticks(), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(Scale::from_zero(0.0).ticks().len(), 3);
        assert_eq!(time_ticks(0.0, 30.0, 8.0), [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0]);
        assert_eq!(Scale::decades([0.004, 0.7].into_iter()), Scale::Log(0.001, 1.0));
    }

    proptest! {
        #[test]
        fn a_linear_axis_holds_its_values_and_few_even_ticks(top in 1e-9_f64..1e12) {
            let scale = Scale::from_zero(top);
            let Scale::Linear(low, high) = scale else { unreachable!() };
            prop_assert!(low == 0.0 && high >= top * (1.0 - 1e-6) && high <= top * 2.6, "{top} {high}");
            let ticks = scale.ticks();
            prop_assert!((2..=6).contains(&ticks.len()), "{top}: {ticks:?}");
            let step = ticks[1] - ticks[0];
            let lead = step / 10_f64.powf((step.log10() + 1e-6).floor());
            prop_assert!([1.0, 2.0, 5.0].iter().any(|m| (lead - m).abs() < 1e-6), "{step}");
            prop_assert!(ticks.windows(2).all(|w| (w[1] - w[0] - step).abs() < step * 1e-6));
            prop_assert!((scale.share(*ticks.last().unwrap()) - 1.0).abs() < 1e-6);
        }

        #[test]
        fn a_logarithmic_axis_holds_its_values(a in 1e-6_f64..1e4, b in 1e-6_f64..1e4) {
            let scale = Scale::decades([a, b].into_iter());
            let Scale::Log(low, high) = scale else { unreachable!() };
            prop_assert!(low <= a.min(b) * (1.0 + 1e-6) && high >= a.max(b) * (1.0 - 1e-6) && low < high);
            prop_assert!((2..=6).contains(&scale.ticks().len()));
            prop_assert!(scale.share(a.min(b)) <= scale.share(a.max(b)));
        }

        #[test]
        fn time_ticks_are_few_and_inside(start in 0.0_f64..1e4, length in 1e-3_f64..1e6) {
            let ticks = time_ticks(start, start + length, 8.0);
            prop_assert!(ticks.len() <= 9, "{ticks:?}");
            prop_assert!(ticks.iter().all(|t| *t >= start - 1e-6 && *t <= (start + length) * (1.0 + 1e-8)));
        }

        #[test]
        fn no_value_leaves_the_picture(value in proptest::num::f64::ANY, top in proptest::num::f64::ANY) {
            let share = Scale::from_zero(top).share(value);
            prop_assert!((0.0..=1.0).contains(&share));
        }
    }
}
