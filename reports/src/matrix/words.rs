//! Several variants in words: what each figure is called, what it came to, and how it compares.

use upstorm_model::verdict::{CheckAcross, Estimate, FIGURES, Figure, Unit, Verdict};

use super::{MatrixResults, VariantResults};
use crate::figures::{count, number, rate, share, value};
use crate::words;

/// What a figure is called at the head of a column.
#[must_use]
pub const fn name(figure: Figure) -> &'static str {
    match figure {
        Figure::Goodput => "goodput",
        Figure::ErrorShare => "errors",
        Figure::ThrottledShare => "throttled",
        Figure::LatencyP50 => "p50",
        Figure::LatencyP95 => "p95",
        Figure::LatencyP99 => "p99",
        Figure::Amplification => "attempts per call",
    }
}

/// The variants in numbers: `variants: 2 failed, 1 held, 1 not counted`.
#[must_use]
pub fn headline(matrix: &MatrixResults) -> String {
    let counting = || matrix.variants.iter().filter(|variant| variant.gates);
    let of = |verdict| counting().filter(|variant| variant.seeds.verdict == verdict).count();
    let all = matrix.variants.len();
    let told = words::counted([of(Verdict::Failed), of(Verdict::Inconclusive), 0, of(Verdict::Held)]);
    match all - counting().count() {
        0 => format!("variants: {told}"),
        idle if idle == all => "no variant counts".to_owned(),
        idle => format!("variants: {told}, {idle} not counted"),
    }
}

/// How much was run: `4 variants with seeds 1 to 10`.
#[must_use]
pub fn which(matrix: &MatrixResults) -> String {
    let n = matrix.variants.len();
    let variants = format!("{n} {}", if n == 1 { "variant" } else { "variants" });
    let longest = matrix.variants.iter().max_by_key(|variant| variant.seeds.runs.len());
    longest.map_or(variants.clone(), |v| format!("{variants} × {}", crate::seeds::words::which(&v.seeds)))
}

/// That not everything was run, if so.
#[must_use]
pub fn partial(matrix: &MatrixResults) -> Option<String> {
    let run: usize = matrix.variants.iter().map(|variant| variant.seeds.runs.len()).sum();
    let asked = matrix.variants.len() as u64 * u64::from(matrix.asked);
    matrix.partial.then(|| {
        let (run, asked) = (count(run as u64), count(asked));
        format!(
            "Ended early: {run} of the {asked} runs asked for were performed, and only those are counted."
        )
    })
}

/// Each figure of a variant, its mean and how sure that is: `198/s`, `± 2.1/s`.
#[must_use]
pub fn means(variant: &VariantResults) -> Vec<(String, String)> {
    let of = |figure: &Figure| {
        let mean = variant.figure(*figure).and_then(|across| across.mean);
        mean.map_or_else(nothing, |mean| (said(*figure, mean.value), half(*figure, mean)))
    };
    FIGURES.iter().map(of).collect()
}

/// Each figure of a variant beside its baseline's: shares by what is between them (`+3.2 pp`), the rest by how many times
/// as much (`×1.31`), or by the difference where there is no such number; each with its interval.
#[must_use]
pub fn comparisons(variant: &VariantResults) -> Vec<(String, String)> {
    let of = |figure: &Figure| {
        let Some(across) = variant.figure(*figure) else { return nothing() };
        match (across.ratio.filter(|_| !is_share(*figure)), across.difference) {
            (Some(ratio), _) => (format!("×{}", times(ratio.value)), range(ratio)),
            (None, Some(difference)) => (signed(*figure, difference.value), half(*figure, difference)),
            (None, None) => nothing(),
        }
    };
    FIGURES.iter().map(of).collect()
}

/// Whether an estimate is sure to differ from no difference: its interval does not hold `none`.
const fn differs(estimate: Estimate, none: f64) -> bool {
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => low > none || high < none,
        _ => false,
    }
}

/// Which figures of a variant are surely not the baseline's, in the order of the tables.
#[must_use]
pub fn surely_different(variant: &VariantResults) -> Vec<bool> {
    let of = |figure: &Figure| variant.figure(*figure).and_then(|across| across.difference);
    FIGURES.iter().map(|figure| of(figure).is_some_and(|difference| differs(difference, 0.0))).collect()
}

fn nothing() -> (String, String) {
    ("–".to_owned(), String::new())
}

const fn is_share(figure: Figure) -> bool {
    matches!(figure, Figure::ErrorShare | Figure::ThrottledShare)
}

fn said(figure: Figure, of: f64) -> String {
    match figure {
        Figure::Goodput => rate(of),
        Figure::ErrorShare | Figure::ThrottledShare => share(of),
        Figure::LatencyP50 | Figure::LatencyP95 | Figure::LatencyP99 => value(of, Unit::Seconds),
        Figure::Amplification => number(of),
    }
}

/// A difference: of shares in percentage points.
fn signed(figure: Figure, of: f64) -> String {
    let sign = if of > 0.0 { "+" } else { "" };
    format!("{sign}{}", distance(figure, of))
}

fn distance(figure: Figure, of: f64) -> String {
    if is_share(figure) { format!("{} pp", number(of * 100.0)) } else { said(figure, of) }
}

/// The half of an interval around its mean, in the unit of the figure.
fn half(figure: Figure, of: Estimate) -> String {
    let width = of.low.zip(of.high).map(|(low, high)| (high - low) / 2.0);
    width.map_or_else(String::new, |half| format!("± {}", distance(figure, coarse(half, of.value))))
}

/// A half-width with two digits, never less than a thousandth of what it stands around: more would be noise, and does not
/// fit into a table. Rounded up, since an interval may be wider than it must be and not narrower.
fn coarse(half: f64, around: f64) -> f64 {
    let half = if half > 0.0 { half.max(around.abs() / 1000.0) } else { return half };
    let digit = 10_f64.powi(half.log10().floor() as i32 - 1);
    (half / digit - 1e-9).ceil() * digit
}

/// Both ends of an interval of a ratio, which lie unevenly around it.
fn range(of: Estimate) -> String {
    let ends = of.low.zip(of.high);
    ends.map_or_else(String::new, |(low, high)| format!("{}–{}", times(low), times(high)))
}

/// How many times as much. Next to 1 a digit more, where the third would hide every difference.
fn times(of: f64) -> String {
    if (0.95..1.05).contains(&of) { format!("{of:.3}") } else { number(of) }
}

/// What a check came to over the seeds: `held 10`, `failed 7 of 10`, `failed 1, inconclusive 2 of 10`.
#[must_use]
pub fn tally(check: &CheckAcross) -> String {
    let all = check.held + check.failed + check.inconclusive;
    let of = |n: u64, what: &str| (n > 0).then(|| format!("{what} {}", count(n)));
    let bad: Vec<String> =
        [of(check.failed, "failed"), of(check.inconclusive, "inconclusive")].into_iter().flatten().collect();
    if bad.is_empty() {
        format!("held {}", count(all))
    } else {
        format!("{} of {}", bad.join(", "), count(all))
    }
}

/// What a variant sets, in one line.
#[must_use]
pub fn settings(variant: &VariantResults) -> String {
    let all: Vec<String> = variant.settings.iter().map(|s| format!("{} = {}", s.path, s.value)).collect();
    if all.is_empty() { "the file as it is".to_owned() } else { all.join(", ") }
}

/// What stands behind a variant's name: that it is the baseline, that it does not count.
#[must_use]
pub fn standing(variant: &VariantResults, matrix: &MatrixResults) -> &'static str {
    let is_baseline = matrix.compared().any(|(_, baseline)| baseline == variant.label);
    match (is_baseline, variant.gates) {
        (true, true) => "baseline",
        (true, false) => "baseline, not counted",
        (false, true) => "",
        (false, false) => "not counted",
    }
}

/// The checks that are shown of a variant: those that were asked for, and those of the harness that did not hold.
pub fn shown(variant: &VariantResults) -> impl Iterator<Item = &CheckAcross> {
    let matters = |check: &&CheckAcross| {
        !words::is_always_on(&check.kind) || check.failed > 0 || check.inconclusive > 0
    };
    variant.seeds.checks.iter().filter(matters)
}

/// How the figures were made, in a sentence.
pub const METHOD: &str = "Means over the seeds with 95 % intervals (Student's t); shares compared in percentage points \
    (pp), the rest by ratio (×), seed by seed: variants meet the same arrivals and the same fates under one seed. \
    * marks what surely differs.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_width_has_two_digits_and_is_never_narrower() {
        for (half, around, shown) in [
            (0.0145, 4.2, 0.015),
            (78.2, 987.0, 79.0),
            (6.9e-6, 1.0, 0.001),
            (0.11, 1.0, 0.11),
            (0.0, 1.0, 0.0),
        ] {
            assert!((coarse(half, around) - shown).abs() < 1e-9, "{half} around {around}");
        }
    }

    #[test]
    fn a_ratio_next_to_one_shows_how_far_from_it() {
        assert_eq!([1.0034, 0.9712, 1.131, 0.884].map(times), ["1.003", "0.971", "1.13", "0.884"]);
    }
}
