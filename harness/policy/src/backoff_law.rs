//! The distribution of the wait before retry k: what the draws of each family are tested against here.
//!
//! A check that compares delays with the sampler's own output proves nothing. Where a closed form exists it is used;
//! decorrelated jitter and polly's, whose wait depends on the one before, average over 256 equally likely values of
//! that one (an error below 0.005). The law of retry k takes it that all retries up to k were of the same sort, all
//! after a 429 or none. Which delays to compare, and how surely, is left to the checks.

use std::time::Duration;

use upstorm_model::TimeSpan;
use upstorm_model::policy::{Cap, Jitter};

use crate::Backoff;
use crate::backoff::{POLLY_SCALE, polly};

/// Values that stand for the wait before, equally likely.
const POINTS: u32 = 256;

/// The distribution of one wait.
#[derive(Debug, Clone)]
pub struct BackoffLaw {
    shape: Shape,
    /// What is longer is cut to this many seconds.
    cap: f64,
}

/// All in seconds.
#[derive(Debug, Clone)]
enum Shape {
    Uniform {
        low: f64,
        high: f64,
    },
    /// U(base, 3·s) for each of these s.
    Decorrelated {
        base: f64,
        before: Vec<f64>,
        longest: f64,
    },
    /// (n(t) − m)·unit for each of these m, with t uniform from k−1 to k.
    Polly {
        unit: f64,
        /// n of t at the ends and between 256 equal steps of t.
        steps: Vec<f64>,
        before: Vec<f64>,
        /// Below all of `before`.
        lowest: f64,
    },
}

impl Backoff {
    /// The law of the wait before retry `k`, from 1; `throttled` after 429s.
    #[must_use]
    pub fn law(&self, k: u32, throttled: bool) -> BackoffLaw {
        let k = k.max(1);
        let base = self.base(throttled);
        let (v, f) = (self.curve(k, base), self.settings.jitter_factor);
        let uniform = |low, high| Shape::Uniform { low, high };
        let shape = match self.settings.jitter {
            Jitter::None => uniform(v, v),
            Jitter::Full => uniform(0.0, v),
            Jitter::Equal => uniform(v / 2.0, v),
            Jitter::Proportional => uniform(v * (1.0 - f), v * (1.0 + f)),
            Jitter::Additive => uniform(v, v * (1.0 + f)),
            Jitter::Decorrelated => decorrelated(k, base, self.max()),
            Jitter::PollyV2 => polly_before(k, base / POLLY_SCALE),
        };
        let always_capped = matches!(self.settings.jitter, Jitter::Decorrelated | Jitter::PollyV2);
        let capped = always_capped || self.settings.cap == Cap::AfterJitter;
        BackoffLaw { shape, cap: if capped { self.max() } else { f64::INFINITY } }
    }
}

fn decorrelated(k: u32, base: f64, max: f64) -> Shape {
    let (mut before, mut longest) = (vec![base], 3.0 * base);
    for _ in 1..k {
        let step = BackoffLaw { shape: Shape::Decorrelated { base, before, longest }, cap: max };
        before = (0..POINTS).map(|i| step.quantile(midpoint(i))).collect();
        longest = 3.0 * longest.min(max).max(base);
    }
    Shape::Decorrelated { base, before, longest }
}

fn polly_before(k: u32, unit: f64) -> Shape {
    let t = f64::from(k - 1);
    let before = if k == 1 { vec![0.0] } else { (0..POINTS).map(|i| polly(t - 1.0 + midpoint(i))).collect() };
    let steps = (0..=POINTS).map(|i| polly(t + f64::from(i) / f64::from(POINTS))).collect();
    Shape::Polly { unit, steps, before, lowest: polly((t - 1.0).max(0.0)) }
}

fn midpoint(i: u32) -> f64 {
    (f64::from(i) + 0.5) / f64::from(POINTS)
}

fn span(seconds: f64) -> Duration {
    TimeSpan::from_secs_f64(seconds).get()
}

impl BackoffLaw {
    /// Whether a wait depends on those before it.
    #[must_use]
    pub const fn remembers(&self) -> bool {
        matches!(self.shape, Shape::Decorrelated { .. } | Shape::Polly { .. })
    }

    /// No wait is shorter.
    #[must_use]
    pub fn min(&self) -> Duration {
        let low = match &self.shape {
            Shape::Uniform { low, .. } => *low,
            Shape::Decorrelated { base, .. } => *base,
            // Both draws may fall on the border between their stretches of t.
            Shape::Polly { .. } => 0.0,
        };
        span(low.min(self.cap))
    }

    /// No wait is longer.
    #[must_use]
    pub fn max(&self) -> Duration {
        let high = match &self.shape {
            Shape::Uniform { high, .. } => *high,
            Shape::Decorrelated { longest, .. } => *longest,
            Shape::Polly { unit, steps, lowest, .. } => {
                (steps.last().copied().unwrap_or_default() - lowest) * unit
            }
        };
        span(high.min(self.cap))
    }

    /// The width over which waits are spread: zero without jitter.
    #[must_use]
    pub fn width(&self) -> Duration {
        self.max().saturating_sub(self.min())
    }

    /// The share of waits of at most `x`.
    #[must_use]
    pub fn cdf(&self, x: Duration) -> f64 {
        self.share(x.as_secs_f64())
    }

    fn share(&self, x: f64) -> f64 {
        // Waits are whole nanoseconds; one rounded down to its cap is at it.
        if x >= self.cap - 1e-9 {
            return 1.0;
        }
        let part = |low: f64, high: f64| match high > low {
            true => ((x - low) / (high - low)).clamp(0.0, 1.0),
            false => f64::from(u8::from(x >= low - 1e-9)),
        };
        let mean = |before: &[f64], share: &dyn Fn(f64) -> f64| {
            before.iter().map(|b| share(*b)).sum::<f64>() / before.len() as f64
        };
        match &self.shape {
            Shape::Uniform { low, high } => part(*low, *high),
            Shape::Decorrelated { base, before, .. } => mean(before, &|s| part(*base, 3.0 * s)),
            Shape::Polly { unit, .. } if *unit == 0.0 => 1.0,
            Shape::Polly { unit, steps, before, .. } => mean(before, &|m| share_below(steps, m + x / unit)),
        }
    }

    /// The seconds that this share of waits stays within, by bisection.
    fn quantile(&self, share: f64) -> f64 {
        let (mut low, mut high) = (0.0, self.max().as_secs_f64());
        for _ in 0..50 {
            let middle = f64::midpoint(low, high);
            if self.share(middle) < share { low = middle } else { high = middle }
        }
        high
    }
}

/// The share of equally likely draws that lie at or below n, given the values between equal steps of them.
fn share_below(steps: &[f64], n: f64) -> f64 {
    let above = steps.partition_point(|step| *step <= n);
    match (above.checked_sub(1).and_then(|i| steps.get(i)), steps.get(above)) {
        (None, _) => 0.0,
        (_, None) => 1.0,
        (Some(low), Some(high)) => {
            let whole = (above - 1) as f64 + (n - low) / (high - low);
            whole / (steps.len() - 1) as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Course;
    use proptest::prelude::*;
    use upstorm_model::policy::{self, Curve};
    use upstorm_model::{Seed, Stream};

    const JITTERS: [Jitter; 7] = [
        Jitter::None,
        Jitter::Full,
        Jitter::Equal,
        Jitter::Decorrelated,
        Jitter::Proportional,
        Jitter::Additive,
        Jitter::PollyV2,
    ];
    const CURVES: [Curve; 3] = [Curve::Constant, Curve::Linear, Curve::Exponential];
    const CAPS: [Cap; 2] = [Cap::BeforeJitter, Cap::AfterJitter];

    fn backoff(jitter: Jitter, curve: Curve, cap: Cap) -> policy::Backoff {
        policy::Backoff { jitter, curve, cap, max: TimeSpan::from_millis(900), ..policy::Backoff::default() }
    }

    /// The wait before retry k of this call.
    fn wait(backoff: &Backoff, call: u64, k: u32) -> Duration {
        let mut course = Course::default();
        let draw = |ordinal| Seed(7).dice(Stream::named(&["edge", "backoff"]), call, ordinal);
        (1..=u64::from(k)).map(|i| backoff.next(&mut course, false, &mut draw(i))).last().unwrap_or_default()
    }

    fn every() -> impl Iterator<Item = (policy::Backoff, u32)> {
        let settings = JITTERS.iter().flat_map(|j| CURVES.iter().map(move |c| (*j, *c)));
        // Those with a course of their own know neither curve nor cap.
        let matters = |j: Jitter, c: Curve| {
            !matches!(j, Jitter::Decorrelated | Jitter::PollyV2) || c == Curve::Constant
        };
        let settings = settings.filter(move |(j, c)| matters(*j, *c));
        let settings = settings.flat_map(|(j, c)| CAPS.iter().map(move |cap| backoff(j, c, *cap)));
        settings.flat_map(|s| (1..=4).map(move |k| (s.clone(), k)))
    }

    /// Kolmogorov–Smirnov at about one in a thousand, over every family, curve, cap and the first four retries.
    #[test]
    fn waits_follow_their_law() {
        for (settings, k) in every() {
            let b = Backoff::new(&settings);
            let law = b.law(k, false);
            let mut waits: Vec<Duration> = (0..2000).map(|call| wait(&b, call, k)).collect();
            waits.sort_unstable();
            assert!(waits[0] >= law.min() && waits[1999] <= law.max(), "{settings:?} {k}");
            let mut distance: f64 = 0.0;
            for (i, w) in waits.iter().enumerate() {
                let below = waits.partition_point(|o| o < w);
                let through = waits.partition_point(|o| o <= w);
                if through == i + 1 {
                    let at = law.cdf(*w);
                    let before = law.cdf(w.saturating_sub(Duration::from_nanos(2)));
                    distance = distance.max((at - through as f64 / 2000.0).abs());
                    distance = distance.max((before - below as f64 / 2000.0).abs());
                }
            }
            assert!(distance < 0.05, "{settings:?}, retry {k}: distance {distance}");
        }
    }

    #[test]
    fn the_first_retry_of_the_guides_is_spread_over_its_base() {
        let law = Backoff::new(&policy::Backoff::default()).law(1, false);
        assert_eq!((law.min(), law.max()), (Duration::ZERO, Duration::from_millis(200)));
        assert_eq!(law.width(), Duration::from_millis(200));
        assert!((law.cdf(Duration::from_millis(50)) - 0.25).abs() < 1e-12);
    }

    #[test]
    fn after_a_429_the_throttled_base_stands_for_the_base() {
        let settings =
            policy::Backoff { throttled_base: Some(TimeSpan::from_secs(1)), ..policy::Backoff::default() };
        let b = Backoff::new(&settings);
        assert_eq!(b.law(1, true).max(), Duration::from_secs(1));
        assert_eq!(b.law(1, false).max(), Duration::from_millis(200));
    }

    #[test]
    fn a_cap_after_the_jitter_leaves_an_atom_at_the_longest() {
        let atom = |cap| {
            let law = Backoff::new(&backoff(Jitter::Full, Curve::Exponential, cap)).law(4, false);
            1.0 - law.cdf(Duration::from_micros(899_999))
        };
        assert!(atom(Cap::BeforeJitter) < 1e-5);
        assert!((atom(Cap::AfterJitter) - (1.0 - 0.9 / 1.6)).abs() < 1e-5);
    }

    proptest! {
        /// The model: the table of the module's header, for the families without memory.
        #[test]
        fn agrees_with_the_table(
            base in 0u64..5_000, max in 0u64..10_000, multiplier in 1.0f64..4.0, f in 0.0f64..1.0,
            k in 1u32..80, call: u64,
            jitter in prop::sample::select(JITTERS.to_vec()), curve in prop::sample::select(CURVES.to_vec()),
            cap in prop::sample::select(CAPS.to_vec()),
        ) {
            let settings = policy::Backoff {
                curve, base: TimeSpan::from_millis(base), multiplier, max: TimeSpan::from_millis(max), jitter,
                jitter_factor: f, cap, ..policy::Backoff::default()
            };
            let b = Backoff::new(&settings);
            let got = wait(&b, call, k).as_secs_f64();
            let (base, max) = (base as f64 / 1e3, max as f64 / 1e3);
            let raw = match curve {
                Curve::Constant => base,
                Curve::Linear => base * f64::from(k),
                Curve::Exponential => (base * multiplier.powi(k as i32 - 1)).min(3e9),
            };
            let v = if cap == Cap::BeforeJitter { raw.min(max) } else { raw };
            let u = Seed(7).dice(Stream::named(&["edge", "backoff"]), call, u64::from(k)).unit();
            let jittered = match jitter {
                Jitter::None => v,
                Jitter::Full => u * v,
                Jitter::Equal => v / 2.0 + u * v / 2.0,
                Jitter::Proportional => v * (1.0 - f) + u * 2.0 * f * v,
                Jitter::Additive => v + u * f * v,
                Jitter::Decorrelated | Jitter::PollyV2 => {
                    prop_assert!(got >= 0.0 && got <= max + 1e-9);
                    return Ok(());
                }
            };
            let expected = if cap == Cap::AfterJitter { jittered.min(max) } else { jittered };
            prop_assert!((got - expected).abs() <= 1e-9 + 1e-9 * expected, "{} {}", got, expected);
        }
    }
}
