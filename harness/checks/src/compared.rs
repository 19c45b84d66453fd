//! Variants compared: each figure's mean over the seeds, and how it differs from the baseline's seed by seed.
//!
//! Under one seed two variants meet the same arrivals and the same fates, so the difference within a seed is theirs and
//! not chance's. Averaging the differences (a paired comparison) thus tells them apart with far fewer seeds than
//! comparing two averages would: the standard blocking argument (Box, Hunter and Hunter, Statistics for Experimenters,
//! chapter 3).

use std::collections::BTreeMap;

use upstorm_model::verdict::{Estimate, FIGURES, Figure, FigureAcross, RunFigures};

use crate::statistics::mean_interval;

/// Of every interval.
const CONFIDENCE: f64 = 0.95;

/// The figures of a variant over its runs, and beside those of its baseline, if it has one: an entry each of
/// [`FIGURES`]. Runs are paired by their seed; a seed that only one of them has is no part of the comparison.
#[must_use]
pub fn compared(runs: &[RunFigures], baseline: Option<&[RunFigures]>) -> Vec<FigureAcross> {
    FIGURES.iter().map(|figure| across(*figure, runs, baseline)).collect()
}

fn across(figure: Figure, runs: &[RunFigures], baseline: Option<&[RunFigures]>) -> FigureAcross {
    let values: Vec<Option<f64>> = runs.iter().map(|run| value(run, figure)).collect();
    let of_baseline: BTreeMap<u64, f64> =
        baseline.into_iter().flatten().filter_map(|run| Some((run.seed, value(run, figure)?))).collect();
    let pairs: Vec<(f64, f64)> =
        runs.iter().filter_map(|run| Some((value(run, figure)?, *of_baseline.get(&run.seed)?))).collect();
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    let differences: Vec<f64> = pairs.iter().map(|(mine, other)| mine - other).collect();
    FigureAcross {
        figure,
        mean: estimate(&known),
        difference: estimate(&differences),
        ratio: ratio(&pairs),
        values,
    }
}

fn value(run: &RunFigures, figure: Figure) -> Option<f64> {
    run.values.get(&figure).copied().filter(|value| value.is_finite())
}

fn estimate(values: &[f64]) -> Option<Estimate> {
    let (value, interval) = mean_interval(values, CONFIDENCE)?;
    let (low, high) = interval.unzip();
    Some(Estimate { value, low, high, confidence: CONFIDENCE, n: values.len() as u64 })
}

/// Ratios are averaged by their logarithms: twice as much and half as much cancel.
fn ratio(pairs: &[(f64, f64)]) -> Option<Estimate> {
    if pairs.iter().any(|(mine, other)| *mine <= 0.0 || *other <= 0.0) {
        return None;
    }
    let logs: Vec<f64> = pairs.iter().map(|(mine, other)| (mine / other).ln()).collect();
    let of = estimate(&logs)?;
    Some(Estimate { value: of.value.exp(), low: of.low.map(f64::exp), high: of.high.map(f64::exp), ..of })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(values: &[(u64, f64)]) -> Vec<RunFigures> {
        let run = |(seed, value): &(u64, f64)| RunFigures {
            seed: *seed,
            values: [(Figure::Goodput, *value)].into(),
        };
        values.iter().map(run).collect()
    }

    fn goodput(mine: &[(u64, f64)], baseline: Option<&[(u64, f64)]>) -> FigureAcross {
        let baseline = baseline.map(runs);
        let all = compared(&runs(mine), baseline.as_deref());
        assert_eq!(all.len(), FIGURES.len());
        assert!(all[1].mean.is_none() && all[1].difference.is_none());
        all[0].clone()
    }

    #[test]
    fn what_seeds_do_to_both_is_no_part_of_the_difference() {
        // Seeds differ by hundreds, the variants by five within each of them.
        let baseline = [(1, 100.0), (2, 400.0), (3, 250.0)];
        let mine = [(1, 105.0), (2, 405.0), (3, 255.0)];
        let found = goodput(&mine, Some(&baseline));
        let difference = found.difference.unwrap();
        assert_eq!((difference.value, difference.low, difference.n), (5.0, Some(5.0), 3));
        assert!(found.mean.unwrap().high.unwrap() > 500.0, "unpaired, nothing could be told");
    }

    #[test]
    fn runs_are_paired_by_seed_whatever_is_missing() {
        let found = goodput(&[(3, 30.0), (1, 10.0)], Some(&[(1, 5.0), (2, 99.0), (3, 15.0)]));
        let ratio = found.ratio.unwrap();
        assert!((ratio.value - 2.0).abs() < 1e-12 && ratio.n == 2, "{ratio:?}");
        assert_eq!(found.difference.unwrap().value, 10.0);
        assert_eq!(found.values, [Some(30.0), Some(10.0)]);
    }

    #[test]
    fn a_baseline_differs_from_nothing_and_nothing_is_no_multiple_of_zero() {
        let alone = goodput(&[(1, 10.0)], None);
        assert!(alone.difference.is_none() && alone.ratio.is_none() && alone.mean.unwrap().low.is_none());
        let zero = goodput(&[(1, 10.0)], Some(&[(1, 0.0)]));
        assert!(zero.ratio.is_none() && zero.difference.unwrap().value == 10.0);
        let halves = goodput(&[(1, 2.0), (2, 1.0)], Some(&[(1, 1.0), (2, 2.0)]));
        assert!((halves.ratio.unwrap().value - 1.0).abs() < 1e-12);
    }
}
