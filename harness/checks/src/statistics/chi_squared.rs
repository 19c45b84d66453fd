//! Pearson's χ²: do counts agree with what is expected of them.
//!
//! Counts that scatter more than chance have something in common. Cells of which fewer than five are expected make the
//! statistic jump (Cochran, Biometrics 10, 1954), so neighbours are joined until five are.

use statrs::function::gamma::checked_gamma_ur;

/// Expected in each cell, at least.
const LEAST_EXPECTED: f64 = 5.0;

/// Halvings of the range in which a scatter is looked for: to a millionth.
const HALVINGS: u32 = 30;

/// How far counts lie from what was expected of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquared {
    /// Σ (seen − expected)² / expected.
    pub statistic: f64,
    /// How many cells it was summed over, after joining.
    pub cells: u64,
}

impl ChiSquared {
    /// Of (seen, expected) counts in order, neighbours joined until five are expected.
    #[must_use]
    pub fn of(cells: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut out = Self { statistic: 0.0, cells: 0 };
        let (mut seen, mut expected) = (0.0, 0.0);
        for (more_seen, more_expected) in cells {
            (seen, expected) = (seen + more_seen, expected + more_expected);
            if expected >= LEAST_EXPECTED {
                out.statistic += (seen - expected) * (seen - expected) / expected;
                out.cells += 1;
                (seen, expected) = (0.0, 0.0);
            }
        }
        out
    }

    /// How many times as much as independent events the counts scatter; none without a cell.
    #[must_use]
    pub fn per_cell(self) -> Option<f64> {
        (self.cells > 0).then(|| self.statistic / self.cells as f64)
    }

    /// How many times as much as most of them so many cells of independent events scatter, once in `1 / rarely` samples.
    #[must_use]
    pub fn per_cell_of_chance(self, rarely: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1000.0);
        for _ in 0..HALVINGS {
            let middle = (low + high) / 2.0;
            let statistic = middle * self.cells as f64;
            if (Self { statistic, ..self }).p_value() < rarely { high = middle } else { low = middle }
        }
        high
    }

    /// The probability that independent events scatter at least as much.
    #[must_use]
    pub fn p_value(self) -> f64 {
        if self.cells == 0 {
            return 1.0;
        }
        checked_gamma_ur(self.cells as f64 / 2.0, self.statistic / 2.0).unwrap_or(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn critical_values_are_those_of_the_tables() {
        // 5 % and 1 % of χ² with 1, 10 and 100 degrees of freedom.
        for (cells, statistic, p) in [(1, 3.841, 0.05), (10, 23.209, 0.01), (100, 124.342, 0.05)] {
            let found = ChiSquared { statistic, cells }.p_value();
            assert!((found - p).abs() < 1e-4, "{cells}: {found}");
            let back = ChiSquared { statistic: 0.0, cells }.per_cell_of_chance(p);
            assert!((back - statistic / cells as f64).abs() < 1e-3, "{cells}: {back}");
        }
    }

    #[test]
    fn thin_cells_are_joined_and_nothing_scatters_not_at_all() {
        let joined = ChiSquared::of([(3.0, 2.0), (1.0, 4.0), (9.0, 1.0)]);
        assert_eq!(joined.cells, 1);
        assert!((joined.statistic - 4.0 / 6.0).abs() < 1e-12);
        let nothing = ChiSquared::of([]);
        assert_eq!((nothing.per_cell(), nothing.p_value()), (None, 1.0));
    }
}
