//! Observe / judge: a reading is what a check measured; held against a bound it becomes an observation with a verdict.
//!
//! Every check would otherwise say for itself when it has too few samples, and one of them would forget. It is said
//! here, once: nothing measured, too few samples and a doubtful harness are Inconclusive, whatever the value.

use upstorm_model::verdict::{
    Bound, BoundSource, Doubt, Exhibit, Interval, Measure, Observation, RecognisedBackoff, Relation, Unit,
    Verdict,
};

/// Exhibits that are kept, worst first.
const MOST_EXHIBITS: usize = 5;

/// What was measured, not yet judged.
#[derive(Debug, Clone)]
pub struct Reading {
    measure: Measure,
    unit: Unit,
    part: String,
    n: u64,
    value: Option<f64>,
    interval: Option<Interval>,
    exhibits: Vec<Exhibit>,
    least: u64,
    needs: u64,
    ruling: Option<Verdict>,
    doubt: Option<Doubt>,
    chance: Option<f64>,
    recognised: Option<RecognisedBackoff>,
}

impl Reading {
    /// A measurement that rests on `n` samples.
    #[must_use]
    pub const fn of(measure: Measure, unit: Unit, n: u64) -> Self {
        Self {
            measure,
            unit,
            part: String::new(),
            n,
            value: None,
            interval: None,
            exhibits: Vec::new(),
            least: 1,
            needs: 1,
            ruling: None,
            doubt: None,
            chance: None,
            recognised: None,
        }
    }

    /// Which part, where there are several.
    #[must_use]
    pub fn part(mut self, part: impl Into<String>) -> Self {
        self.part = part.into();
        self
    }

    /// The value.
    #[must_use]
    pub fn value(mut self, value: Option<f64>) -> Self {
        self.value = value.filter(|v| v.is_finite());
        self
    }

    /// Where the true value lies. Without a ruling, the whole interval must lie on the right side of the bound.
    #[must_use]
    pub const fn interval(mut self, low: f64, high: f64, confidence: f64) -> Self {
        self.interval = Some(Interval { low, high, confidence });
        self
    }

    /// The events that decide, worst first.
    #[must_use]
    pub fn exhibits(mut self, mut exhibits: Vec<Exhibit>) -> Self {
        exhibits.truncate(MOST_EXHIBITS);
        self.exhibits = exhibits;
        self
    }

    /// The fewest samples with which it may hold. A failure may be sure with fewer.
    #[must_use]
    pub const fn least(mut self, n: u64) -> Self {
        self.least = n;
        self
    }

    /// The fewest samples that can settle anything: with fewer, chance looks bad as easily as good.
    #[must_use]
    pub const fn needs(mut self, n: u64) -> Self {
        self.needs = n;
        self
    }

    /// The verdict of the check's own rule, in place of comparing value or interval with the bound.
    #[must_use]
    pub const fn ruled(mut self, verdict: Verdict) -> Self {
        self.ruling = Some(verdict);
        self
    }

    /// A reason not to trust the value at all, if there is one.
    #[must_use]
    pub fn doubted(mut self, doubt: Option<Doubt>) -> Self {
        self.doubt = self.doubt.or(doubt);
        self
    }

    /// For a statistical reading: the chance of a value at least so bad if the bound were kept. All of a run are judged
    /// together by it, so that many checks raise no more false alarms than one.
    #[must_use]
    pub fn chance(mut self, p: impl Into<Option<f64>>) -> Self {
        self.chance = p.into().filter(|p| p.is_finite()).map(|p| p.clamp(0.0, 1.0));
        self
    }

    /// The backoff that was recognised.
    #[must_use]
    pub fn recognised(mut self, recognised: RecognisedBackoff) -> Self {
        self.recognised = Some(recognised);
        self
    }

    /// Judges it. With fewer than `min_samples` it is Inconclusive, even where its statistics need less.
    #[must_use]
    pub fn against(self, bound: Bound, min_samples: Option<u64>) -> Observation {
        let asked = min_samples.unwrap_or(0).max(self.needs);
        let verdict = self.ruling.unwrap_or_else(|| self.compare(bound));
        let doubt = self.doubt.or(match verdict {
            _ if self.n == 0 => Some(Doubt::NothingMeasured),
            _ if self.n < asked => Some(Doubt::TooFewSamples { needed: asked.max(self.least) }),
            Verdict::Failed => None,
            _ if self.n < self.least => Some(Doubt::TooFewSamples { needed: self.least }),
            Verdict::Held => None,
            Verdict::Inconclusive => Some(Doubt::Undecided),
        });
        Observation {
            measure: self.measure,
            part: self.part,
            value: self.value,
            unit: self.unit,
            n: self.n,
            interval: self.interval,
            bound: Some(bound),
            verdict: if doubt.is_some() { Verdict::Inconclusive } else { verdict },
            doubt,
            exhibits: self.exhibits,
            p_value: self.chance.filter(|_| self.n > 0),
            recognised: self.recognised,
        }
    }

    fn compare(&self, bound: Bound) -> Verdict {
        let kept = |value: f64| match bound.relation {
            Relation::AtMost => value <= bound.value,
            Relation::AtLeast => value >= bound.value,
        };
        match (self.interval, self.value) {
            (Some(i), _) if kept(i.low) && kept(i.high) => Verdict::Held,
            (Some(i), _) if !kept(i.low) && !kept(i.high) => Verdict::Failed,
            (Some(_), _) | (None, None) => Verdict::Inconclusive,
            (None, Some(value)) if kept(value) => Verdict::Held,
            (None, Some(_)) => Verdict::Failed,
        }
    }
}

/// A bound from above.
pub(crate) const fn at_most(value: f64, source: BoundSource) -> Bound {
    Bound { relation: Relation::AtMost, value, source }
}

/// A bound from below.
pub(crate) const fn at_least(value: f64, source: BoundSource) -> Bound {
    Bound { relation: Relation::AtLeast, value, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: Bound = at_most(10.0, BoundSource::Scenario);

    fn reading(n: u64) -> Reading {
        Reading::of(Measure::Amplification, Unit::Times, n)
    }

    #[test]
    fn nothing_measured_is_never_held() {
        let nothing = reading(0).value(Some(1.0)).ruled(Verdict::Held).against(TEN, None);
        assert_eq!((nothing.verdict, nothing.doubt), (Verdict::Inconclusive, Some(Doubt::NothingMeasured)));
    }

    #[test]
    fn too_few_samples_keep_it_from_holding_but_not_from_failing() {
        let few = reading(5).least(59);
        assert_eq!(
            few.clone().value(Some(1.0)).against(TEN, None).doubt,
            Some(Doubt::TooFewSamples { needed: 59 })
        );
        assert_eq!(few.clone().value(Some(11.0)).against(TEN, None).verdict, Verdict::Failed);
        assert_eq!(few.clone().value(Some(11.0)).against(TEN, Some(6)).verdict, Verdict::Inconclusive);
        assert_eq!(few.value(Some(11.0)).needs(6).against(TEN, None).verdict, Verdict::Inconclusive);
    }

    #[test]
    fn an_interval_decides_only_as_a_whole() {
        let verdict =
            |low, high| reading(9).value(Some(9.0)).interval(low, high, 0.95).against(TEN, None).verdict;
        assert_eq!(verdict(8.0, 10.0), Verdict::Held);
        assert_eq!(verdict(8.0, 11.0), Verdict::Inconclusive);
        assert_eq!(verdict(10.5, 11.0), Verdict::Failed);
    }

    #[test]
    fn a_doubtful_harness_overrides_any_value() {
        let late = Doubt::HarnessLate { seconds: 0.05 };
        let seen = reading(9).value(Some(11.0)).doubted(Some(late)).against(TEN, None);
        assert_eq!((seen.verdict, seen.doubt), (Verdict::Inconclusive, Some(late)));
    }
}
