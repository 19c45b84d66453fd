//! Across seeds: runs that differ only in their seed, added up check by check.
//!
//! How often a check fails is a share, so it gets its Clopper–Pearson interval: none of 20 failed still leaves up to
//! 17 %. What chance does to a measure is told by quantiles with bounds by order statistics, because a mean and a
//! deviation would assume a shape that retry storms do not have. With few seeds a bound is missing rather than guessed:
//! the median needs 6 seeds to be bounded on both sides, the outer twentieths 72.

use std::collections::BTreeMap;

use upstorm_model::verdict::{
    Bound, CheckAcross, Finding, Interval, MeasureAcross, Observation, QuantileAcross, Relation, SeedRun,
    Verdict,
};

use crate::statistics::{QuantileBounds, lower, quantile, upper};

/// Of both sides of every interval together.
const CONFIDENCE: f64 = 0.95;
/// Of each side alone.
const ONE_SIDE: f64 = 1.0 - (1.0 - CONFIDENCE) / 2.0;
/// The quantiles over seeds.
const QUANTILES: [f64; 3] = [0.05, 0.5, 0.95];

/// Adds up runs that differ only in their seed: one entry a check, in the order of the scenario.
///
/// A run without a finding for a check counts as inconclusive for it. A pure function of the runs, in their order.
#[must_use]
pub fn across(runs: &[SeedRun]) -> Vec<CheckAcross> {
    let mut checks = Lined::new(runs.len());
    for (index, run) in runs.iter().enumerate() {
        checks.add(index, &run.findings, |f| (&f.check, &f.kind, &f.subject, &f.during));
    }
    let seeds: Vec<u64> = runs.iter().map(|r| r.seed).collect();
    checks.rows.iter().filter_map(|findings| check(&seeds, findings)).collect()
}

/// The things of several runs, lined up by what they are: a row each, in it one place a run.
struct Lined<'a, T, K> {
    runs: usize,
    rows: Vec<Vec<Option<&'a T>>>,
    /// The row of a key, and of how many of the same key came before it in the same run.
    known: BTreeMap<(K, usize), usize>,
}

impl<'a, T, K: Ord + Clone> Lined<'a, T, K> {
    const fn new(runs: usize) -> Self {
        Self { runs, rows: Vec::new(), known: BTreeMap::new() }
    }

    fn add(&mut self, run: usize, things: &'a [T], key: impl Fn(&'a T) -> K) {
        let mut before: BTreeMap<K, usize> = BTreeMap::new();
        for thing in things {
            let key = key(thing);
            let count = before.entry(key.clone()).or_insert(0);
            let row = *self.known.entry((key, *count)).or_insert(self.rows.len());
            *count += 1;
            if row == self.rows.len() {
                self.rows.push(vec![None; self.runs]);
            }
            if let Some(place) = self.rows.get_mut(row).and_then(|r| r.get_mut(run)) {
                *place = Some(thing);
            }
        }
    }
}

/// One check over all seeds; none if no run has it, which cannot be.
fn check(seeds: &[u64], findings: &[Option<&Finding>]) -> Option<CheckAcross> {
    let known = findings.iter().flatten().next()?;
    let verdicts = || findings.iter().map(|f| f.map_or(Verdict::Inconclusive, |f| f.verdict));
    let count = |verdict| verdicts().filter(|v| *v == verdict).count() as u64;
    let first = |verdict| verdicts().position(|v| v == verdict).and_then(|at| seeds.get(at)).copied();
    let (held, failed) = (count(Verdict::Held), count(Verdict::Failed));
    // A seed that could not tell is no evidence either way.
    let (hits, told) = (failed as f64, (held + failed) as f64);
    Some(CheckAcross {
        check: known.check.clone(),
        kind: known.kind.clone(),
        subject: known.subject.clone(),
        during: known.during.clone(),
        severity: known.severity,
        line: known.line,
        column: known.column,
        held,
        failed,
        inconclusive: count(Verdict::Inconclusive),
        unjudged: findings.iter().filter(|f| f.is_none()).count() as u64,
        first_failed: first(Verdict::Failed),
        first_inconclusive: first(Verdict::Inconclusive),
        failing: (told > 0.0).then(|| hits / told),
        failing_interval: Interval {
            low: lower(hits, told, ONE_SIDE),
            high: upper(hits, told, ONE_SIDE),
            confidence: CONFIDENCE,
        },
        measures: measures(seeds, findings),
    })
}

fn measures(seeds: &[u64], findings: &[Option<&Finding>]) -> Vec<MeasureAcross> {
    let mut lined = Lined::new(seeds.len());
    for (index, finding) in findings.iter().enumerate() {
        let observations = finding.map_or(&[][..], |f| &f.observations);
        lined.add(index, observations, |o| (o.measure, o.part.as_str()));
    }
    lined.rows.iter().filter_map(|observations| measure(seeds, observations)).collect()
}

/// One measure over all seeds; none if no run has it, which cannot be.
fn measure(seeds: &[u64], observations: &[Option<&Observation>]) -> Option<MeasureAcross> {
    let known = observations.iter().flatten().next()?;
    let of = |o: &Option<&Observation>| o.and_then(|o| o.value).filter(|v| v.is_finite());
    let values: Vec<Option<f64>> = observations.iter().map(of).collect();
    let mut sorted: Vec<f64> = values.iter().copied().flatten().collect();
    sorted.sort_by(f64::total_cmp);
    let judged = |verdict| observations.iter().flatten().filter(move |o| o.verdict == verdict);
    let same = observations.iter().flatten().all(|o| o.bound == known.bound);
    let bound = known.bound.filter(|b| same && b.value.is_finite());
    Some(MeasureAcross {
        measure: known.measure,
        part: known.part.clone(),
        unit: known.unit,
        bound,
        failed: judged(Verdict::Failed).count() as u64,
        inconclusive: judged(Verdict::Inconclusive).count() as u64,
        doubt: judged(Verdict::Inconclusive).find_map(|o| o.doubt),
        n: sorted.len() as u64,
        min: sorted.first().copied(),
        max: sorted.last().copied(),
        worst_seed: bound.and_then(|b| worst(seeds, &values, b)),
        quantiles: QUANTILES.iter().filter_map(|q| quantile_across(&sorted, *q)).collect(),
        values,
    })
}

fn quantile_across(sorted: &[f64], q: f64) -> Option<QuantileAcross> {
    let bounds = QuantileBounds::of(sorted, q, 1.0, ONE_SIDE);
    let value = quantile(sorted, q)?;
    Some(QuantileAcross { q, value, low: bounds.low, high: bounds.high, confidence: CONFIDENCE })
}

/// The first of the seeds whose value is the worst.
fn worst(seeds: &[u64], values: &[Option<f64>], bound: Bound) -> Option<u64> {
    let badness = |value: f64| if bound.relation == Relation::AtMost { value } else { -value };
    let valued = seeds.iter().zip(values).filter_map(|(seed, value)| Some((*seed, badness((*value)?))));
    valued.reduce(|worst, next| if next.1 > worst.1 { next } else { worst }).map(|(seed, _)| seed)
}

#[cfg(test)]
mod tests {
    use upstorm_model::scenario::Severity;
    use upstorm_model::verdict::{BoundSource, Doubt, Measure, Unit};

    use super::*;

    fn observation(value: Option<f64>, limit: f64) -> Observation {
        let verdict = match value {
            None => Verdict::Inconclusive,
            Some(v) if v > limit => Verdict::Failed,
            Some(_) => Verdict::Held,
        };
        Observation {
            measure: Measure::ErrorShare,
            part: String::new(),
            value,
            unit: Unit::Ratio,
            n: 100,
            interval: None,
            bound: Some(Bound { relation: Relation::AtMost, value: limit, source: BoundSource::Scenario }),
            verdict,
            doubt: value.is_none().then_some(Doubt::NothingMeasured),
            exhibits: Vec::new(),
            p_value: None,
            recognised: None,
        }
    }

    fn finding(name: &str, observations: Vec<Observation>) -> Finding {
        Finding {
            check: name.into(),
            kind: "slo".into(),
            subject: "shoppers".into(),
            during: Vec::new(),
            severity: Severity::Fail,
            verdict: Finding::verdict_of(&observations),
            observations,
            line: Some(7),
            column: None,
        }
    }

    fn runs(values: impl IntoIterator<Item = Option<f64>>) -> Vec<SeedRun> {
        let findings = |value| vec![finding("few errors", vec![observation(value, 0.5)])];
        let run = |(value, seed)| SeedRun { seed, exit_code: 0, findings: findings(value) };
        values.into_iter().zip(11..).map(run).collect()
    }

    #[test]
    fn verdicts_are_counted_and_the_first_seeds_named() {
        let mut runs = runs([Some(0.1), None, Some(0.9), Some(0.2), Some(0.6)]);
        runs.push(SeedRun { seed: 16, exit_code: 21, findings: Vec::new() });
        let [check] = &across(&runs)[..] else { panic!("one check") };
        assert_eq!((check.held, check.failed, check.inconclusive, check.unjudged), (2, 2, 2, 1));
        assert_eq!((check.first_failed, check.first_inconclusive), (Some(13), Some(12)));
        assert_eq!((check.failing, check.line), (Some(0.5), Some(7)));
        // 2 of 4, 97.5 % on each side, of the usual tables.
        assert!((check.failing_interval.low - 0.0676).abs() < 1e-4, "{check:?}");
        assert!((check.failing_interval.high - 0.9324).abs() < 1e-4);
        let m = &check.measures[0];
        assert_eq!((m.n, m.failed, m.inconclusive, m.worst_seed), (4, 2, 1, Some(13)));
        assert_eq!((m.min, m.max, m.doubt), (Some(0.1), Some(0.9), Some(Doubt::NothingMeasured)));
        assert_eq!(m.values, [Some(0.1), None, Some(0.9), Some(0.2), Some(0.6), None]);
    }

    #[test]
    fn none_of_twenty_still_leaves_a_sixth() {
        let check = &across(&runs((0..20).map(|_| Some(0.1))))[0];
        assert_eq!((check.failing, check.failing_interval.low), (Some(0.0), 0.0));
        assert!((check.failing_interval.high - 0.1684).abs() < 1e-4);
    }

    #[test]
    fn a_check_that_could_never_be_told_fails_with_an_unknown_share() {
        let check = &across(&runs([None, None]))[0];
        assert_eq!((check.failing, check.held, check.inconclusive), (None, 0, 2));
        assert_eq!((check.failing_interval.low, check.failing_interval.high), (0.0, 1.0));
        assert_eq!((check.measures[0].n, check.measures[0].worst_seed), (0, None));
        assert!(check.measures[0].quantiles.is_empty());
    }

    /// The bounds of the three quantiles of 1 to n.
    fn bounds(n: u32) -> Vec<(Option<f64>, Option<f64>)> {
        let checks = across(&runs((1..=n).rev().map(|v| Some(f64::from(v)))));
        checks[0].measures[0].quantiles.iter().map(|q| (q.low, q.high)).collect()
    }

    #[test]
    fn bounds_are_the_ranks_of_the_tables_and_missing_where_seeds_are_too_few() {
        // The usual tables of ranks for the median at 95 %: 1 and 6 of 6, 6 and 15 of 20, 40 and 61 of 100.
        assert_eq!(bounds(5)[1], (None, None));
        assert_eq!(bounds(6)[1], (Some(1.0), Some(6.0)));
        assert_eq!(bounds(20), [(None, Some(4.0)), (Some(6.0), Some(15.0)), (Some(17.0), None)]);
        assert_eq!(bounds(100)[1], (Some(40.0), Some(61.0)));
        assert_eq!((bounds(71)[0].0, bounds(71)[2].1), (None, None));
        assert_eq!((bounds(72)[0].0, bounds(72)[2].1), (Some(1.0), Some(72.0)));
    }

    #[test]
    fn the_true_quantile_lies_outside_as_seldom_as_stated() {
        // Seeds 1 to 400 of a uniform measure, 20 runs each: the median lies outside in at most 5 %.
        let outside = (0..400).filter(|round| {
            let value =
                |seed| upstorm_model::Seed(seed).dice(upstorm_model::Stream::named(&["across"]), 0, 0).unit();
            let checks = across(&runs((0..20).map(|k| Some(value(round * 20 + k)))));
            let q = checks[0].measures[0].quantiles[1];
            q.low.is_some_and(|low| low > 0.5) || q.high.is_some_and(|high| high < 0.5)
        });
        let outside = outside.count();
        assert!((4..=30).contains(&outside), "{outside} of 400");
    }

    #[test]
    fn what_differs_between_runs_is_lined_up_by_name() {
        let two = |a: &str, b: &str| {
            vec![finding(a, vec![observation(Some(0.1), 0.5)]), finding(b, vec![observation(Some(0.9), 0.5)])]
        };
        let run = |seed, findings| SeedRun { seed, exit_code: 0, findings };
        let checks = across(&[run(1, two("a", "b")), run(2, two("b", "c")), run(3, two("a", "a"))]);
        let said: Vec<_> =
            checks.iter().map(|c| (c.check.as_str(), c.held, c.failed, c.inconclusive)).collect();
        assert_eq!(said, [("a", 2, 0, 1), ("b", 1, 1, 1), ("c", 0, 1, 2), ("a", 0, 1, 2)]);
    }

    #[test]
    fn a_bound_that_moves_is_no_bound_and_what_is_no_number_no_value() {
        let run = |seed, o| SeedRun { seed, exit_code: 0, findings: vec![finding("a", vec![o])] };
        let checks = across(&[run(1, observation(Some(0.1), 0.5)), run(2, observation(Some(f64::NAN), 0.6))]);
        let m = &checks[0].measures[0];
        assert_eq!((m.bound, m.n, m.worst_seed), (None, 1, None));
        assert_eq!(m.values, [Some(0.1), None]);
    }

    #[test]
    fn the_worst_of_what_should_be_large_is_the_smallest() {
        let least = |value, verdict| {
            let o = observation(Some(value), 0.5);
            Observation { bound: o.bound.map(|b| Bound { relation: Relation::AtLeast, ..b }), verdict, ..o }
        };
        let run = |seed, value| {
            let findings = vec![finding("a", vec![least(value, Verdict::Held)])];
            SeedRun { seed, exit_code: 0, findings }
        };
        let checks = across(&[run(1, 0.9), run(2, 0.6), run(3, 0.6)]);
        assert_eq!(checks[0].measures[0].worst_seed, Some(2));
        assert!(across(&[]).is_empty());
    }
}
