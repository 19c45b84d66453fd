//! Holm's step-down procedure: many tests in one run, one stated error for all of them together.
//!
//! Forty tests at 1 % each raise a false alarm in every third run. Holm keeps the chance of any false alarm at `alpha`
//! and finds more than dividing by the number of tests would (Holm, Scandinavian Journal of Statistics 6, 1979).

/// Which of these hypotheses are rejected at this family-wise error, by position.
#[must_use]
pub fn rejected(p_values: &[f64], alpha: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut out = vec![false; p_values.len()];
    for (step, index) in order.into_iter().enumerate() {
        if p_values[index] > alpha / (p_values.len() - step) as f64 {
            break;
        }
        out[index] = true;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holms_own_example() {
        // p = 0.01, 0.04, 0.03, 0.005 at 5 %: the two smallest fall, 0.03 > 0.05/2 stops it.
        assert_eq!(rejected(&[0.01, 0.04, 0.03, 0.005], 0.05), [true, false, false, true]);
    }

    #[test]
    fn nothing_and_one() {
        assert!(rejected(&[], 0.01).is_empty());
        assert_eq!(rejected(&[0.009], 0.01), [true]);
    }
}
