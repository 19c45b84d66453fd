//! Probes: how many a half-open breaker lets through before they have decided.
//!
//! A breaker that asks an ailing upstream with its whole load has learned nothing from opening. How many it asks shows
//! while their answers are out: until the first failure, or as many results as decide, no more may arrive than there
//! are permits. The order at the upstream is enough for that: what arrives before a result is out was admitted before
//! anybody could hear it. With quick answers few are out at once, whatever the breaker does; so scenarios hold them
//! (`probes`).
//!
//! Where nothing arrives there is nothing to count but calls: of those let through between two stretches of rejections
//! no more may fail than there are permits.

use std::collections::BinaryHeap;
use std::time::Duration;

use upstorm_model::Offset;
use upstorm_model::policy::{HalfOpenDecides, LateResults};
use upstorm_model::verdict::{BoundSource, Exhibit, Measure, Observation, Unit};

use super::breaker_episodes::{Episode, RUN};
use super::breaker_results::Passed;
use super::breaker_terms::Terms;
use crate::evidence::{Answer, Offered};
use crate::reading::at_most;
use crate::{Case, Reading};

/// What was admitted before a breaker opened has this long to arrive.
pub(super) const ADMITTED_BEFORE: Duration = Duration::from_millis(50);

/// When probes had decided, and whether that opened it again.
#[derive(Debug, Clone, Copy)]
struct Decision {
    at: Offset,
    opens: bool,
}

/// What is known of the probes of a breaker.
pub(super) struct Probes<'t> {
    pub terms: &'t Terms,
    pub passed: &'t [Passed],
    pub offers: &'t [Offered],
    pub unheard: Duration,
}

impl Probes<'_> {
    /// The most probes of any episode; nothing where none was seen, or nobody knows how many may be.
    pub(super) fn observe(&self, case: &Case<'_>, episodes: &[&Episode]) -> Option<Observation> {
        let permits = self.terms.permits?;
        let arrived = episodes.iter().flat_map(|e| self.arrived(e, permits));
        let lost = episodes.iter().flat_map(|e| self.lost(e));
        let mut probes: Vec<Exhibit> = arrived.chain(lost).collect();
        probes.sort_by(|a, b| b.value.total_cmp(&a.value));
        let most = probes.first()?.value;
        let reading = Reading::of(Measure::BreakerProbes, Unit::Count, probes.len() as u64)
            .value(Some(most))
            .exhibits(probes);
        Some(case.judge(reading, at_most(f64::from(permits), BoundSource::Settings)))
    }

    /// The probes after each stretch of rejections, by their arrival. A stretch may be the wait for probes that are
    /// out.
    fn arrived(&self, episode: &Episode, permits: u32) -> Vec<Exhibit> {
        let mut found = Vec::new();
        let mut last: Option<Decision> = None;
        for s in episode.shut.iter().filter(|s| s.calls >= RUN) {
            // What comes earlier was admitted before it opened, or against the rule.
            let open = self.terms.open_for.and_then(|open_for| s.forbidden(open_for)).map(|(_, until)| until);
            let mut from = (s.from + ADMITTED_BEFORE + self.unheard).max(open.unwrap_or_default());
            match last.filter(|last| s.from < last.at + self.unheard) {
                Some(last) if !last.opens => continue,
                Some(last) => {
                    let open_for = self.terms.open_for.unwrap_or_default();
                    from = from.max(last.at + open_for.saturating_sub(Terms::margin(open_for)));
                }
                None => {}
            }
            let start = self.passed.partition_point(|p| p.head < from);
            let Some(first) = self.passed.get(start) else { break };
            let decision = self.decision(start, permits);
            // A permit comes back where its caller may have left.
            let kept = |p: &&Passed| !(p.may_be_left() && p.end.is_some_and(|end| end < decision.at));
            let probes =
                self.passed[start..].iter().take_while(|p| p.head < decision.at).filter(kept).count();
            found.push(Exhibit { at: first.head, call: first.call, value: probes as f64 });
            last = Some(decision);
        }
        found
    }

    /// When the probes from this one on had decided; never, if they did not.
    fn decision(&self, start: usize, permits: u32) -> Decision {
        let breaker = &self.terms.breaker;
        let begun = self.passed[start].head;
        let wait = breaker.half_open_max_wait;
        let mut last =
            Decision { at: if wait.is_zero() { Offset::MAX } else { begun + wait.get() }, opens: true };
        let first_failure = breaker.half_open_decides == HalfOpenDecides::FirstFailure;
        let older = if breaker.late_results == LateResults::Count { 0..start } else { start..start };
        // The earliest results, as many as decide.
        let mut heard: BinaryHeap<Offset> = BinaryHeap::new();
        for p in older.chain(start..self.passed.len()).map(|index| &self.passed[index]) {
            if p.head >= last.at {
                break;
            }
            let Some(end) = p.end.filter(|end| *end >= begun && !p.may_be_left()) else { continue };
            if first_failure && p.failed(self.terms) && end < last.at {
                last = Decision { at: end, opens: true };
            }
            heard.push(end);
            if heard.len() > permits.max(1) as usize {
                heard.pop();
            }
            let enough = heard.peek().filter(|end| heard.len() == permits.max(1) as usize && **end < last.at);
            // Where rates decide, or slow answers do, it may have opened all the same; then nothing more is told of it.
            last = enough.map_or(last, |end| Decision { at: *end, opens: false });
        }
        last
    }

    /// Calls that were let through between two stretches of rejections, came to nobody and failed.
    fn lost(&self, episode: &Episode) -> Vec<Exhibit> {
        let gaps = episode.probing(self.terms.open_for.unwrap_or_default());
        let failed = |from: Offset, to: Offset| {
            let first = self.offers.partition_point(|o| o.sent <= from);
            let last = self.offers.partition_point(|o| o.sent < to);
            let between = self.offers.get(first..last.max(first)).unwrap_or_default();
            between.iter().filter(|o| o.answer == Answer::Through && !o.succeeded && o.attempts == 0).count()
        };
        let exhibit =
            |(from, to): (Offset, Offset)| Exhibit { at: from, call: None, value: failed(from, to) as f64 };
        gaps.into_iter().map(exhibit).filter(|e| e.value > 0.0).collect()
    }
}
