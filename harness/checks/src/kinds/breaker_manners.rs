//! Manners of an open breaker: it keeps shut for its time, then lets the next call through, and turns callers away
//! fast.
//!
//! - Early: it opened after the last call that it let through, so for `open_for` from then on no attempt may arrive.
//!   Only calls sent since then are looked at: what a partition held back arrives when it heals.
//! - Overdue: it was open by the first call that it turned away, so once `open_for` has passed since then, the next
//!   call offered is let through. After probes it may have opened again when the last of them ended; if all of them
//!   were good, it may not turn the next one away at all. While attempts may be lost on the way, probes
//!   cannot be told from rejections, so time begins again with the end of that.
//! - Fast: rejections take at most 5 ms beside their way, at the 99th percentile (Clopper–Pearson, as for `slo`).
//!
//! A manner that could not be seen is left out: no call was offered at the right time, or too few were turned away.

use std::collections::BTreeMap;
use std::time::Duration;

use upstorm_model::Offset;
use upstorm_model::policy::LateResults;
use upstorm_model::recording::CallId;
use upstorm_model::verdict::{BoundSource, Doubt, Exhibit, Measure, Observation, Unit, Verdict};

use super::breaker_episodes::{Episode, RUN, Shut};
use super::breaker_results::Passed;
use super::breaker_terms::Terms;
use crate::evidence::{Answer, Edge, FAST, Offered, Reach, lateness_limit};
use crate::reading::at_most;
use crate::statistics::{chance_of_more, least_n, lower, quantile, upper};
use crate::{Case, Reading};

/// How much later than told it may let a call through: timers and clocks differ.
const LATE: Duration = Duration::from_millis(20);
/// The share of rejections that may be slow.
const SLOW: f64 = 0.01;
/// The confidence of each one-sided bound.
const CONFIDENCE: f64 = 0.95;

/// What is known of a breaker that was seen open.
pub(super) struct Manners<'t, 'a> {
    pub terms: &'t Terms,
    pub passed: &'t [Passed],
    pub offers: &'t [Offered],
    pub reach: &'t Reach,
    pub edge: &'t Edge<'a>,
    pub unheard: Duration,
}

impl Manners<'_, '_> {
    /// Attempts that arrived before the open time was over; nothing where nobody knows how long that is.
    pub(super) fn early(&self, case: &Case<'_>, episodes: &[&Episode]) -> Option<Observation> {
        let open_for = self.terms.open_for?;
        let shut = || episodes.iter().flat_map(|e| &e.shut);
        let sent: BTreeMap<CallId, Offset> = self.offers.iter().map(|o| (o.call, o.sent)).collect();
        // What a call made that was sent before may have been held back on its way.
        let new = |p: &Passed, from| p.call.is_none_or(|id| sent.get(&id).is_some_and(|sent| *sent >= from));
        let arrived = |s: &Shut| {
            let (from, to) = s.forbidden(open_for).unwrap_or_default();
            let new = between(self.passed, from, to).iter().filter(|p| new(p, s.from));
            new.map(|p| Exhibit { at: p.head, call: p.call, value: 1.0 }).collect::<Vec<_>>()
        };
        let early: Vec<Exhibit> = shut().flat_map(arrived).collect();
        let count = early.len() as f64;
        let kept = shut().map(|s| Exhibit { at: s.from, call: None, value: 0.0 }).collect();
        let n = shut().map(|s| s.calls as u64).sum();
        let reading = Reading::of(Measure::BreakerEarlyAdmissions, Unit::Count, n)
            .value(Some(count))
            .exhibits(if early.is_empty() { kept } else { early });
        Some(case.judge(reading, at_most(0.0, BoundSource::Settings)))
    }

    /// Calls that were turned away although it had to let one through.
    pub(super) fn overdue(&self, case: &Case<'_>, episodes: &[&Episode]) -> Option<Observation> {
        let open_for = self.terms.open_for?;
        let mut exhibits = Vec::new();
        let (mut n, mut count) = (0, 0.0);
        for episode in episodes {
            for (nth, shut) in episode.shut.iter().enumerate() {
                let Some(due) = self.due(episode, nth, open_for) else { continue };
                let late = self.turned_away(due, shut.to);
                let next = self.offers.get(self.offers.partition_point(|o| o.sent < due));
                n += u64::from(next.is_some());
                count += late.len() as f64;
                let in_time = next.filter(|_| late.is_empty());
                exhibits.extend(late);
                exhibits.extend(in_time.map(|o| Exhibit { at: o.sent, call: Some(o.call), value: 0.0 }));
            }
        }
        exhibits.sort_by(|a, b| b.value.total_cmp(&a.value));
        let reading =
            Reading::of(Measure::BreakerOverdue, Unit::Count, n).value(Some(count)).exhibits(exhibits);
        (n > 0).then(|| case.judge(reading, at_most(0.0, BoundSource::Settings)))
    }

    /// From when on this stretch of rejections may not go on; none where that cannot be told.
    fn due(&self, episode: &Episode, nth: usize, open_for: Duration) -> Option<Offset> {
        let shut = episode.shut[nth];
        let begun = episode.shut[..nth].iter().rfind(|s| s.calls >= RUN).map(|s| s.to);
        let (opened, waits) = match begun {
            None => (shut.from, open_for),
            Some(begun) => {
                let probes = self.settled(begun, shut.from)?;
                (probes.0.max(shut.from), if probes.1 { Duration::ZERO } else { open_for })
            }
        };
        let due = opened + waits + LATE.max(open_for / 50) + self.unheard;
        let from = begun.unwrap_or(shut.from);
        let Some((_, healed)) = self.reach.last_cut(from, shut.to) else { return Some(due) };
        let held_up = self
            .offers
            .iter()
            .filter(|o| from <= o.sent && o.sent < healed && o.answer != Answer::TurnedAway);
        let heard = held_up.map(|o| o.done).max().unwrap_or(healed).max(healed);
        Some(due.max(heard + open_for + LATE.max(open_for / 50) + self.unheard))
    }

    /// When all that was let through between these times had ended, and whether all of it was good; none where
    /// something never ended.
    fn settled(&self, from: Offset, to: Offset) -> Option<(Offset, bool)> {
        let wait = self.terms.breaker.half_open_max_wait;
        let count = self.terms.breaker.late_results == LateResults::Count;
        let first = self.offers.partition_point(|o| o.sent <= from);
        let last = self.offers.partition_point(|o| o.sent < to);
        let through = self.offers.get(first..last.max(first)).unwrap_or_default().iter();
        let (mut latest, mut good) = (from, true);
        for o in through.filter(|o| o.answer != Answer::TurnedAway) {
            let ended = if o.ended { Some(o.done) } else { given_up(o.sent, wait) };
            (latest, good) = (latest.max(ended?), good && o.succeeded);
        }
        for p in between(self.passed, from, to) {
            latest = latest.max(p.end.or_else(|| given_up(p.head, wait))?);
            good &= !p.failed(self.terms) && !p.may_be_left() && p.end.is_some();
        }
        let late = |p: &&Passed| p.head <= from && p.end.is_some_and(|end| from <= end && end <= latest);
        if count && self.passed.iter().any(|p| late(&p) && p.failed(self.terms)) {
            good = false;
        }
        Some((latest, good))
    }

    fn turned_away(&self, from: Offset, to: Offset) -> Vec<Exhibit> {
        let first = self.offers.partition_point(|o| o.sent <= from);
        let last = self.offers.partition_point(|o| o.sent <= to);
        let late = self.offers.get(first..last.max(first)).unwrap_or_default();
        let late = late.iter().filter(|o| o.answer == Answer::TurnedAway);
        late.map(|o| Exhibit { at: o.sent, call: Some(o.call), value: 1.0 }).collect()
    }

    /// How long rejections took; nothing where there were too few to tell.
    pub(super) fn rejections(&self, case: &Case<'_>, episodes: &[&Episode]) -> Option<Observation> {
        let shut = episodes.iter().flat_map(|e| &e.shut).filter(|s| s.calls >= RUN);
        let within = |s: &Shut| {
            let first = self.offers.partition_point(|o| o.sent < s.from);
            let last = self.offers.partition_point(|o| o.sent <= s.to);
            self.offers.get(first..last.max(first)).unwrap_or_default().iter()
        };
        let away = shut.flat_map(within).filter(|o| o.answer == Answer::TurnedAway);
        let took = |o: &Offered| {
            let way = case.evidence.round_trip(o.call.client(), &[self.edge.hop.0]);
            o.done.since(o.sent).saturating_sub(way).as_secs_f64()
        };
        let mut times: Vec<(f64, &Offered)> = away.map(|o| (took(o), o)).collect();
        times.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (n, limit) = (times.len() as f64, FAST.as_secs_f64());
        let slow = times.iter().take_while(|(took, _)| *took > limit).count() as f64;
        let broken = lower(slow, n, CONFIDENCE) > SLOW;
        if !broken && times.len() < least_n(SLOW, CONFIDENCE) as usize {
            return None;
        }
        let held = upper(slow, n, CONFIDENCE) <= SLOW;
        let sorted: Vec<f64> = times.iter().rev().map(|(took, _)| *took).collect();
        let late = crate::evidence::lateness_p99(case.evidence.recording.calls.iter());
        let late = late.filter(|late| broken && *late > lateness_limit(limit));
        let reading = Reading::of(Measure::BreakerRejectionTime, Unit::Seconds, times.len() as u64)
            .value(quantile(&sorted, 1.0 - SLOW))
            .ruled(match (held, broken) {
                (true, _) => Verdict::Held,
                (_, true) => Verdict::Failed,
                _ => Verdict::Inconclusive,
            })
            .chance(chance_of_more(slow, n, SLOW))
            .doubted(late.map(|seconds| Doubt::HarnessLate { seconds }))
            .exhibits(
                times
                    .iter()
                    .take(5)
                    .map(|(took, o)| Exhibit { at: o.sent, call: Some(o.call), value: *took })
                    .collect(),
            );
        // Neither fast for sure nor slow for sure is nothing that a breaker is held to.
        (held || broken).then(|| case.judge(reading, at_most(limit, BoundSource::Rule)))
    }
}

/// When a breaker counts a probe without an answer as failed; none for one that waits for ever.
fn given_up(admitted: Offset, wait: upstorm_model::TimeSpan) -> Option<Offset> {
    (!wait.is_zero()).then(|| admitted + wait.get())
}

/// What arrived after `from` and before `to`.
fn between(passed: &[Passed], from: Offset, to: Offset) -> &[Passed] {
    let first = passed.partition_point(|p| p.head <= from);
    let last = passed.partition_point(|p| p.head < to);
    passed.get(first..last.max(first)).unwrap_or_default()
}
