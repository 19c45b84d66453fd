//! Open episodes of a breaker, read from which calls were let through.
//!
//! Twenty offered calls in a row turned away exclude a breaker that lets half of them through at a chance of 1e-6 (to
//! exclude one that lets a fifth through would take 62, a twentieth 270, which short open times at low rates never
//! offer; what such a breaker lets through counts as admitted early). Twenty let through in a row, at least half of
//! them with success, are the other side. Between an opening and a closing, runs of calls that got through are probes:
//! a breaker that probes with everything has not closed.

use std::time::Duration;

use upstorm_model::Offset;

use super::breaker_probes::ADMITTED_BEFORE;
use super::breaker_terms::Terms;
use crate::evidence::{Answer, Offered};

/// Calls in a row that show a state.
pub(super) const RUN: usize = 20;

/// From an opening to the closing for which it was enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Episode {
    /// When the first call was turned away.
    pub opened: Offset,
    /// When the first call of those that then got through was sent.
    pub closed: Option<Offset>,
    /// Each time it was seen shut: the last call let through before, the first and the last turned away.
    pub shut: Vec<Shut>,
}

/// A stretch in which every call was turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shut {
    /// When the last call before it that got through was sent.
    pub let_through_before: Option<Offset>,
    /// Whether all calls let through just before it succeeded: then it may be waiting for its probes, and close.
    pub may_close: bool,
    /// When the first call of it was sent.
    pub from: Offset,
    /// When the last call of it was sent.
    pub to: Offset,
    /// How many calls it turned away.
    pub calls: usize,
}

/// The open episodes, in order.
pub(super) fn episodes(offers: &[Offered]) -> Vec<Episode> {
    let mut out: Vec<Episode> = Vec::new();
    let mut open: Option<Episode> = None;
    for run in runs(offers) {
        match (&mut open, run) {
            (None, Run::Shut(shut)) if shut.calls >= RUN => {
                let first = Shut { may_close: false, ..shut };
                open = Some(Episode { opened: shut.from, closed: None, shut: vec![first] });
            }
            (Some(episode), Run::Shut(shut)) => episode.shut.push(shut),
            (Some(episode), Run::Through { from, calls, good }) if calls >= RUN && 2 * good >= calls => {
                episode.closed = Some(from);
                out.extend(open.take());
            }
            _ => {}
        }
    }
    out.extend(open);
    out
}

enum Run {
    Shut(Shut),
    Through { from: Offset, calls: usize, good: usize },
}

/// Calls of the same answer in a row; unclear ones neither continue nor end a run.
fn runs(offers: &[Offered]) -> Vec<Run> {
    let clear: Vec<&Offered> = offers.iter().filter(|o| o.answer != Answer::Unclear).collect();
    let (mut before, mut may_close) = (None, false);
    let mut out = Vec::new();
    for run in clear.chunk_by(|a, b| a.answer == b.answer) {
        let (first, last) = (run[0], run[run.len() - 1]);
        if first.answer == Answer::Through {
            let good = run.iter().filter(|o| o.succeeded).count();
            (before, may_close) = (Some(last.sent), good == run.len());
            out.push(Run::Through { from: first.sent, calls: run.len(), good });
        } else {
            out.push(Run::Shut(Shut {
                let_through_before: before,
                may_close,
                from: first.sent,
                to: last.sent,
                calls: run.len(),
            }));
        }
    }
    out
}

impl Shut {
    /// From when to when no attempt may arrive: it opened after the last call let through, so at the earliest
    /// `open_for` after that one it may let a probe through. What was admitted before it opened has 50 ms to arrive.
    pub(super) fn forbidden(&self, open_for: Duration) -> Option<(Offset, Offset)> {
        let until = self.let_through_before? + open_for.saturating_sub(Terms::margin(open_for));
        let from = self.from + ADMITTED_BEFORE;
        (self.calls >= RUN && !self.may_close && from < until).then_some((from, until))
    }
}

impl Episode {
    /// The gaps in which probes got through and the breaker shut again: after one shut stretch, before the next.
    ///
    /// Gaps close together are one half-open state: probes may come one by one between calls that are turned away.
    pub(super) fn probing(&self, open_for: Duration) -> Vec<(Offset, Offset)> {
        let mut gaps: Vec<(Offset, Offset)> = Vec::new();
        for pair in self.shut.windows(2) {
            let gap = (pair[0].to, pair[1].from);
            match gaps.last_mut() {
                Some(last) if gap.0.since(last.1) < open_for / 2 => last.1 = gap.1,
                _ => gaps.push(gap),
            }
        }
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::HostId;
    use upstorm_model::recording::CallId;

    fn offers(pattern: &[(Answer, usize)]) -> Vec<Offered> {
        let answers = pattern.iter().flat_map(|(answer, n)| std::iter::repeat_n(*answer, *n));
        let offer = |(n, answer): (u64, Answer)| Offered {
            call: CallId::new(HostId(0), n),
            sent: Offset::from_millis(n * 10),
            attempts: u32::from(answer == Answer::Through),
            answer,
            succeeded: answer == Answer::Through,
            done: Offset::from_millis(n * 10 + 1),
            ended: true,
        };
        (0..).zip(answers).map(offer).collect()
    }

    #[test]
    fn twenty_in_a_row_open_it_and_twenty_close_it() {
        use Answer::{Through, TurnedAway, Unclear};
        let seen = episodes(&offers(&[
            (Through, 30),
            (TurnedAway, 19),
            (Through, 1),
            (TurnedAway, 10),
            (Unclear, 5),
            (TurnedAway, 10),
            (Through, 5),
            (TurnedAway, 40),
            (Through, 25),
        ]));
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].opened, Offset::from_millis(500));
        assert_eq!(seen[0].closed, Some(Offset::from_millis(1200)));
        assert_eq!(seen[0].probing(Duration::from_millis(200)).len(), 1);
    }

    #[test]
    fn a_few_rejections_are_no_opening() {
        use Answer::{Through, TurnedAway};
        assert!(episodes(&offers(&[(Through, 30), (TurnedAway, 19), (Through, 30)])).is_empty());
        assert!(episodes(&[]).is_empty());
    }
}
