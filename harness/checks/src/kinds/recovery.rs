//! `recovery`: whether, and how soon, callers were well served again after a phase.
//!
//! Some failures outlive their cause: queues and retries keep a system down that was only pushed (Bronson et al.,
//! "Metastable Failures in Distributed Systems", HotOS 2021). Well again means five good windows of one second in a
//! row; the time is from the end of the trouble to the first of them.
//!
//! The baseline is the first phase of the plan, or warm-up where the trouble is the first phase. A window of a hundred
//! calls cannot show a success share by itself, so a window is good unless it is significantly bad (95 %): its success
//! share below the baseline − 5 points, or more than 1 % of its successes slower than max(2 · baseline p99, the p99 an
//! `slo` check asks of this client). The five together must then show it: 95 % lower bound of success ≥ baseline − 5
//! points. A window without calls is not good. Calls belong to a window by their planned time.

use std::time::Duration;

use upstorm_model::plan::Subject;
use upstorm_model::recording::Call;
use upstorm_model::scenario::{CheckKind, Recovery};
use upstorm_model::verdict::{BoundSource, Doubt, Exhibit, Measure, Observation, Unit, Verdict};
use upstorm_model::{HostId, Offset};

use crate::reading::at_most;
use crate::statistics::{least_n, lower, quantile, upper};
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "recovery",
    title: "recovery",
    summary: "how soon after a phase a client is served as well as before, five seconds in a row",
    measures: &[Measure::RecoveryTime],
    always_on: false,
    observe,
};

const CONFIDENCE: f64 = 0.95;
const WINDOW: Duration = Duration::from_secs(1);
/// No run is watched longer than a day.
const MOST_WINDOWS: u128 = 86_400;
/// Good windows in a row that count as well again.
const ROW: usize = 5;
/// How far below the baseline the success share may lie.
const POINTS: f64 = 0.05;

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(CheckKind::Recovery(asked)), &Subject::Client(client)) = (&case.check.kind, &case.check.of)
    else {
        return Vec::new();
    };
    let (bound, within) = (at_most(asked.within.as_secs_f64(), BoundSource::Scenario), asked.within.get());
    let nothing = Reading::of(Measure::RecoveryTime, Unit::Seconds, 0);
    let Some(cleared) = case.plan().phase_named(&asked.after).map(|p| p.end) else {
        return vec![case.judge(nothing, bound)];
    };
    let Some(norm) = Norm::before(case, asked, client) else {
        return vec![case.judge(nothing, bound)];
    };
    let windows = windows(case, client, cleared, &norm);
    let seen = first_good_row(&windows, norm.success).map(|index| index as f64 * WINDOW.as_secs_f64());
    let observed = WINDOW * u32::try_from(windows.len()).unwrap_or(u32::MAX);
    let n = windows.iter().map(|w| w.calls).sum();
    let held = seen.is_some_and(|seconds| seconds <= bound.value);
    // Five good windows that begin just within the bound must still fit into the run.
    let ended = seen.is_none() && observed < within + WINDOW * ROW as u32;
    let reading = Reading::of(Measure::RecoveryTime, Unit::Seconds, n)
        .value(seen)
        .ruled(if held { Verdict::Held } else { Verdict::Failed })
        .doubted((ended && n > 0).then_some(Doubt::RunEnded))
        .doubted(too_sparse(&windows, norm.success).filter(|_| seen.is_none()))
        .exhibits(bad(&windows, cleared));
    vec![case.judge(reading, bound)]
}

/// What is normal: the success share and the slowest p99 that still counts as well.
struct Norm {
    success: f64,
    slow: Duration,
}

impl Norm {
    fn before(case: &Case<'_>, asked: &Recovery, client: HostId) -> Option<Self> {
        let plan = case.plan();
        let (from, to) = match plan.phases.first() {
            Some(first) if first.name != asked.after => (first.start, first.end),
            _ => (Offset::ZERO, plan.warmup_until),
        };
        let calls: Vec<&Call> =
            case.evidence.calls_of(client).filter(|c| (from..to).contains(&c.planned)).collect();
        let mut fine: Vec<f64> =
            calls.iter().filter(|c| c.outcome.is_success()).map(|c| c.latency().as_secs_f64()).collect();
        fine.sort_by(f64::total_cmp);
        let p99 = quantile(&fine, 0.99)?;
        let promised = promised_p99(case, client);
        let slow = Duration::from_secs_f64(2.0 * p99).max(promised.unwrap_or_default());
        Some(Self { success: fine.len() as f64 / calls.len() as f64, slow })
    }
}

/// The p99 that the plan's `slo` checks ask of this client, the loosest where there are several.
fn promised_p99(case: &Case<'_>, client: HostId) -> Option<Duration> {
    let of_client = case.plan().checks.iter().filter(|c| c.of == Subject::Client(client));
    let asked = of_client.filter_map(|c| match &c.kind {
        Some(CheckKind::Slo(slo)) => slo.p99,
        _ => None,
    });
    asked.map(upstorm_model::TimeSpan::get).max()
}

/// One second of calls.
#[derive(Debug, Clone, Copy, Default)]
struct Window {
    calls: u64,
    successes: u64,
    slow: u64,
    good: bool,
}

fn windows(case: &Case<'_>, client: HostId, cleared: Offset, norm: &Norm) -> Vec<Window> {
    let recording = case.evidence.recording;
    let last = recording.calls.last().map_or(Offset::ZERO, |c| c.planned);
    let end = if recording.partial { last } else { case.plan().end };
    let whole = (end.since(cleared).as_nanos() / WINDOW.as_nanos()).min(MOST_WINDOWS) as usize;
    let mut windows = vec![Window::default(); whole];
    for call in case.evidence.calls_of(client).filter(|c| c.planned >= cleared) {
        let index = (call.planned.since(cleared).as_nanos() / WINDOW.as_nanos()) as usize;
        let Some(window) = windows.get_mut(index) else { continue };
        window.calls += 1;
        window.successes += u64::from(call.outcome.is_success());
        window.slow += u64::from(call.outcome.is_success() && call.latency() > norm.slow);
    }
    for window in &mut windows {
        let enough = upper(window.successes as f64, window.calls as f64, CONFIDENCE) >= norm.success - POINTS;
        let quick = lower(window.slow as f64, window.successes as f64, CONFIDENCE) <= 0.01;
        window.good = window.successes > 0 && enough && quick;
    }
    windows
}

fn first_good_row(windows: &[Window], baseline: f64) -> Option<usize> {
    windows.windows(ROW).position(|row| {
        let sum = |of: fn(&Window) -> u64| row.iter().map(of).sum::<u64>() as f64;
        let share = lower(sum(|w| w.successes), sum(|w| w.calls), CONFIDENCE);
        row.iter().all(|w| w.good) && share >= baseline - POINTS
    })
}

/// The doubt when no five windows hold enough calls to show the success share even if all succeed.
fn too_sparse(windows: &[Window], baseline: f64) -> Option<Doubt> {
    let needed = least_n(1.0 - (baseline - POINTS), CONFIDENCE);
    let fullest = windows.windows(ROW).map(|row| row.iter().map(|w| w.calls).sum::<u64>()).max()?;
    (fullest < needed).then_some(Doubt::TooFewSamples { needed })
}

/// The bad windows, by how small a share of their calls succeeded.
fn bad(windows: &[Window], cleared: Offset) -> Vec<Exhibit> {
    let mut bad: Vec<(f64, Exhibit)> = (0_u32..)
        .zip(windows)
        .filter(|(_, w)| !w.good)
        .map(|(index, w)| {
            let exhibit = Exhibit { at: cleared + WINDOW * index, call: None, value: f64::from(index) };
            (w.successes as f64 / w.calls.max(1) as f64, exhibit)
        })
        .collect();
    bad.sort_by(|a, b| a.0.total_cmp(&b.0));
    bad.into_iter().map(|(_, exhibit)| exhibit).collect()
}
