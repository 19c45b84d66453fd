//! A rate integrated over a segment, and the inverse of that: when had so many calls come?
//!
//! Spacing calls by the rate of the moment drifts along a ramp; inverting the integral places each exactly
//! (Lewis and Shedler 1979 and Çinlar's theorem: unit-rate arrivals at Λ(t) are arrivals at rate λ(t)).

use upstorm_model::{Ramp, Rate, Shape, Varying};

/// Calls expected from the start of a segment of `seconds` to `progress` (0 to 1) through it.
pub(crate) fn expected(rate: &Varying<Rate>, seconds: f64, progress: f64) -> f64 {
    rate.mean_over(0.0, progress) * progress * seconds
}

/// How far through a segment of `seconds` (0 to 1) so many calls are expected to have come: the inverse of
/// [`expected`]. 1 where they have not by its end.
pub(crate) fn progress_at(rate: &Varying<Rate>, seconds: f64, calls: f64) -> f64 {
    // What a rate must average over the whole segment to bring that many by its end.
    let level = calls / seconds;
    let progress = match *rate {
        Varying::Fixed(fixed) => level / fixed.get(),
        Varying::Ramp(Ramp { from, to, shape }) => invert(shape, (from.get(), to.get()), level),
    };
    if progress.is_finite() { progress.clamp(0.0, 1.0) } else { 1.0 }
}

/// Solves ∫₀ᵖ rate = level for p.
fn invert(shape: Shape, (from, to): (f64, f64), level: f64) -> f64 {
    match shape {
        Shape::Exponential if from > 0.0 && to > 0.0 && from != to => {
            // libm instead of the platform's own functions: the same schedule to the bit on every machine.
            let growth = libm::log(to / from);
            libm::log1p(growth * level / from) / growth
        }
        // The root of (to − from)/2 p² + from p = level, in the form that neither cancels nor divides by zero
        // where the ramp is flat.
        Shape::Linear | Shape::Exponential => {
            let root = (from * from + 2.0 * (to - from) * level).max(0.0).sqrt();
            if level > 0.0 { 2.0 * level / (from + root) } else { 0.0 }
        }
        Shape::Step if level < from / 2.0 => level / from,
        Shape::Step => 0.5 + (level - from / 2.0) / to,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rates() -> impl Strategy<Value = Varying<Rate>> {
        let rate = prop_oneof![Just(0.0), 0.001..20_000.0_f64].prop_map(Rate::per_second);
        let shape = prop_oneof![Just(Shape::Linear), Just(Shape::Exponential), Just(Shape::Step)];
        prop_oneof![
            rate.clone().prop_map(Varying::Fixed),
            (rate.clone(), rate, shape).prop_map(|(from, to, shape)| Varying::Ramp(Ramp { from, to, shape })),
        ]
    }

    proptest! {
        #[test]
        fn the_inverse_undoes_the_integral(rate in rates(), seconds in 0.01..600.0_f64, share in 0.0..1.0_f64) {
            let whole = expected(&rate, seconds, 1.0);
            prop_assume!(whole > 0.0);
            let calls = whole * share;
            let progress = progress_at(&rate, seconds, calls);
            prop_assert!((0.0..=1.0).contains(&progress));
            let back = expected(&rate, seconds, progress);
            prop_assert!((back - calls).abs() <= 1e-6 * whole.max(1.0), "{calls} became {back}");
        }
    }

    #[test]
    fn a_rate_of_zero_never_brings_a_call() {
        assert_eq!(progress_at(&Varying::Fixed(Rate::per_second(0.0)), 10.0, 0.5), 1.0);
        assert_eq!(expected(&Varying::Fixed(Rate::per_second(0.0)), 10.0, 1.0), 0.0);
    }
}
