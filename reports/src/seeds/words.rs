//! Several seeds in words: how often a check failed and how sure that is, how far a measure moves, which seed to look at.

use std::collections::BTreeMap;

use upstorm_model::scenario::Severity;
use upstorm_model::verdict::{CheckAcross, Interval, MeasureAcross, QuantileAcross, Verdict};

use super::SeedsResults;
use super::document::worst_of;
use crate::figures::{count, interval, share, spoken, value};
use crate::words;

/// Seeds that are named one by one before the rest is only counted.
const MOST_NAMED: usize = 8;

/// The checks in numbers: `1 check failed, 1 inconclusive, 9 held`.
#[must_use]
pub fn headline(seeds: &SeedsResults) -> String {
    let of = |verdict| seeds.found(verdict).count();
    let failed = seeds.found(Verdict::Failed).filter(|c| c.severity == Severity::Fail).count();
    words::counted([failed, of(Verdict::Inconclusive), of(Verdict::Failed) - failed, of(Verdict::Held)])
}

/// Which seeds were run: `20 seeds, 1 to 20`.
#[must_use]
pub fn which(seeds: &SeedsResults) -> String {
    let n = seeds.runs.len();
    let many = format!("{} {}", count(n as u64), if n == 1 { "seed" } else { "seeds" });
    match (seeds.runs.first(), seeds.runs.last()) {
        (Some(first), Some(last)) if n > 1 => format!("{many}, {} to {}", first.seed, last.seed),
        (Some(only), _) => format!("{many}, {}", only.seed),
        _ => many,
    }
}

/// That not all seeds were run, if so.
#[must_use]
pub fn partial(seeds: &SeedsResults) -> Option<String> {
    seeds.partial.then(|| {
        let (run, asked) = (count(seeds.runs.len() as u64), count(u64::from(seeds.asked)));
        format!("Ended early: {run} of the {asked} seeds asked for were run, and only those are counted.")
    })
}

/// In how large a part of the seeds it failed, with the interval: `10 % (1.2 to 31.7 %)`; a dash where it could never be
/// told.
#[must_use]
pub fn failing(check: &CheckAcross) -> String {
    let said = |part| format!("{} ({})", share(part), of_all(&check.failing_interval));
    check.failing.map_or_else(|| "–".to_owned(), said)
}

/// Whether there is anything to say of a check itself: it failed, or could not be told although its run was judged.
#[must_use]
pub const fn is_telling(check: &CheckAcross) -> bool {
    check.failed > 0 || check.inconclusive > check.unjudged
}

/// That runs broke down before their checks were judged, if some did.
#[must_use]
pub fn broken(seeds: &SeedsResults) -> Option<String> {
    let unjudged = seeds.checks.iter().map(|c| c.unjudged).max().filter(|n| *n > 0)?;
    let runs = if unjudged == 1 { "run" } else { "runs" };
    let n = count(unjudged);
    Some(format!(
        "{n} {runs} broke down before every check was judged; there a check counts as inconclusive."
    ))
}

fn of_all(i: &Interval) -> String {
    interval(i, upstorm_model::verdict::Unit::Ratio)
}

/// The seed to look at: the first that failed, or else the first that could not be told.
#[must_use]
pub fn telling_seed(check: &CheckAcross) -> Option<u64> {
    check.first_failed.or(check.first_inconclusive)
}

/// What a quantile is called.
#[must_use]
pub fn quantile_name(q: f64) -> String {
    if (q - 0.5).abs() < 1e-9 { "median".to_owned() } else { format!("p{}", (q * 1000.0).round() / 10.0) }
}

/// The quantiles of a measure by name, one alone where it had the same value with every seed; none without a value.
#[must_use]
pub fn quantiles(m: &MeasureAcross) -> Vec<(String, String)> {
    match constant(m) {
        Some(same) => vec![("all".to_owned(), value(same, m.unit))],
        None => m.quantiles.iter().map(|q| (quantile_name(q.q), quantile(m, q))).collect(),
    }
}

/// A quantile with its interval, as far as there is one: `3.4 % (2.9 to 3.9 %)`, `5.6 % (at least 4.9 %)`.
fn quantile(m: &MeasureAcross, q: &QuantileAcross) -> String {
    let said = value(q.value, m.unit);
    match (q.low, q.high) {
        (Some(low), Some(high)) => {
            let i = Interval { low, high, confidence: q.confidence };
            format!("{said} ({})", interval(&i, m.unit))
        }
        (Some(low), None) => format!("{said} (at least {})", spoken(low, m.unit)),
        (None, Some(high)) => format!("{said} (at most {})", spoken(high, m.unit)),
        (None, None) => said,
    }
}

/// The value that it had with every seed, if it had the same with all.
#[must_use]
pub fn constant(m: &MeasureAcross) -> Option<f64> {
    m.min.filter(|min| Some(*min) == m.max)
}

/// From the smallest to the largest value: `1.9 to 5.8 %`; a dash without any.
#[must_use]
pub fn range(m: &MeasureAcross) -> String {
    match (constant(m), m.min, m.max) {
        (Some(same), ..) => value(same, m.unit),
        (None, Some(low), Some(high)) => interval(&Interval { low, high, confidence: 1.0 }, m.unit),
        _ => "–".to_owned(),
    }
}

/// The label of a measure with its part.
#[must_use]
pub fn label(m: &MeasureAcross) -> String {
    words::label_of(m.measure, &m.part)
}

/// What was expected of a measure; a dash where nothing was, or not the same with every seed.
#[must_use]
pub fn expected(m: &MeasureAcross) -> String {
    words::expected_of(m.measure, m.unit, m.bound)
}

/// A check that did not hold with every seed, in sentences: how often and how sure, then what it measured and why that
/// matters. Nothing of one that held.
#[must_use]
pub fn sentences(check: &CheckAcross) -> Vec<String> {
    let told = check.held + check.failed;
    let all = told + check.inconclusive;
    let mut said = Vec::new();
    if check.failed > 0 {
        said.push(format!(
            "failed with {} of {} seeds{} ({} sure: with {} of all seeds).",
            count(check.failed),
            count(told),
            if told < all { " that could tell" } else { "" },
            share(check.failing_interval.confidence),
            of_all(&check.failing_interval)
        ));
    }
    if check.inconclusive > 0 {
        let broke = match check.unjudged {
            0 => String::new(),
            n if n == check.inconclusive => ": the run broke down".to_owned(),
            n => format!(", with {} of them because the run broke down", count(n)),
        };
        let n = count(check.inconclusive);
        said.push(format!("could not be told with {n} of {} seeds{broke}.", count(all)));
    }
    let failed = check.measures.iter().filter(|m| m.failed > 0).map(|m| failure(check, m));
    let doubted = check.measures.iter().filter(|m| m.inconclusive > 0).map(doubted);
    said.extend(failed.chain(doubted));
    said
}

fn doubted(m: &MeasureAcross) -> String {
    let times = match m.inconclusive {
        1 => "once".to_owned(),
        n => format!("{} times", count(n)),
    };
    format!("{}, {times}: {}.", label(m), words::doubt_of(m.doubt))
}

fn failure(check: &CheckAcross, m: &MeasureAcross) -> String {
    let allowed = words::allowed(m.measure, m.unit, m.bound);
    let seen = match (m.n, m.values.len() as u64 - m.n) {
        (0, _) => "no value with any seed".to_owned(),
        // A missing value may be the failure, so none of those there are is called the worst.
        (n, missing @ 1..) => {
            format!("{} over {} seeds, no value with {}", range(m), count(n), count(missing))
        }
        (_, 0) => {
            let seed = m.worst_seed.or(check.first_failed);
            let worst = seed.map_or_else(String::new, |seed| format!(", at its worst with seed {seed}"));
            format!("{} over the seeds{worst}", range(m))
        }
    };
    format!("{}: {seen}{allowed}: {}.", label(m), words::of(m.measure).meaning)
}

/// How the runs ended, a line each exit code: `2 runs with 10 (at least one check failed): seeds 17, 19`.
#[must_use]
pub fn ends(seeds: &SeedsResults) -> Vec<String> {
    let mut by_code: BTreeMap<u8, Vec<u64>> = BTreeMap::new();
    for run in &seeds.runs {
        by_code.entry(run.exit_code).or_default().push(run.seed);
    }
    by_code.into_iter().map(|(code, of)| end(code, &of)).collect()
}

fn end(code: u8, of: &[u64]) -> String {
    let runs = if of.len() == 1 { "run" } else { "runs" };
    let said = format!("{} {runs} with exit code {code} ({})", count(of.len() as u64), words::exit(code));
    if code == 0 {
        return said;
    }
    let named: Vec<String> = of.iter().take(MOST_NAMED).map(u64::to_string).collect();
    let more = if of.len() > MOST_NAMED { ", …" } else { "" };
    let word = if of.len() == 1 { "seed" } else { "seeds" };
    format!("{said}: {word} {}{more}", named.join(", "))
}

/// The worst verdict of a check, as tables write it.
#[must_use]
pub fn verdict(check: &CheckAcross) -> &'static str {
    words::verdict_of(check.severity, worst_of(check))
}
