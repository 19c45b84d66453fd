//! Windows of one second after the trouble, and which of them are good.
//!
//! What is normal is taken from the first phase of the plan, or from warm-up where the trouble is the first phase. A
//! window of a hundred calls cannot show a share by itself, so a window is good unless it is bad for sure (95 %,
//! Clopper–Pearson): its success share below the baseline − 5 points, or more than 1 % of its successes slower than
//! max(2 · baseline p99, the p99 an `slo` check asks of this client). Five in a row must then show it together: the 95
//! % lower bound of their success share ≥ baseline − 5 points, and not more than 1 % slow for sure. A window without
//! calls is not good. Calls belong to a window by their planned time.

use std::time::Duration;

use upstorm_model::plan::Subject;
use upstorm_model::recording::Call;
use upstorm_model::scenario::{CheckKind, Recovery};
use upstorm_model::verdict::{Doubt, Exhibit};
use upstorm_model::{HostId, Offset};

use crate::Case;
use crate::statistics::{least_n, lower, quantile, upper};

const CONFIDENCE: f64 = 0.95;
pub(super) const WINDOW: Duration = Duration::from_secs(1);
/// No run is watched longer than a day.
const MOST_WINDOWS: u128 = 86_400;
/// Good windows in a row that count as well again.
pub(super) const ROW: usize = 5;
/// How far below the baseline the success share may lie.
const POINTS: f64 = 0.05;
/// The share of successes that may be slow.
const SLOW: f64 = 0.01;

/// What is normal: the success share and the slowest p99 that still counts as well.
#[derive(Debug, Clone, Copy)]
pub(super) struct Norm {
    success: f64,
    slow: Duration,
}

impl Norm {
    /// Of a client before its trouble; none where it made no call then that succeeded.
    pub(super) fn before(case: &Case<'_>, asked: &Recovery, client: HostId) -> Option<Self> {
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

/// The windows of a stretch.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    from: Offset,
    norm: Norm,
    each: Vec<Window>,
}

impl Windows {
    /// Of what a client got from one time to another, as far as the recording goes.
    pub(super) fn of(case: &Case<'_>, client: HostId, (from, to): (Offset, Offset), norm: Norm) -> Self {
        let recording = case.evidence.recording;
        let last = recording.calls.last().map_or(Offset::ZERO, |c| c.planned);
        let end = if recording.partial { last } else { case.plan().end }.min(to);
        let whole = (end.since(from).as_nanos() / WINDOW.as_nanos()).min(MOST_WINDOWS) as usize;
        let mut each = vec![Window::default(); whole];
        for call in case.evidence.calls_of(client).filter(|c| c.planned >= from) {
            let index = (call.planned.since(from).as_nanos() / WINDOW.as_nanos()) as usize;
            let Some(window) = each.get_mut(index) else { continue };
            window.calls += 1;
            window.successes += u64::from(call.outcome.is_success());
            window.slow += u64::from(call.outcome.is_success() && call.latency() > norm.slow);
        }
        for window in &mut each {
            let enough =
                upper(window.successes as f64, window.calls as f64, CONFIDENCE) >= norm.success - POINTS;
            window.good = window.successes > 0 && enough && quick(window.slow, window.successes);
        }
        Self { from, norm, each }
    }

    /// How many calls they hold.
    pub(super) fn calls(&self) -> u64 {
        self.each.iter().map(|w| w.calls).sum()
    }

    /// How long they last together.
    pub(super) fn watched(&self) -> Duration {
        WINDOW * u32::try_from(self.each.len()).unwrap_or(u32::MAX)
    }

    /// When each of them ends.
    pub(super) fn ends(&self) -> impl Iterator<Item = Offset> {
        (1_u32..).map(|nth| self.from + WINDOW * nth).take(self.each.len())
    }

    /// The seconds until the first of five good ones in a row.
    pub(super) fn well_after(&self) -> Option<f64> {
        self.first_row().map(|index| index as f64 * WINDOW.as_secs_f64())
    }

    fn first_row(&self) -> Option<usize> {
        self.each.windows(ROW).position(|row| {
            let sum = |of: fn(&Window) -> u64| row.iter().map(of).sum::<u64>();
            let share = lower(sum(|w| w.successes) as f64, sum(|w| w.calls) as f64, CONFIDENCE);
            row.iter().all(|w| w.good)
                && share >= self.norm.success - POINTS
                && quick(sum(|w| w.slow), sum(|w| w.successes))
        })
    }

    /// The most good ones in a row; at most four where no five of them show it together.
    pub(super) fn most_good(&self) -> usize {
        let rows = self.each.chunk_by(|a, b| a.good == b.good).filter(|row| row[0].good);
        let longest = rows.map(<[Window]>::len).max().unwrap_or(0);
        if self.first_row().is_some() { longest } else { longest.min(ROW - 1) }
    }

    /// The doubt when no five of them hold enough calls to show the success share even if all succeed.
    pub(super) fn too_sparse(&self) -> Option<Doubt> {
        let needed = least_n(1.0 - (self.norm.success - POINTS), CONFIDENCE);
        let fullest = self.each.windows(ROW).map(|row| row.iter().map(|w| w.calls).sum::<u64>()).max()?;
        (fullest < needed).then_some(Doubt::TooFewSamples { needed })
    }

    /// The windows that decide: the bad ones, by how small a share of their calls succeeded; where there is none, or it
    /// is the good ones that are in question, the first of those in a row.
    pub(super) fn exhibits(&self, good: bool) -> Vec<Exhibit> {
        let mut bad: Vec<(f64, Exhibit)> = self
            .each
            .iter()
            .zip(0_u32..)
            .filter(|(w, _)| !w.good)
            .map(|(w, index)| (w.successes as f64 / w.calls.max(1) as f64, self.exhibit(index)))
            .collect();
        bad.sort_by(|a, b| a.0.total_cmp(&b.0));
        let row = self.first_row().and_then(|index| u32::try_from(index).ok());
        match row {
            Some(first) if good || bad.is_empty() => {
                (first..).take(ROW).map(|index| self.exhibit(index)).collect()
            }
            _ => bad.into_iter().map(|(_, exhibit)| exhibit).collect(),
        }
    }

    fn exhibit(&self, index: u32) -> Exhibit {
        Exhibit { at: self.from + WINDOW * index, call: None, value: f64::from(index) }
    }
}

/// Whether so many slow ones of so many are few enough, or may be.
fn quick(slow: u64, successes: u64) -> bool {
    lower(slow as f64, successes as f64, CONFIDENCE) <= SLOW
}
