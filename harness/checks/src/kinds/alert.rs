//! `alert`: would this alert have fired, and when.
//!
//! An alert that misses an outage, or wakes somebody for nothing, fails those it is for. It is replayed on what callers
//! got, as a monitoring system would count it: a call counts when it ended, failed or slow. A level (errors, throttled,
//! a quantile of latency) fires when it is over its threshold in so many windows in a row, laid end to end from the start
//! of the first phase looked at. A burn rate fires when the error budget burns faster than the rate over a long window and
//! over its last twelfth (The Site Reliability Workbook, chapter 5), looked at five times in each short window; windows
//! reach back before the phase, and at the end of warm-up count what there is.
//!
//! Replaying a rule is no estimate: what comes out is what would have happened. But a window with too few calls says
//! nothing, for or against: where it would decide, the check is Inconclusive. A window that the run's end cuts is not
//! judged.

use std::collections::VecDeque;
use std::time::Duration;

use upstorm_model::Offset;
use upstorm_model::plan::Subject;
use upstorm_model::scenario::{AlertCheck, CheckKind};
use upstorm_model::verdict::{BoundSource, Doubt, Exhibit, Measure, Observation, Unit, Verdict};

use super::alert_windows::{Heard, Look, Watch};
use crate::reading::at_most;
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "alert",
    title: "alert",
    summary: "whether an alert on what a client saw would have fired in time, or stayed silent",
    measures: &[Measure::AlertFired, Measure::AlertLevel],
    always_on: false,
    observe,
};

/// Windows that are kept to be shown.
const SHOWN: usize = 5;

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(CheckKind::Alert(asked)), &Subject::Client(client)) = (&case.check.kind, &case.check.of) else {
        return Vec::new();
    };
    let calls = || case.evidence.calls_of(client);
    // Of a run that was given up, nothing is known of what had not ended by then.
    let known = calls().map(|call| call.done).max().unwrap_or_default();
    let until = if case.evidence.recording.partial { known.min(case.plan().end) } else { case.plan().end };
    let (floor, since) = (asked.min_calls.unwrap_or(1).max(1), case.plan().warmup_until);
    let watched = Watch::all(asked).into_iter().map(|watch| (Heard::of(calls(), watch.counts, since), watch));
    let scenes: Vec<Scene> = watched.map(|(heard, watch)| Scene { watch, heard, floor, until }).collect();
    match asked.fires_within {
        Some(within) => fires(case, &scenes, within.get()).into_iter().collect(),
        None => scenes.iter().map(|scene| silent(case, asked, scene)).collect(),
    }
}

/// One thing that is watched, what was heard of it, how many calls say something, and until when anything is known.
struct Scene {
    watch: Watch,
    heard: Heard,
    floor: u32,
    until: Offset,
}

/// What an alert made of the windows of a stretch.
#[derive(Default)]
struct Outcome {
    /// Windows that said something.
    judged: u64,
    /// When it fired first.
    fired: Option<Offset>,
    /// When it might have fired first, for all that is known.
    possible: Option<Offset>,
    /// The highest level that was kept up for as long as it takes to fire.
    sustained: Option<f64>,
    /// The windows that decide: those it fired by, or the highest.
    decisive: Vec<Look>,
}

impl Scene {
    fn play(&self, span: (Offset, Offset), out: &mut Outcome) {
        let in_row = self.watch.consecutive as usize;
        let mut row: VecDeque<Look> = VecDeque::with_capacity(in_row);
        for look in self.watch.looks(&self.heard, (span.0, span.1.min(self.until)), self.floor) {
            out.judged += u64::from(look.level.is_some());
            if row.len() == in_row {
                row.pop_front();
            }
            row.push_back(look);
            out.show(look);
            if row.len() == in_row {
                self.weigh(&row, look.at, out);
            }
        }
    }

    /// What a full row of windows says.
    fn weigh(&self, row: &VecDeque<Look>, at: Offset, out: &mut Outcome) {
        let over = |look: &Look| look.level.is_none_or(|level| level > self.watch.threshold);
        if row.iter().all(over) {
            out.possible = out.possible.or(Some(at));
        }
        // A level that nobody knows ends the row: nothing can be said of it as a whole.
        let levels: Option<Vec<f64>> = row.iter().map(|look| look.level).collect();
        let Some(kept) = levels.and_then(|levels| levels.into_iter().min_by(f64::total_cmp)) else { return };
        out.sustained = Some(out.sustained.map_or(kept, |most| most.max(kept)));
        if kept > self.watch.threshold && out.fired.is_none() {
            out.fired = Some(at);
            out.decisive = row.iter().copied().collect();
        }
    }
}

impl Outcome {
    /// Keeps the highest windows, until it has fired.
    fn show(&mut self, look: Look) {
        if self.fired.is_some() || look.level.is_none() {
            return;
        }
        self.decisive.push(look);
        if self.decisive.len() > SHOWN * 8 {
            self.highest();
        }
    }

    fn highest(&mut self) {
        let level = |look: &Look| look.level.unwrap_or(f64::NEG_INFINITY);
        self.decisive.sort_by(|a, b| level(b).total_cmp(&level(a)).then(a.at.cmp(&b.at)));
        self.decisive.truncate(SHOWN);
    }
}

/// It must not fire: the level that was kept up stays at its threshold or below.
fn silent(case: &Case<'_>, asked: &AlertCheck, scene: &Scene) -> Observation {
    let mut out = Outcome::default();
    for span in case.period.settled(case.plan().end, Duration::ZERO) {
        scene.play(span, &mut out);
    }
    out.highest();
    let unsaid = Doubt::TooFewSamples { needed: u64::from(asked.min_calls.unwrap_or(1)) };
    let doubt = match (out.fired, out.possible) {
        (Some(_), _) => None,
        _ if case.evidence.recording.partial => Some(Doubt::RunEnded),
        (None, Some(_)) => Some(unsaid),
        (None, None) => None,
    };
    let exhibit = |look: &Look| Some(Exhibit { at: look.at, call: None, value: look.level? });
    let reading = Reading::of(Measure::AlertLevel, scene.watch.unit, out.judged)
        .part(scene.watch.name.clone())
        .value(out.sustained)
        .doubted(doubt)
        .exhibits(out.decisive.iter().filter_map(exhibit).collect());
    case.judge(reading, at_most(scene.watch.threshold, BoundSource::Scenario))
}

/// It must fire, by any of what it watches, soon after the start of the first phase looked at.
fn fires(case: &Case<'_>, scenes: &[Scene], within: Duration) -> Option<Observation> {
    let &(start, end) = case.period.spans().first()?;
    let (deadline, until) = (start + within, scenes.iter().map(|scene| scene.until).max()?);
    let played = scenes.iter().map(|scene| {
        let mut out = Outcome::default();
        scene.play((start, end.max(deadline)), &mut out);
        (scene, out)
    });
    let mut played: Vec<(&Scene, Outcome)> = played.collect();
    // The first to fire decides; of several that did not, the one that came nearest to its threshold.
    let near =
        |(scene, out): &(&Scene, Outcome)| out.sustained.map_or(0.0, |level| level / scene.watch.threshold);
    played.sort_by(|a, b| near(b).total_cmp(&near(a)));
    played.sort_by_key(|(_, out)| out.fired.unwrap_or(Offset::MAX));
    let in_time = |at: Offset| at <= deadline;
    let possible = played.iter().any(|(_, out)| out.possible.is_some_and(in_time));
    let (judged, needed) = (played.iter().map(|(_, out)| out.judged).sum(), u64::from(scenes.first()?.floor));
    let (scene, out) = played.first_mut()?;
    if out.fired.is_none() {
        out.highest();
    }
    let doubt = match out.fired {
        Some(at) if in_time(at) => None,
        _ if possible => Some(Doubt::TooFewSamples { needed }),
        _ if until < deadline => Some(Doubt::RunEnded),
        _ => None,
    };
    let after = |at: Offset| at.since(start).as_secs_f64();
    let exhibit = |look: &Look| Exhibit { at: look.at, call: None, value: after(look.at) };
    let reading = Reading::of(Measure::AlertFired, Unit::Seconds, judged)
        .part(scene.watch.name.clone())
        .value(out.fired.map(after))
        .ruled(if out.fired.is_some_and(in_time) { Verdict::Held } else { Verdict::Failed })
        .doubted(doubt)
        .exhibits(out.decisive.iter().map(exhibit).collect());
    Some(case.judge(reading, at_most(within.as_secs_f64(), BoundSource::Scenario)))
}
