//! Block bootstrap: the interval of a ratio over time without pretending that neighbouring moments are independent.
//!
//! Retries cluster where failures do, so drawing single calls again would claim far too narrow an interval. Whole
//! blocks of neighbouring cells are drawn instead, circularly (Politis and Romano, 1992). They are drawn within each
//! tenth of the stretch: that a budget is spent in a burst when the trouble begins is the course of events, not chance.
//! The dice are keyed, so that judging a recording twice gives the same interval.

use statrs::function::erf::erfc;
use upstorm_model::Dice;

/// Times the series is drawn again.
const ROUNDS: usize = 1000;
/// Parts of the stretch that are drawn each for itself.
const STRATA: usize = 10;

/// The ratio Σ numerator / Σ denominator over some cells of time, as drawn again and again.
#[derive(Debug, Clone)]
pub struct Redrawn {
    ratios: Vec<f64>,
}

impl Redrawn {
    /// Draws the ratio of these cells. None where nothing can be drawn: fewer than two cells, or no denominator.
    #[must_use]
    pub fn of(cells: &[(f64, f64)], dice: &mut Dice) -> Option<Self> {
        if cells.len() < 2 || cells.iter().all(|(_, below)| *below <= 0.0) {
            return None;
        }
        let stratum = cells.len().div_ceil(STRATA);
        let mut ratios: Vec<f64> = (0..ROUNDS).filter_map(|_| draw(cells, stratum, dice)).collect();
        ratios.sort_by(f64::total_cmp);
        Some(Self { ratios })
    }

    /// The interval that leaves `(1 − confidence)/2` on each side.
    #[must_use]
    pub fn interval(&self, confidence: f64) -> Option<(f64, f64)> {
        let side = ((1.0 - confidence) / 2.0 * self.ratios.len() as f64) as usize;
        Some((*self.ratios.get(side)?, *self.ratios.get(self.ratios.len().checked_sub(side + 1)?)?))
    }

    /// The chance of a ratio as high as `seen` if the true one were `bound`: a thousand draws say nothing of tails beyond
    /// a thousandth, so it is the normal tail with the spread of the draws.
    #[must_use]
    pub fn chance_above(&self, seen: f64, bound: f64) -> f64 {
        let n = self.ratios.len() as f64;
        let mean = self.ratios.iter().sum::<f64>() / n;
        let variance = self.ratios.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
        match variance.sqrt() {
            spread if spread > 0.0 => 0.5 * erfc((seen - bound) / spread / std::f64::consts::SQRT_2),
            _ => f64::from(u8::from(seen <= bound)),
        }
    }
}

/// One series drawn again, of blocks within each stratum.
fn draw(cells: &[(f64, f64)], stratum: usize, dice: &mut Dice) -> Option<f64> {
    let (mut above, mut below) = (0.0, 0.0);
    for cells in cells.chunks(stratum) {
        let block = (cells.len() as f64).cbrt().round().max(1.0) as usize;
        let mut left = cells.len();
        while left > 0 {
            let start = (dice.unit() * cells.len() as f64) as usize;
            for step in 0..block.min(left) {
                let (a, b) = cells[(start + step) % cells.len()];
                above += a;
                below += b;
            }
            left -= block.min(left);
        }
    }
    (below > 0.0).then(|| above / below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::{Seed, Stream};

    fn dice(seed: u64) -> Dice {
        Seed(seed).dice(Stream::named(&["bootstrap"]), 0, 0)
    }

    #[test]
    fn the_true_ratio_lies_inside_about_as_often_as_stated() {
        let (mut inside, mut unlikely) = (0, 0);
        for seed in 0..200 {
            let mut source = dice(1000 + seed);
            let cells: Vec<(f64, f64)> = (0..200)
                .map(|_| {
                    (0..10).fold((0.0, 0.0), |(a, b), _| {
                        (a + 1.0 + f64::from(u8::from(source.chance(0.3))), b + 1.0)
                    })
                })
                .collect();
            let redrawn = Redrawn::of(&cells, &mut dice(seed)).unwrap();
            let (low, high) = redrawn.interval(0.95).unwrap();
            inside += u32::from(low <= 1.3 && 1.3 <= high);
            let sum = cells.iter().fold((0.0, 0.0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
            unlikely += u32::from(redrawn.chance_above(sum.0 / sum.1, 1.3) < 0.05);
        }
        assert!(inside >= 176, "{inside} of 200 at 95 %");
        assert!((3..=20).contains(&unlikely), "{unlikely} of 200 at 5 %");
    }

    #[test]
    fn a_constant_ratio_has_no_width_and_an_empty_one_no_interval() {
        let constant = Redrawn::of(&[(8.0, 2.0); 40], &mut dice(1)).unwrap();
        assert_eq!(constant.interval(0.95), Some((4.0, 4.0)));
        assert_eq!((constant.chance_above(4.0, 3.9), constant.chance_above(4.0, 4.0)), (0.0, 1.0));
        assert!(Redrawn::of(&[(1.0, 0.0); 40], &mut dice(1)).is_none());
        assert!(Redrawn::of(&[], &mut dice(1)).is_none());
    }
}
