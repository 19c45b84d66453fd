//! Latency laws: the distributions that injected latency and think time are drawn from.
//!
//! A constant delay hides what real tails do to timeouts and pools, so every law of the language is here, with
//! its cumulative distribution beside its sampler: what is injected can then be judged against what was asked.
//! `max` clamps: nothing slower is ever drawn, and the law has an atom there.

use std::time::Duration;

use rand_distr::{Distribution, Exp, LogNormal, Normal, Pareto, Weibull};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Dice, TimeSpan, Varying};

/// A latency law: a constant (`"15ms"`, which may ramp), or one of the distributions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Law {
    /// Always this long.
    Constant(Varying<TimeSpan>),
    /// Drawn anew for each attempt.
    Drawn(DrawnLaw),
}

/// A distribution. The key is its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DrawnLaw {
    /// Every value between `min` and `max` equally likely.
    Uniform {
        /// Shortest.
        min: Varying<TimeSpan>,
        /// Longest.
        max: Varying<TimeSpan>,
    },
    /// The bell curve; what falls below zero is zero.
    Normal {
        /// The mean.
        mean: Varying<TimeSpan>,
        /// The standard deviation.
        stddev: Varying<TimeSpan>,
        /// Nothing is slower than this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<Varying<TimeSpan>>,
    },
    /// The usual shape of service latency. Give `p99` or `sigma`, not both.
    Lognormal {
        /// Half are faster.
        median: Varying<TimeSpan>,
        /// 99 % are faster.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        p99: Option<Varying<TimeSpan>>,
        /// Standard deviation of the logarithm.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sigma: Option<f64>,
        /// Nothing is slower than this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<Varying<TimeSpan>>,
    },
    /// Memoryless service.
    Exponential {
        /// The mean.
        mean: Varying<TimeSpan>,
        /// Nothing is slower than this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<Varying<TimeSpan>>,
    },
    /// A heavy tail: P(X > x) = (min/x)^shape.
    Pareto {
        /// Shortest.
        min: Varying<TimeSpan>,
        /// Tail index; below 1 the mean is infinite.
        shape: f64,
        /// Nothing is slower than this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<Varying<TimeSpan>>,
    },
    /// P(X > x) = exp(-(x/scale)^shape).
    Weibull {
        /// 63 % are faster.
        scale: Varying<TimeSpan>,
        /// Below 1 the tail is heavy, above 1 it is light.
        shape: f64,
        /// Nothing is slower than this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<Varying<TimeSpan>>,
    },
    /// Straight lines between measured quantiles, beginning at half the median.
    Quantiles {
        /// Half are faster.
        p50: Varying<TimeSpan>,
        /// 90 % are faster.
        p90: Varying<TimeSpan>,
        /// 99 % are faster.
        p99: Varying<TimeSpan>,
        /// Nothing is slower than this.
        max: Varying<TimeSpan>,
    },
    /// Measured buckets, read from a file of lines `upper edge, count`.
    Histogram {
        /// The file, beside the scenario.
        file: String,
        /// What the file held, filled in when it is read: upper edges, growing, with their counts.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(skip)]
        buckets: Vec<(TimeSpan, u64)>,
        /// Nothing is slower than this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<Varying<TimeSpan>>,
    },
    /// One of several laws, drawn by weight.
    Mixture(Vec<Weighted>),
}

/// A law of a mixture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Weighted {
    /// How often, against the sum of the weights.
    pub weight: f64,
    /// The law: beside `weight` stands its name.
    #[serde(flatten)]
    pub law: DrawnLaw,
}

/// The 99th percentile of the standard normal distribution.
const Z99: f64 = 2.326_347_874_040_841;

impl Law {
    /// Draws one delay, at `progress` (0 to 1) through the phase.
    pub fn sample(&self, progress: f64, dice: &mut Dice) -> Duration {
        match self {
            Self::Constant(span) => span.at(progress).get(),
            Self::Drawn(law) => TimeSpan::from_secs_f64(law.draw(progress, dice)).get(),
        }
    }

    /// The share of delays of at most `x`, at `progress` through the phase.
    #[must_use]
    pub fn cdf(&self, progress: f64, x: Duration) -> f64 {
        match self {
            Self::Constant(span) => f64::from(u8::from(x >= span.at(progress).get())),
            Self::Drawn(law) => law.cdf(progress, x.as_secs_f64()),
        }
    }

    /// The median at `progress` through the phase, by bisection of the distribution.
    #[must_use]
    pub fn median(&self, progress: f64) -> Duration {
        self.quantile(progress, 0.5)
    }

    /// The smallest delay that at least this share stays within, to a microsecond.
    #[must_use]
    pub fn quantile(&self, progress: f64, share: f64) -> Duration {
        if let Self::Constant(span) = self {
            return span.at(progress).get();
        }
        let (mut low, mut high) = (Duration::ZERO, Duration::from_micros(1));
        while self.cdf(progress, high) < share && high < Duration::from_secs(86_400) {
            high *= 2;
        }
        while high - low > Duration::from_micros(1) {
            let middle = low + (high - low) / 2;
            if self.cdf(progress, middle) < share { low = middle } else { high = middle }
        }
        high
    }
}

impl From<TimeSpan> for Law {
    fn from(span: TimeSpan) -> Self {
        Self::Constant(Varying::Fixed(span))
    }
}

fn ceiling(max: Option<&Varying<TimeSpan>>, progress: f64) -> f64 {
    max.map_or(f64::INFINITY, |m| m.at(progress).as_secs_f64())
}

/// The standard normal distribution.
fn phi(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

impl DrawnLaw {
    fn max(&self, progress: f64) -> f64 {
        match self {
            Self::Uniform { max, .. } | Self::Quantiles { max, .. } => max.at(progress).as_secs_f64(),
            Self::Normal { max, .. }
            | Self::Lognormal { max, .. }
            | Self::Exponential { max, .. }
            | Self::Pareto { max, .. }
            | Self::Weibull { max, .. }
            | Self::Histogram { max, .. } => ceiling(max.as_ref(), progress),
            Self::Mixture(_) => f64::INFINITY,
        }
    }

    /// Draws one delay in seconds.
    fn draw(&self, progress: f64, dice: &mut Dice) -> f64 {
        let at = |v: &Varying<TimeSpan>| v.at(progress).as_secs_f64();
        let seconds = match self {
            Self::Uniform { min, max } => dice.between(at(min), at(max)),
            Self::Normal { mean, stddev, .. } => draw_from(Normal::new(at(mean), at(stddev)).ok(), dice),
            Self::Lognormal { median, p99, sigma, .. } => {
                let (mu, sigma) = log_parameters(at(median), p99.as_ref().map(at), *sigma);
                draw_from(LogNormal::new(mu, sigma).ok(), dice)
            }
            Self::Exponential { mean, .. } => draw_from(Exp::new(1.0 / at(mean)).ok(), dice),
            Self::Pareto { min, shape, .. } => draw_from(Pareto::new(at(min), *shape).ok(), dice),
            Self::Weibull { scale, shape, .. } => draw_from(Weibull::new(at(scale), *shape).ok(), dice),
            Self::Quantiles { .. } | Self::Histogram { .. } => {
                interpolate_quantile(&self.knots(progress), dice.unit())
            }
            Self::Mixture(laws) => return draw_mixture(laws, progress, dice),
        };
        seconds.clamp(0.0, self.max(progress))
    }

    /// The share of delays of at most `x` seconds.
    fn cdf(&self, progress: f64, x: f64) -> f64 {
        let at = |v: &Varying<TimeSpan>| v.at(progress).as_secs_f64();
        if x < 0.0 {
            return 0.0;
        }
        if x >= self.max(progress) {
            return 1.0;
        }
        match self {
            Self::Uniform { min, max } => ((x - at(min)) / (at(max) - at(min))).clamp(0.0, 1.0),
            Self::Normal { mean, stddev, .. } => phi((x - at(mean)) / at(stddev)),
            Self::Lognormal { median, p99, sigma, .. } => {
                let (mu, sigma) = log_parameters(at(median), p99.as_ref().map(at), *sigma);
                if x == 0.0 { 0.0 } else { phi((libm::log(x) - mu) / sigma) }
            }
            Self::Exponential { mean, .. } => 1.0 - libm::exp(-x / at(mean)),
            Self::Pareto { min, shape, .. } if x > at(min) => 1.0 - libm::pow(at(min) / x, *shape),
            Self::Pareto { .. } => 0.0,
            Self::Weibull { scale, shape, .. } => 1.0 - libm::exp(-libm::pow(x / at(scale), *shape)),
            Self::Quantiles { .. } | Self::Histogram { .. } => interpolate_share(&self.knots(progress), x),
            Self::Mixture(laws) => {
                let total: f64 = laws.iter().map(|w| w.weight).sum();
                laws.iter().map(|w| w.weight / total * w.law.cdf(progress, x)).sum()
            }
        }
    }

    /// The corners of a piecewise linear distribution: (delay in seconds, share that is at most that).
    fn knots(&self, progress: f64) -> Vec<(f64, f64)> {
        let at = |v: &Varying<TimeSpan>| v.at(progress).as_secs_f64();
        match self {
            Self::Quantiles { p50, p90, p99, max } => {
                vec![(at(p50) / 2.0, 0.0), (at(p50), 0.5), (at(p90), 0.9), (at(p99), 0.99), (at(max), 1.0)]
            }
            Self::Histogram { buckets, .. } => {
                let total: u64 = buckets.iter().map(|(_, count)| count).sum();
                let mut seen = 0;
                let corner = |(edge, count): &(TimeSpan, u64)| {
                    seen += count;
                    (edge.as_secs_f64(), seen as f64 / total.max(1) as f64)
                };
                std::iter::once((0.0, 0.0)).chain(buckets.iter().map(corner)).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn draw_from(distribution: Option<impl Distribution<f64>>, dice: &mut Dice) -> f64 {
    // The language refuses parameters that make no distribution; a law built elsewhere then draws zero.
    distribution.map_or(0.0, |d| d.sample(dice.rng()))
}

fn draw_mixture(laws: &[Weighted], progress: f64, dice: &mut Dice) -> f64 {
    let total: f64 = laws.iter().map(|w| w.weight).sum();
    let mut left = dice.unit() * total;
    for w in laws {
        if left < w.weight {
            return w.law.draw(progress, dice);
        }
        left -= w.weight;
    }
    laws.last().map_or(0.0, |w| w.law.draw(progress, dice))
}

fn log_parameters(median: f64, p99: Option<f64>, sigma: Option<f64>) -> (f64, f64) {
    let mu = libm::log(median.max(1e-9));
    let from_p99 = p99.map(|p| (libm::log(p.max(1e-9)) - mu) / Z99);
    (mu, sigma.or(from_p99).unwrap_or(0.0).max(1e-9))
}

fn interpolate_quantile(knots: &[(f64, f64)], share: f64) -> f64 {
    let segment = knots.windows(2).find(|w| share <= w[1].1);
    segment.map_or(0.0, |w| {
        let ((x0, p0), (x1, p1)) = (w[0], w[1]);
        if p1 > p0 { x0 + (x1 - x0) * (share - p0) / (p1 - p0) } else { x1 }
    })
}

fn interpolate_share(knots: &[(f64, f64)], x: f64) -> f64 {
    if knots.first().is_some_and(|first| x < first.0) {
        return 0.0;
    }
    let segment = knots.windows(2).find(|w| x <= w[1].0);
    segment.map_or(1.0, |w| {
        let ((x0, p0), (x1, p1)) = (w[0], w[1]);
        if x1 > x0 { p0 + (p1 - p0) * (x - x0) / (x1 - x0) } else { p1 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Seed, Stream};

    fn every_law() -> Vec<Law> {
        let laws = [
            r#"{"uniform":{"min":"10ms","max":"30ms"}}"#,
            r#"{"normal":{"mean":"50ms","stddev":"20ms","max":"90ms"}}"#,
            r#"{"lognormal":{"median":"40ms","p99":"180ms","max":"5s"}}"#,
            r#"{"lognormal":{"median":"40ms","sigma":0.7}}"#,
            r#"{"exponential":{"mean":"25ms"}}"#,
            r#"{"pareto":{"min":"3ms","shape":1.6,"max":"2s"}}"#,
            r#"{"weibull":{"scale":"20ms","shape":0.8}}"#,
            r#"{"quantiles":{"p50":"10ms","p90":"40ms","p99":"100ms","max":"1s"}}"#,
            r#"{"histogram":{"file":"h","buckets":[["5ms",10],["10ms",70],["50ms",20]]}}"#,
            r#"{"mixture":[{"weight":97,"lognormal":{"median":"40ms","sigma":0.5}},{"weight":3,"pareto":{"min":"300ms","shape":1.6}}]}"#,
        ];
        laws.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    #[test]
    fn samples_follow_the_stated_distribution() {
        // Kolmogorov–Smirnov at 1e-6 for n = 4000: D < 2.69 / sqrt(n). The seed is fixed, so this cannot flake.
        const N: u32 = 4000;
        for law in every_law() {
            let mut drawn: Vec<Duration> = (0..N)
                .map(|i| law.sample(0.5, &mut Seed(1).dice(Stream::named(&["law"]), u64::from(i), 1)))
                .collect();
            drawn.sort_unstable();
            let distance = drawn.iter().zip(1..).fold(0.0_f64, |worst, (x, rank)| {
                let share = law.cdf(0.5, *x);
                let before = law.cdf(0.5, x.saturating_sub(Duration::from_nanos(2)));
                let (high, low) = (f64::from(rank) / f64::from(N), f64::from(rank - 1) / f64::from(N));
                // At an atom only the far side counts.
                worst.max(high - share).max(before.min(share) - low)
            });
            assert!(distance < 2.69 / f64::from(N).sqrt(), "{law:?}: {distance}");
        }
    }

    #[test]
    fn quantile_inverts_the_distribution() {
        let law: Law = serde_json::from_str(r#"{"lognormal":{"median":"40ms","p99":"180ms"}}"#).unwrap();
        assert!((law.median(0.0).as_secs_f64() - 0.040).abs() < 1e-5);
        assert!((law.quantile(0.0, 0.99).as_secs_f64() - 0.180).abs() < 1e-5);
    }

    #[test]
    fn every_law_survives_the_plan_file() {
        for law in every_law() {
            let text = serde_json::to_string(&law).unwrap();
            assert_eq!(serde_json::from_str::<Law>(&text).unwrap(), law, "{text}");
        }
    }
}
