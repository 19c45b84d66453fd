//! `backoff`: whether the waits before retries follow their law.
//!
//! The mean of a wait says little: what an upstream feels is how early the first come and how wide they are spread
//! (Brooker, "Exponential Backoff And Jitter", AWS 2015). The wait before retry k is the time from the end of attempt k to
//! the head of attempt k + 1, less the subject's turnaround (evidence/turnaround.rs); it is held against the closed form
//! of its law, which the policies' own tests hold against their draws.
//!
//! - Bounds: no wait lies outside of what the law allows. Failed if the 99 % lower bound of the share that does exceeds
//!   0.1 %; a few of many are Inconclusive, as a busy machine may be to blame.
//! - Shape: Kolmogorov–Smirnov for each retry number with at least 70 waits, all of a check together at 1e-5 (Holm): a
//!   gate that stops sound builds is soon switched off, and 70 waits show at that what they show at 1 %. What links add or
//!   take may have moved each wait, so only what lies beyond that is a distance; where it could hide a quarter of the
//!   law's width, waits that agree prove nothing. A law without jitter has no shape beyond its bounds.
//!
//! - Name: of a subject whose settings nobody knows (or that retries nothing by them), and where the check asks, which
//!   family the waits show, with base, multiplier and cap (recognise.rs). What the check states of an unknown subject is
//!   judged; what it leaves out is then taken from the family that was recognised.
//!
//! Left out: retries after a Retry-After; after a 429 where it has a base of its own; whose end the caller's deadline or
//! timeout could have cut off, as only the short waits of those are seen (of a law whose waits depend on those before, if all
//! of them together could have been); that a partition, a connection fault or a full
//! pool may have held up; and everything of a call from where an attempt begins while another is open (a hedge, or one
//! that was abandoned). Settings that the check does not name are the subject's own. Attempts belong to a phase by the
//! first attempt of their call.

use std::time::Duration;

use upstorm_model::policy;
use upstorm_model::recording::Attempt;
use upstorm_model::scenario::{BackoffCheck, CheckKind};
use upstorm_model::verdict::{BoundSource, Doubt, Exhibit, Measure, Observation, Unit, Verdict};
use upstorm_policy::{Backoff, BackoffLaw};

use super::backoff_named::Naming;
use super::backoff_waits::{Longest, Sight, Wait, waits, waits_of_any_length};
use crate::evidence::{Edge, Turnaround};
use crate::reading::at_most;
use crate::statistics::{chance_of_more, critical, lower, p_value, rejected, upper};
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "backoff",
    title: "backoff",
    summary: "whether the waits before retries follow the law of the backoff, retry by retry",
    measures: &[Measure::WaitsOutOfBounds, Measure::WaitLawDistance, Measure::BackoffFamily],
    always_on: false,
    observe,
};

/// Fewer waits show no shape.
const LEAST: u64 = 70;
/// The error of all shapes of a check together.
const FAMILY_ERROR: f64 = 1e-5;
/// The part of a law's width that the noise of the way may hide.
const MOST_HIDDEN: f64 = 0.25;
/// The share of waits out of bounds that is no accident.
const TOLERATED: f64 = 0.001;
const CONFIDENCE: f64 = 0.99;
/// Retries that are looked at; laws with a memory average over all before.
const MOST_RETRIES: u32 = 10;
/// A spread that is narrower, in seconds, has no shape that could be seen from outside.
const LEAST_WIDTH: f64 = 0.005;

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(CheckKind::Backoff(asked)), Some(edge)) = (&case.check.kind, case.edge()) else {
        return Vec::new();
    };
    let own = case.retry_of(edge.hop.0);
    let sight = Sight::of(case, edge);
    let naming = (asked.recognise || own.is_none())
        .then(|| Naming::of(&waits_of_any_length(case, edge, &sight, MOST_RETRIES)));
    let mut out: Vec<Observation> = naming.iter().map(|naming| naming.observe(case, edge)).collect();
    let known = own.map(|r| r.backoff.clone());
    let recognised = || naming.as_ref().filter(|_| is_written(asked)).and_then(Naming::settings);
    if let Some(law) = known.or_else(recognised) {
        let retries = own.map_or(MOST_RETRIES, |r| r.max_attempts.saturating_sub(1).clamp(1, MOST_RETRIES));
        let source = if is_written(asked) { BoundSource::Scenario } else { BoundSource::Settings };
        let judged = Judged { case, edge, sight, source };
        out.extend(judged.law(&Backoff::new(&settings(asked, law)), retries));
    }
    out
}

/// Whether the check states anything of the law.
fn is_written(asked: &BackoffCheck) -> bool {
    let nothing =
        BackoffCheck { of: asked.of.clone(), recognise: asked.recognise, ..BackoffCheck::default() };
    *asked != nothing
}

/// The settings it is held against: what is asked over the subject's own.
fn settings(asked: &BackoffCheck, own: policy::Backoff) -> policy::Backoff {
    policy::Backoff {
        curve: asked.curve.unwrap_or(own.curve),
        base: asked.base.unwrap_or(own.base),
        multiplier: asked.multiplier.unwrap_or(own.multiplier),
        max: asked.max.unwrap_or(own.max),
        jitter: asked.jitter.unwrap_or(own.jitter),
        jitter_factor: asked.jitter_factor.unwrap_or(own.jitter_factor),
        ..own
    }
}

/// The waits before one retry number, with their law.
struct Retry<'a> {
    number: u32,
    law: BackoffLaw,
    waits: Vec<Wait<'a>>,
}

impl Retry<'_> {
    const fn is_enough(&self) -> bool {
        self.waits.len() as u64 >= LEAST
    }

    fn part(&self) -> String {
        format!("retry {}", self.number)
    }

    /// By how many seconds a wait lies outside of its bounds; zero inside.
    fn outside(&self, wait: f64, turnaround: &Turnaround) -> f64 {
        let (min, max) = (self.law.min().as_secs_f64(), self.law.max().as_secs_f64());
        let (low, high) = (min - turnaround.early(), max * 1.01 + turnaround.late());
        if wait < low { wait - min } else { (wait - max) * f64::from(u8::from(wait > high)) }
    }

    /// Whether the way between blurs the law so much that nothing of its shape is left to see.
    fn is_hidden(&self, turnaround: &Turnaround) -> bool {
        2.0 * turnaround.blur() > MOST_HIDDEN * self.law.width().as_secs_f64()
    }

    /// The wait that is nearest to this one, shown with a value.
    fn nearest(&self, wait: Duration, value: f64) -> Option<Exhibit> {
        let beside = |w: &&Wait<'_>| (w.seconds - wait.as_secs_f64()).abs();
        let nearest = self.waits.iter().min_by(|a, b| beside(a).total_cmp(&beside(b)))?;
        Some(Exhibit { at: nearest.next.head, call: nearest.next.keys.call, value })
    }

    /// The greatest distance between the law and the waits that the way cannot have made, an atom at the longest wait taken
    /// into account; and at which wait it is.
    fn distance(&self, turnaround: &Turnaround) -> (f64, Duration) {
        let longest = self.law.max();
        let blur = Duration::try_from_secs_f64(turnaround.blur()).unwrap_or_default();
        let atom = 1.0 - self.law.cdf(longest.saturating_sub(Duration::from_micros(2)));
        let near = longest.as_secs_f64() - turnaround.early();
        let snapped = |w: &Wait<'_>| match w.seconds {
            seconds if atom > 0.005 && seconds >= near => longest,
            seconds => Duration::try_from_secs_f64(seconds).unwrap_or_default().min(longest),
        };
        let mut waits: Vec<Duration> = self.waits.iter().map(snapped).collect();
        waits.sort_unstable();
        let n = waits.len() as f64;
        let mut before = 0;
        waits.chunk_by(|a, b| a == b).fold((0.0, longest), |worst: (f64, Duration), same| {
            let through = before + same.len();
            let just_before = same[0].saturating_sub(Duration::from_nanos(2));
            // A wait may seem longer, or shorter, than it was by the blur.
            let low = self.law.cdf(just_before.saturating_sub(blur)) - before as f64 / n;
            let high = through as f64 / n - self.law.cdf((same[0] + blur).min(longest));
            before = through;
            let here = low.max(high);
            if here > worst.0 { (here, same[0]) } else { worst }
        })
    }
}

struct Judged<'c, 'a> {
    case: &'c Case<'a>,
    edge: &'c Edge<'a>,
    sight: Sight<'a>,
    source: BoundSource,
}

impl Judged<'_, '_> {
    /// Bounds and shapes of the waits before each of the first retries, by this law.
    fn law(&self, backoff: &Backoff, retries: u32) -> Vec<Observation> {
        // A law with a memory is dear: each is made once.
        let laws: Vec<BackoffLaw> = (1..=retries).map(|k| backoff.law(k, false)).collect();
        let longest: Vec<f64> = laws.iter().map(|law| law.max().as_secs_f64()).collect();
        let mut waits_of: Vec<Vec<Wait<'_>>> = vec![Vec::new(); laws.len()];
        let remembered = laws.iter().any(BackoffLaw::remembers);
        for wait in waits(self.case, self.edge, &self.sight, &Longest { by_retry: &longest, remembered }) {
            waits_of[wait.retry as usize - 1].push(wait);
        }
        let numbered = (1..).zip(laws).zip(waits_of);
        let mut retries: Vec<Retry<'_>> =
            numbered.map(|((number, law), waits)| Retry { number, law, waits }).collect();
        if retries.iter().any(Retry::is_enough) {
            retries.retain(Retry::is_enough);
        } else {
            retries.truncate(1);
        }
        let bounds: Vec<Observation> = retries.iter().map(|r| self.bounds(r)).collect();
        bounds.into_iter().chain(self.shapes(&retries)).collect()
    }

    fn bounds(&self, retry: &Retry<'_>) -> Observation {
        let outside = retry.waits.iter().map(|w| (retry.outside(w.seconds, &self.sight.turnaround), w.next));
        let mut out: Vec<(f64, &Attempt)> = outside.filter(|o| o.0 != 0.0).collect();
        out.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
        let (hits, n) = (out.len() as f64, retry.waits.len() as f64);
        let low = lower(hits, n, CONFIDENCE);
        let exhibit =
            |(by, next): &(f64, &Attempt)| Exhibit { at: next.head, call: next.keys.call, value: *by };
        let reading = Reading::of(Measure::WaitsOutOfBounds, Unit::Ratio, retry.waits.len() as u64)
            .part(retry.part())
            .value((n > 0.0).then_some(hits / n))
            .interval(low, upper(hits, n, CONFIDENCE), 2.0 * CONFIDENCE - 1.0)
            .least(LEAST)
            .ruled(match out.len() {
                0 => Verdict::Held,
                _ if low > TOLERATED => Verdict::Failed,
                _ => Verdict::Inconclusive,
            })
            .chance(chance_of_more(hits, n, TOLERATED))
            .doubted(self.edge.doubt())
            .exhibits(out.iter().map(exhibit).collect());
        self.case.judge(reading, at_most(TOLERATED, self.source))
    }

    /// The shapes of those that have one, all together.
    fn shapes(&self, retries: &[Retry<'_>]) -> Vec<Observation> {
        let shaped: Vec<&Retry<'_>> =
            retries.iter().filter(|r| r.law.width().as_secs_f64() >= LEAST_WIDTH).collect();
        let n = |r: &Retry<'_>| r.waits.len() as u64;
        let found: Vec<(f64, Duration)> = shaped.iter().map(|r| r.distance(&self.sight.turnaround)).collect();
        let p_values: Vec<f64> = shaped.iter().zip(&found).map(|(r, d)| p_value(d.0, n(r))).collect();
        let wrong = rejected(&p_values, FAMILY_ERROR);
        let share = FAMILY_ERROR / shaped.len().max(1) as f64;
        type Found = (f64, Duration);
        let judge = |((retry, (distance, at)), (wrong, chance)): ((&&Retry<'_>, Found), (bool, f64))| {
            let hidden = !wrong && retry.is_hidden(&self.sight.turnaround);
            let reading = Reading::of(Measure::WaitLawDistance, Unit::Number, n(retry))
                .part(retry.part())
                .value(Some(distance))
                .needs(LEAST)
                .chance(chance)
                .ruled(if wrong { Verdict::Failed } else { Verdict::Held })
                .doubted(self.edge.doubt())
                .doubted(hidden.then_some(Doubt::Undecided))
                .exhibits(retry.nearest(at, distance).into_iter().collect());
            self.case.judge(reading, at_most(critical(share, n(retry)), self.source))
        };
        shaped.iter().zip(found).zip(wrong.into_iter().zip(p_values)).map(judge).collect()
    }
}
