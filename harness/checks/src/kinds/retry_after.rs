//! `retry_after`: whether a Retry-After was waited for.
//!
//! An upstream that says when to come back (RFC 9110 section 10.2.3) is protecting itself; a caller who comes earlier
//! takes part in the overload and may be banned. For each hinted answer that was followed by another attempt of the same
//! call: margin = head of that attempt − end of the answer − hint, obeyed if at least −(2 ms + 1e-4·hint), for the date
//! form −1 s (its grain). Held needs none early of 300; Failed if the 99 % lower bound of the early share exceeds 0.1 %.
//!
//! Calls that give up are no samples, nor are malformed hints or ones longer than the subject follows by its settings.
//! The hint is to the caller of that call: other calls that arrive meanwhile are not judged here. Attempts belong to a
//! phase by the first attempt of their call.

use upstorm_model::policy::OnExceed;
use upstorm_model::recording::{Attempt, Hint};
use upstorm_model::scenario::CheckKind;
use upstorm_model::verdict::{BoundSource, Exhibit, Measure, Observation, Unit, Verdict};

use crate::reading::at_most;
use crate::statistics::{chance_of_more, lower, upper};
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "retry_after",
    title: "Retry-After",
    summary: "whether retries waited as long as the Retry-After of the answer before asked",
    measures: &[Measure::EarlyRetries],
    always_on: false,
    observe,
};

/// Fewer retries cannot show that none comes early.
const LEAST: u64 = 300;
/// The share of early retries that is no accident.
const TOLERATED: f64 = 0.001;
const CONFIDENCE: f64 = 0.99;

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let Some(edge) = case.edge() else { return Vec::new() };
    if !matches!(case.check.kind, Some(CheckKind::RetryAfter(_))) {
        return Vec::new();
    }
    let followed = longest_followed(case, edge.hop.0);
    let calls = edge.retried().filter(|c| case.period.contains(c.first().head));
    let margins: Vec<Margin> = calls
        .flat_map(crate::evidence::CallTries::pairs)
        .filter_map(|(answer, next)| Margin::of(answer, next))
        .filter(|m| m.wait <= followed)
        .collect();
    let mut early: Vec<Exhibit> = margins.iter().filter(|m| m.early()).map(Margin::exhibit).collect();
    early.sort_by(|a, b| a.value.total_cmp(&b.value));
    let (hits, n) = (early.len() as f64, margins.len() as f64);
    let low = lower(hits, n, CONFIDENCE);
    let reading = Reading::of(Measure::EarlyRetries, Unit::Ratio, margins.len() as u64)
        .value((n > 0.0).then_some(hits / n))
        .interval(low, upper(hits, n, CONFIDENCE), 2.0 * CONFIDENCE - 1.0)
        .least(LEAST)
        .ruled(match early.len() {
            0 => Verdict::Held,
            _ if low > TOLERATED => Verdict::Failed,
            _ => Verdict::Inconclusive,
        })
        .chance(chance_of_more(hits, n, TOLERATED))
        .doubted(edge.doubt())
        .exhibits(early);
    vec![case.judge(reading, at_most(TOLERATED, BoundSource::Rule))]
}

/// The longest hint in seconds that the subject would wait for: one it cuts short or ignores by its settings is no defect.
fn longest_followed(case: &Case<'_>, host: upstorm_model::HostId) -> f64 {
    let hint = case.retry_of(host).map(|retry| &retry.hint);
    let cut = hint.filter(|h| !h.honor.is_empty() && h.on_exceed != OnExceed::GiveUp);
    cut.map_or(f64::MAX, |h| h.max.as_secs_f64())
}

/// A retry after a hinted answer, in seconds.
struct Margin<'a> {
    wait: f64,
    margin: f64,
    grain: f64,
    next: &'a Attempt,
}

impl<'a> Margin<'a> {
    fn of(answer: &Attempt, next: &'a Attempt) -> Option<Self> {
        let hint = answer.hint?;
        let wait = hint.wait()?.as_secs_f64();
        let grain = if matches!(hint, Hint::Date(_)) { 1.0 } else { 0.002 + 1e-4 * wait };
        let margin = next.head.signed_secs_from(answer.end) - wait;
        Some(Self { wait, margin, grain, next })
    }

    fn early(&self) -> bool {
        self.margin < -self.grain
    }

    /// Shows how much too early it came, as a negative number of seconds.
    fn exhibit(&self) -> Exhibit {
        Exhibit { at: self.next.head, call: self.next.keys.call, value: self.margin }
    }
}
