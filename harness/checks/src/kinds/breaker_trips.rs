//! The trip point: when a breaker must have opened, by the results that its upstream saw.
//!
//! Twenty rejections in a row show that a breaker opened, and nothing shows when it should have. So the breaker's own
//! state machine is replayed over the attempts, with the settings that it is held to, wherever it was seen closed: from
//! the beginning or a closing to the next call that was turned away. What arrives after the replayed trip was let
//! through by a breaker that had to be open: more than was on its way (in flight at the trip, and what a round trip's
//! worth of calls still brings) means that it looks back on something else than it says.
//!
//! Order and timing of results are known to within a few of them only. So what is held against a breaker must also hold
//! against one that trips late (two points more failures, two more calls; what may have been no failure was none); and
//! an opening has no cause if not even one that trips early has one. A trip that only one of them sees is not told. Nor
//! is any of a window that is kept when the breaker closes, or that counts what it rejects.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use upstorm_model::policy::{Breaker as Settings, Compare, LateResults, Window};
use upstorm_model::verdict::{BoundSource, Exhibit, Measure, Observation, Unit};
use upstorm_model::{Offset, Ratio};
use upstorm_policy::{Admission, Breaker, BreakerState, Ending};

use super::breaker_episodes::Episode;
use super::breaker_results::Passed;
use super::breaker_terms::Terms;
use crate::evidence::{Answer, Offered, Reach};
use crate::reading::at_most;
use crate::{Case, Reading};

/// What may arrive beside what was on its way.
const SPARE: u32 = 3;
/// How much the share of failures may be misjudged.
const POINTS: f64 = 0.02;
/// Results whose order is not known.
const UNORDERED: u32 = 2;
/// A stranger's window may be cut into parts of this share of it, and drop a whole one.
const PART: u32 = 10;

/// All that is known of a breaker.
pub(super) struct Trips<'t> {
    pub terms: &'t Terms,
    pub passed: &'t [Passed],
    pub offers: &'t [Offered],
    pub episodes: &'t [Episode],
    pub reach: &'t Reach,
    /// How long a result may be unheard.
    pub unheard: Duration,
}

/// A stretch in which nobody was turned away: the breaker was closed until it tripped.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: Offset,
    to: Offset,
    /// Whether it begins with the probes that closed it.
    reclosed: bool,
    /// Whether it ends with an opening.
    opened: bool,
}

/// One trip, and what came after it.
struct Overrun {
    trip: Offset,
    most: u32,
    late: Vec<Exhibit>,
}

impl Trips<'_> {
    /// What its trips show; nothing where none can be told.
    pub(super) fn observe(&self, case: &Case<'_>) -> Vec<Observation> {
        if !self.terms.trips {
            return Vec::new();
        }
        let stretches = self.stretches(case.plan().warmup_until);
        [self.overrun(case, &stretches), self.needless(case, &stretches)].into_iter().flatten().collect()
    }

    fn stretches(&self, warmup_until: Offset) -> Vec<Stretch> {
        let turned_away = self.offers.iter().filter(|o| o.answer == Answer::TurnedAway);
        let turned_away: Vec<Offset> = turned_away.map(|o| o.sent).collect();
        let begins = std::iter::once((Offset::ZERO, false));
        let closings = self.episodes.iter().filter_map(|e| e.closed.map(|at| (at, true)));
        let stretch = |(from, reclosed): (Offset, bool)| {
            let first = turned_away.get(turned_away.partition_point(|sent| *sent < from)).copied();
            let opened = first.is_some_and(|at| self.episodes.iter().any(|e| e.opened == at));
            Stretch { from, to: first.unwrap_or(Offset::MAX), reclosed, opened }
        };
        // What tripped it in warm-up was not watched.
        let watched =
            |s: &Stretch| s.reclosed || self.trip_of(s, Side::Early).is_none_or(|trip| trip >= warmup_until);
        begins.chain(closings).map(stretch).filter(watched).collect()
    }

    fn overrun(&self, case: &Case<'_>, stretches: &[Stretch]) -> Option<Observation> {
        let mut overruns: Vec<Overrun> = stretches.iter().filter_map(|s| self.overrun_for_sure(s)).collect();
        overruns.retain(|o| case.period.contains(o.trip));
        let n = overruns.len() as u64;
        let over = |o: &Overrun| o.late.len() as f64 - f64::from(o.most);
        let worst = overruns.into_iter().max_by(|a, b| over(a).total_cmp(&over(b)))?;
        let at_trip = Exhibit { at: worst.trip, call: None, value: 0.0 };
        let value = worst.late.len() as f64;
        let exhibits = std::iter::once(at_trip).chain(worst.late).collect();
        let reading =
            Reading::of(Measure::BreakerTripOverrun, Unit::Count, n).value(Some(value)).exhibits(exhibits);
        Some(case.judge(reading, at_most(f64::from(worst.most), BoundSource::Settings)))
    }

    /// What came after the trip; where that is too much, after that of the breaker that trips late.
    fn overrun_for_sure(&self, stretch: &Stretch) -> Option<Overrun> {
        let overrun = self.overrun_of(stretch, Side::Even)?;
        if overrun.late.len() <= overrun.most as usize {
            return Some(overrun);
        }
        self.overrun_of(stretch, Side::Late)
    }

    fn overrun_of(&self, stretch: &Stretch, side: Side) -> Option<Overrun> {
        let trip = self.trip_of(stretch, side)?;
        let open_for = self.terms.open_for.unwrap_or(self.terms.breaker.open_for.get());
        let until = (trip + open_for.saturating_sub(Terms::margin(open_for))).min(stretch.to);
        let heads = |from: Offset, to: Offset| {
            let first = self.passed.partition_point(|p| p.head <= from);
            let last = self.passed.partition_point(|p| p.head < to);
            self.passed.get(first..last.max(first)).unwrap_or_default()
        };
        let in_flight = self.passed[..self.passed.partition_point(|p| p.head <= trip)]
            .iter()
            .filter(|p| p.end.is_some_and(|end| end > trip))
            .count();
        let arrived = heads(trip + self.unheard, until).iter().zip(1_u32..);
        let late =
            arrived.map(|(p, nth)| Exhibit { at: p.head, call: p.call, value: f64::from(nth) }).collect();
        let probes = if stretch.reclosed { self.terms.breaker.half_open_permits } else { 0 };
        let most = u32::try_from(in_flight).unwrap_or(u32::MAX).saturating_add(SPARE).saturating_add(probes);
        Some(Overrun { trip, most, late })
    }

    /// Openings that nothing accounts for, of those before which everything was seen.
    fn needless(&self, case: &Case<'_>, stretches: &[Stretch]) -> Option<Observation> {
        let seen = |s: &&Stretch| s.opened && case.period.contains(s.to) && self.sees_all(s);
        let opened: Vec<&Stretch> = stretches.iter().filter(seen).collect();
        let caused =
            |s: &Stretch| self.trip_of(s, Side::Early).is_some_and(|trip| trip <= s.to + self.unheard);
        let exhibit = |s: &&Stretch, value| Exhibit { at: s.to, call: None, value };
        let mut exhibits: Vec<Exhibit> =
            opened.iter().filter(|s| !caused(s)).map(|s| exhibit(s, 1.0)).collect();
        let value = exhibits.len() as f64;
        exhibits.extend(opened.iter().filter(|s| caused(s)).map(|s| exhibit(s, 0.0)));
        let reading = Reading::of(Measure::BreakerNeedlessTrips, Unit::Count, opened.len() as u64)
            .value(Some(value))
            .exhibits(exhibits);
        (!opened.is_empty()).then(|| case.judge(reading, at_most(0.0, BoundSource::Settings)))
    }

    /// Whether each result that may have opened it was seen at the upstream.
    fn sees_all(&self, stretch: &Stretch) -> bool {
        let back = match self.terms.breaker.window {
            Window::Time(length) => Offset::ZERO + stretch.to.since(Offset::ZERO + length.get()),
            Window::Calls(_) => stretch.from,
        };
        let from = back.max(stretch.from);
        let lost = |o: &&Offered| {
            from <= o.done
                && o.sent < stretch.to
                && o.attempts == 0
                && o.answer == Answer::Through
                && !o.succeeded
        };
        self.reach.throughout(from, stretch.to) && !self.offers.iter().any(|o| lost(&o))
    }

    /// When it trips at the latest, or at the earliest.
    fn trip_of(&self, stretch: &Stretch, side: Side) -> Option<Offset> {
        let mut parts = vec![None];
        if let (Window::Time(length), true, Side::Early) =
            (self.terms.breaker.window, self.terms.stranger, side)
        {
            parts.push(Some(Window::Time((length.get() - length.get() / PART).into())));
        }
        let windows = parts.into_iter().map(|w| w.unwrap_or(self.terms.breaker.window));
        windows.filter_map(|window| self.replay(stretch, side, window)).min()
    }

    /// What a stretch was asked, in order: when, and which attempt.
    fn asked(&self, stretch: &Stretch) -> impl Iterator<Item = (Offset, usize)> {
        let (from, count) = (stretch.from, self.terms.breaker.late_results == LateResults::Count);
        let first = self.passed.partition_point(|p| p.head < from);
        let last = self.passed.partition_point(|p| p.head < stretch.to).max(first);
        let still_out = move |p: &Passed| count && p.end.is_some_and(|end| end >= from);
        let older = (0..first).filter(move |index| still_out(&self.passed[*index]));
        older.chain(first..last).map(move |index| (self.passed[index].head.max(from), index))
    }

    /// When a breaker with this window trips.
    fn replay(&self, stretch: &Stretch, side: Side, window: Window) -> Option<Offset> {
        let probes = if stretch.reclosed { self.terms.breaker.half_open_permits } else { 0 };
        let first = self.passed.partition_point(|p| p.head < stretch.from);
        let probing = first..first + probes as usize;
        let settings = Settings { window, ..side.settings(&self.terms.breaker, probes) };
        let mut breaker = Breaker::new(&settings);
        let mut asked = self.asked(stretch).peekable();
        let mut out: BinaryHeap<Reverse<Out>> = BinaryHeap::new();
        loop {
            let end = out.peek().map_or(Offset::MAX, |Reverse(out)| out.end);
            // Who comes in the moment in which another ends comes before.
            let changes = match asked.next_if(|(at, _)| *at <= end) {
                Some((at, index)) => {
                    let (admitted, changes) = breaker.admit(at);
                    // An end before its beginning is none.
                    let end = self.passed[index].end.filter(|end| *end >= at);
                    out.extend(admitted.ok().zip(end).map(|(leave, end)| Reverse(Out { end, index, leave })));
                    changes
                }
                None => {
                    let Reverse(Out { end, index, leave }) = out.pop()?;
                    let ending = side.ending(&self.passed[index], probing.contains(&index));
                    let Some(ending) = ending else { continue };
                    breaker.settle(end, leave, ending)
                }
            };
            if let Some(opened) = changes.iter().find(|c| c.to == BreakerState::Open) {
                return Some(opened.at);
            }
        }
    }
}

/// An attempt under way in a replay; in the order of their ends.
#[derive(Debug, PartialEq, Eq)]
struct Out {
    end: Offset,
    index: usize,
    leave: Admission,
}

impl Ord for Out {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.end, self.index).cmp(&(other.end, other.index))
    }
}

impl PartialOrd for Out {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// On which side of the truth a replay errs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// On neither.
    Even,
    /// It trips no earlier than the breaker may.
    Late,
    /// It trips no later than the breaker may.
    Early,
}

impl Side {
    fn settings(self, own: &Settings, probes: u32) -> Settings {
        let mut settings = own.clone();
        let rate = own.failure_rate.get();
        match self {
            Self::Even => {}
            Self::Late => {
                settings.failure_rate = Ratio::new((rate + POINTS).min(1.0));
                settings.min_calls = own.min_calls.saturating_add(UNORDERED).saturating_add(probes);
                settings.failures = own.failures.saturating_add(UNORDERED);
            }
            Self::Early => {
                settings.failure_rate = Ratio::new((rate - POINTS).max(0.0));
                settings.compare = Compare::Ge;
                settings.min_calls = own.min_calls.saturating_sub(UNORDERED).max(1);
                settings.failures = own.failures.saturating_sub(UNORDERED).max(1);
            }
        }
        settings
    }

    /// What is heard of it. The probes that closed a breaker are no part of its new window: they count for what keeps
    /// this replay on its side.
    fn ending(self, passed: &Passed, probe: bool) -> Option<Ending> {
        match (self, probe) {
            (Self::Late, true) => Some(Ending::Answered(200)),
            (Self::Even, true) => None,
            (Self::Early, true) if passed.at_worst.failure_kind().is_none() => None,
            (Self::Late, false) => Some(passed.at_best),
            (Self::Early | Self::Even, _) => Some(passed.at_worst),
        }
    }
}
