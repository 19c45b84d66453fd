//! Load: what a client does in one segment, its base with the overlays over it.

use upstorm_model::plan::Load;
use upstorm_model::scenario::LoadShape;
use upstorm_model::{Law, Rate, TimeSpan, Varying};

/// `base` with `over` put over it, key by key. A `rate` makes the loop open and `users` makes it closed, whatever
/// the base was: the two exclude each other, so that the later word wins.
pub(crate) fn overlaid(base: &LoadShape, over: &LoadShape) -> LoadShape {
    let (rate, users) = match (over.rate, over.users) {
        (None, None) => (base.rate, base.users),
        (rate, users) => (rate, users),
    };
    LoadShape {
        rate,
        users,
        arrivals: over.arrivals.or(base.arrivals),
        think: over.think.clone().or_else(|| base.think.clone()),
        calls: over.calls.or(base.calls),
    }
}

/// The load that a shape means; without `rate` and `users`, none.
pub(crate) fn load(shape: &LoadShape) -> Load {
    match shape.users {
        Some(users) if shape.rate.is_none() => {
            let at_once = || Law::Constant(Varying::Fixed(TimeSpan::ZERO));
            Load::Closed { users, think: shape.think.clone().unwrap_or_else(at_once), calls: shape.calls }
        }
        _ => Load::Open {
            rate: shape.rate.unwrap_or(Varying::Fixed(Rate::default())),
            arrivals: shape.arrivals.unwrap_or_default(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::scenario::Arrivals;

    fn rate(n: f64) -> Option<Varying<Rate>> {
        Some(Varying::Fixed(Rate::per_second(n)))
    }

    #[test]
    fn a_given_rate_opens_the_loop_and_users_close_it() {
        let open = LoadShape { rate: rate(5.0), arrivals: Some(Arrivals::Constant), ..LoadShape::default() };
        let closed = LoadShape { users: Some(Varying::Fixed(3)), ..LoadShape::default() };
        assert!(matches!(load(&overlaid(&open, &closed)), Load::Closed { users: Varying::Fixed(3), .. }));
        assert!(matches!(
            load(&overlaid(&closed, &open)),
            Load::Open { arrivals: Arrivals::Constant, rate: Varying::Fixed(r) } if r.get() == 5.0
        ));
    }

    #[test]
    fn what_an_overlay_leaves_out_stays() {
        let open = LoadShape { rate: rate(5.0), arrivals: Some(Arrivals::Constant), ..LoadShape::default() };
        let faster = LoadShape { rate: rate(9.0), ..LoadShape::default() };
        let even = LoadShape { arrivals: Some(Arrivals::Poisson), ..LoadShape::default() };
        assert!(
            matches!(load(&overlaid(&open, &faster)), Load::Open { arrivals: Arrivals::Constant, rate: Varying::Fixed(r) } if r.get() == 9.0)
        );
        assert!(
            matches!(load(&overlaid(&open, &even)), Load::Open { arrivals: Arrivals::Poisson, rate: Varying::Fixed(r) } if r.get() == 5.0)
        );
        assert!(
            matches!(load(&LoadShape::default()), Load::Open { rate: Varying::Fixed(r), .. } if r.get() == 0.0)
        );
    }
}
