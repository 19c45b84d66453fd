//! `recovery`: what became of callers after a phase, and how soon.
//!
//! Some failures outlive their cause: queues and retries keep a system down that was only pushed (Bronson et al.,
//! "Metastable Failures in Distributed Systems", HotOS 2021). Well again means five good windows of one second in a row
//! (recovery_windows.rs); the time is from the end of the trouble to the first of them.
//!
//! | it | means |
//! |---|---|
//! | recovered | well again `within` the time |
//! | slow | well again, but later |
//! | stuck | never five good windows in a row, as long as it is watched, and the backlog does not shrink |
//! | metastable | stuck; the load is then dropped for a while; and when it is restored the client is well `within` the time |
//!
//! The backlog is the number of calls that wait for an answer at the end of each second; of it the later half of the
//! windows is looked at, since the trouble itself leaves one that goes. One that shrinks for sure when the run ends may be
//! slow or stuck: that is Inconclusive. For sure means at 99.9 %, given how alike neighbours are, and by more than counts
//! of so many scatter by themselves: four that happen to lie on a line are no trend. What retries or a breaker do not let
//! through waits nowhere: then the windows alone decide.

use upstorm_model::plan::Subject;
use upstorm_model::recording::{Call, Outcome};
use upstorm_model::scenario::{CheckKind, Recovery, RecoveryKind};
use upstorm_model::verdict::{BoundSource, Doubt, Exhibit, Measure, Observation, Unit, Verdict};
use upstorm_model::{HostId, Offset};

use super::recovery_windows::{Norm, ROW, WINDOW, Windows};
use crate::reading::{at_least, at_most};
use crate::statistics::slope;
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "recovery",
    title: "recovery",
    summary: "how soon after a phase a client is served as well as before, five seconds in a row; or that it is not",
    measures: &[Measure::RecoveryTime, Measure::TimeDown, Measure::GoodSeconds, Measure::BacklogGrowth],
    always_on: false,
    observe,
};

/// The one-sided confidence with which a backlog shrinks.
const SURE: f64 = 0.999;
/// How many standard deviations of mere counting it shrinks by at least: chance does so once in a hundred thousand times.
const BEYOND_COUNTING: f64 = 4.27;

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(CheckKind::Recovery(asked)), &Subject::Client(client)) = (&case.check.kind, &case.check.of)
    else {
        return Vec::new();
    };
    let norm = Norm::before(case, asked, client);
    let (Some(cleared), Some(norm)) = (case.plan().phase_named(&asked.after).map(|p| p.end), norm) else {
        let nothing = Reading::of(Measure::RecoveryTime, Unit::Seconds, 0);
        return vec![case.judge(nothing, at_most(asked.within.as_secs_f64(), BoundSource::Scenario))];
    };
    let view = View { case, asked, client };
    let until = |to: Offset| Windows::of(case, client, (cleared, to), norm);
    match asked.expect {
        RecoveryKind::Recovered => vec![view.recovered(&until(Offset::MAX), "")],
        RecoveryKind::Slow => vec![view.slow(&until(Offset::MAX))],
        RecoveryKind::Stuck => view.stuck(&until(Offset::MAX)),
        RecoveryKind::Metastable => {
            let phase = |name: &Option<String>| name.as_ref().and_then(|n| case.plan().phase_named(n));
            let dropped = phase(&asked.drop).map_or(cleared, |p| p.start);
            // A phase that is before its time leaves nothing to look at.
            let restored =
                phase(&asked.restore).map(|p| (p.start, p.end)).filter(|(start, _)| *start > dropped);
            let (from, to) = restored.unwrap_or((Offset::MAX, Offset::MAX));
            let mut found = view.stuck(&until(dropped));
            found.push(view.recovered(&Windows::of(case, client, (from, to), norm), "load restored"));
            found
        }
    }
}

struct View<'c, 'a> {
    case: &'c Case<'a>,
    asked: &'c Recovery,
    client: HostId,
}

impl View<'_, '_> {
    fn recovered(&self, windows: &Windows, part: &str) -> Observation {
        let within = self.asked.within;
        let seen = windows.well_after();
        let held = seen.is_some_and(|seconds| seconds <= within.as_secs_f64());
        let reading = self
            .time(Measure::RecoveryTime, (windows, seen))
            .part(part)
            .ruled(if held { Verdict::Held } else { Verdict::Failed })
            .exhibits(windows.exhibits(false));
        self.case.judge(reading, at_most(within.as_secs_f64(), BoundSource::Scenario))
    }

    fn slow(&self, windows: &Windows) -> Observation {
        let within = self.asked.within.as_secs_f64();
        let seen = windows.well_after();
        let held = seen.is_some_and(|seconds| seconds > within);
        let ends = seen.is_none() && self.shrinks(windows).is_some();
        let reading = self
            .time(Measure::TimeDown, (windows, seen))
            .doubted(ends.then_some(Doubt::RunEnded))
            .ruled(if held { Verdict::Held } else { Verdict::Failed })
            .exhibits(windows.exhibits(!held));
        self.case.judge(reading, at_least(within, BoundSource::Scenario))
    }

    /// The time to recover, with the reasons not to trust that there was none.
    fn time(&self, measure: Measure, (windows, seen): (&Windows, Option<f64>)) -> Reading {
        Reading::of(measure, Unit::Seconds, windows.calls())
            .value(seen)
            .doubted((seen.is_none() && windows.calls() > 0).then(|| self.too_short(windows)).flatten())
            .doubted(windows.too_sparse().filter(|_| seen.is_none()))
    }

    /// Five good windows that begin just within the bound must still fit into what is watched.
    fn too_short(&self, windows: &Windows) -> Option<Doubt> {
        (windows.watched() < self.asked.within.get() + WINDOW * ROW as u32).then_some(Doubt::RunEnded)
    }

    fn stuck(&self, windows: &Windows) -> Vec<Observation> {
        let most = windows.most_good();
        let good = most >= ROW;
        let reading = Reading::of(Measure::GoodSeconds, Unit::Count, windows.calls())
            .value(Some(most as f64))
            .doubted(self.too_short(windows).filter(|_| !good && windows.calls() > 0))
            .doubted(windows.too_sparse())
            .exhibits(windows.exhibits(good));
        let bound = at_most((ROW - 1) as f64, BoundSource::Rule);
        std::iter::once(self.case.judge(reading, bound)).chain(self.backlog(windows)).collect()
    }

    /// Whether the backlog goes: nothing where it was not watched long enough to tell.
    fn backlog(&self, windows: &Windows) -> Option<Observation> {
        let later = self.later_backlog(windows);
        let values: Vec<f64> = later.iter().map(|(_, n)| *n).collect();
        let (growth, half) = trend(&values)?;
        let largest = later.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let shown = [Some(largest), later.first(), later.last()].into_iter().flatten();
        let reading = Reading::of(Measure::BacklogGrowth, Unit::Number, values.len() as u64)
            .value(Some(growth))
            .interval(growth - half, growth + half, 2.0 * SURE - 1.0)
            .ruled(Verdict::Held)
            .doubted((growth < -half).then_some(Doubt::RunEnded))
            .exhibits(shown.map(|(at, n)| Exhibit { at: *at, call: None, value: *n }).collect());
        Some(self.case.judge(reading, at_least(-half, BoundSource::Rule)))
    }

    fn shrinks(&self, windows: &Windows) -> Option<f64> {
        let values: Vec<f64> = self.later_backlog(windows).into_iter().map(|(_, n)| n).collect();
        trend(&values).filter(|(growth, half)| *growth < -half).map(|(growth, _)| growth)
    }

    /// How many calls waited at the end of each window of the later half.
    fn later_backlog(&self, windows: &Windows) -> Vec<(Offset, f64)> {
        let calls = || self.case.evidence.calls_of(self.client).filter(|c| c.outcome != Outcome::Shed);
        let sorted = |of: fn(&Call) -> Offset| {
            let mut times: Vec<Offset> = calls().map(of).collect();
            times.sort_unstable();
            times
        };
        let (sent, done) = (sorted(|c| c.sent), sorted(|c| c.done));
        let until = |times: &[Offset], at: Offset| times.partition_point(|t| *t <= at);
        let ends: Vec<Offset> = windows.ends().collect();
        let later = ends.iter().skip(ends.len() / 2);
        later.map(|at| (*at, until(&sent, *at).saturating_sub(until(&done, *at)) as f64)).collect()
    }
}

/// By how many a second a backlog grows, and how far the true growth may lie from that.
fn trend(values: &[f64]) -> Option<(f64, f64)> {
    let (growth, half) = slope(values, SURE)?;
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    // The slope of independent counts: their variance is their mean, over the squares of their places.
    let counting = (mean * 12.0 / (n * (n * n - 1.0))).sqrt();
    Some((growth, half.max(BEYOND_COUNTING * counting)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_counts_on_a_line_are_no_trend_but_many_are() {
        let (growth, half) = trend(&[60.0, 59.0, 57.0, 56.0]).unwrap();
        assert!((growth + 1.4).abs() < 1e-9 && growth >= -half);
        let drained: Vec<f64> = (0..30).map(|n| 600.0 - 5.0 * f64::from(n)).collect();
        assert!(trend(&drained).is_some_and(|(growth, half)| growth < -half));
        assert_eq!(trend(&[3.0, 2.0, 1.0]), None);
    }
}
