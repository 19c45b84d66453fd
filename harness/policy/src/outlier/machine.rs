//! The state machine of outlier ejection (Envoy's, `envoy.config.cluster.v3.OutlierDetection`).
//!
//! | state of a replica | event | condition | effect |
//! |---|---|---|---|
//! | in | 5xx, no answer | `consecutive_5xx` of them in a row | ejected, if there is room |
//! | in | 502, 503, 504, no answer | `consecutive_gateway_failure` of them in a row | ejected, if there is room |
//! | any | any other answer | | both rows begin anew; an answer of 500 or 501 begins the second anew |
//! | in | end of an interval | its success rate lies below mean − `success_rate_stdev_factor`/1000 · σ of all that had `success_rate_request_volume` requests, at least `success_rate_minimum_hosts` | ejected, if there is room |
//! | in | end of an interval | | its count of ejections goes down by one |
//! | out | end of an interval | out for `base_ejection_time` × its count of ejections, at most `max_ejection_time` | in, with new rows |
//! | any | the caller left | | nothing is counted |
//!
//! There is room while no more than `max_ejection_percent` of the replicas would be out, and always for one. When fewer
//! than `panic_threshold` of them are in, all of them may be asked: the rest would not bear the load alone.
//!
//! Intervals begin at offset zero. What their ends do is dated when they were, and done when somebody asks, so the
//! machine is the same however often it is asked. Envoy's jitter of ejection times and its enforcing percentages are
//! left out.

use upstorm_model::Offset;
use upstorm_model::policy::{self, OutlierKind};

use super::rates::{Window, outliers};
use crate::{Ending, PolicyEvent};

/// Outlier ejection over the replicas of one name.
#[derive(Debug, Clone)]
pub struct Outlier {
    settings: policy::Outlier,
    replicas: Vec<Replica>,
    /// Intervals whose end has been seen to.
    swept: u64,
}

#[derive(Debug, Clone, Default)]
struct Replica {
    out_since: Option<Offset>,
    /// How often it was ejected, less one for each interval it was in since.
    ejections: u32,
    row: u32,
    gateway_row: u32,
    window: Window,
}

/// A replica that was ejected or let back in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turned {
    /// When.
    pub at: Offset,
    /// Which, by its index.
    pub replica: usize,
    /// True when it was ejected.
    pub out: bool,
}

impl Turned {
    /// The event of it.
    #[must_use]
    pub const fn event(self) -> PolicyEvent {
        if self.out {
            PolicyEvent::Ejected { replica: self.replica }
        } else {
            PolicyEvent::Readmitted { replica: self.replica }
        }
    }
}

impl Outlier {
    /// With all replicas in. Of kind `off`, they always stay so.
    #[must_use]
    pub fn new(settings: &policy::Outlier, replicas: usize) -> Self {
        Self { settings: settings.clone(), replicas: vec![Replica::default(); replicas], swept: 0 }
    }

    /// The indices of the replicas that may be asked now, with what has happened since the last time, oldest first.
    pub fn among(&mut self, now: Offset) -> (Vec<usize>, Vec<Turned>) {
        let turned = self.sweep(now);
        let all = 0..self.replicas.len();
        let within: Vec<usize> = all.clone().filter(|index| !self.is_out(*index)).collect();
        let share = within.len() as f64 / self.replicas.len().max(1) as f64;
        let panics = within.is_empty() || share < self.settings.panic_threshold.get();
        (if panics { all.collect() } else { within }, turned)
    }

    /// Says how an attempt at a replica ended now. Returns what followed, oldest first.
    pub fn settle(&mut self, now: Offset, replica: usize, ending: Ending) -> Vec<Turned> {
        let mut turned = self.sweep(now);
        let kind = self.settings.kind;
        let Some(one) = self.replicas.get_mut(replica) else { return turned };
        let failure = match ending {
            Ending::Left => return turned,
            Ending::Answered(status) => (status >= 500).then_some(matches!(status, 502..=504)),
            Ending::ConnectFailed | Ending::Broken | Ending::TimedOut => Some(true),
        };
        if kind == OutlierKind::Off {
            return turned;
        }
        one.window.count(failure.is_none());
        one.row = if failure.is_some() { one.row + 1 } else { 0 };
        one.gateway_row = if failure == Some(true) { one.gateway_row + 1 } else { 0 };
        let reached = |row: u32, limit: u32| limit > 0 && row >= limit;
        let too_many = reached(one.row, self.settings.consecutive_5xx)
            || reached(one.gateway_row, self.settings.consecutive_gateway_failure);
        if kind.counts_rows() && too_many {
            (one.row, one.gateway_row) = (0, 0);
            turned.extend(self.eject(now, replica));
        }
        turned
    }

    /// Whether a replica is out, as of the last time the machine was asked or told something.
    #[must_use]
    pub fn is_out(&self, replica: usize) -> bool {
        self.replicas.get(replica).is_some_and(|one| one.out_since.is_some())
    }

    /// Sees to the end of every interval up to now.
    fn sweep(&mut self, now: Offset) -> Vec<Turned> {
        let mut turned = Vec::new();
        let interval = self.settings.interval.get();
        if self.settings.kind == OutlierKind::Off || interval.is_zero() {
            return turned;
        }
        let ended = (now.elapsed().as_nanos() / interval.as_nanos()).try_into().unwrap_or(u64::MAX);
        while self.swept < ended {
            // After an idle stretch most intervals change nothing: those that cannot are passed over at once.
            if self.replicas.iter().all(Replica::is_settled) {
                self.swept = ended;
                break;
            }
            self.swept += 1;
            let nanos = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
            self.end_interval(Offset::from_nanos(nanos.saturating_mul(self.swept)), &mut turned);
        }
        turned
    }

    fn end_interval(&mut self, at: Offset, turned: &mut Vec<Turned>) {
        let (base, longest) = (self.settings.base_ejection_time.get(), self.settings.max_ejection_time.get());
        for (index, one) in self.replicas.iter_mut().enumerate() {
            match one.out_since {
                None => one.ejections = one.ejections.saturating_sub(1),
                Some(since)
                    if at.since(since) >= base.saturating_mul(one.ejections).min(longest.max(base)) =>
                {
                    *one = Replica { ejections: one.ejections, ..Replica::default() };
                    turned.push(Turned { at, replica: index, out: false });
                }
                Some(_) => {}
            }
        }
        let windows: Vec<Option<Window>> = self.replicas.iter_mut().map(Replica::take_window).collect();
        if self.settings.kind.compares_rates() {
            for replica in outliers(&windows, &self.settings) {
                turned.extend(self.eject(at, replica));
            }
        }
    }

    /// Ejects a replica, if it is in and there is room.
    fn eject(&mut self, at: Offset, replica: usize) -> Option<Turned> {
        let out = self.replicas.iter().filter(|one| one.out_since.is_some()).count();
        let share = (out + 1) as f64 / self.replicas.len().max(1) as f64;
        let room = out == 0 || share <= self.settings.max_ejection_percent.get();
        let one = self.replicas.get_mut(replica).filter(|one| room && one.out_since.is_none())?;
        one.out_since = Some(at);
        // Counting on would only make the way back longer: the time out does not grow any more.
        let longest = self.settings.max_ejection_time.get();
        if self.settings.base_ejection_time.get().saturating_mul(one.ejections) < longest {
            one.ejections += 1;
        }
        one.ejections = one.ejections.max(1);
        Some(Turned { at, replica, out: true })
    }
}

impl Replica {
    /// Whether the end of an interval would change nothing.
    fn is_settled(&self) -> bool {
        self.out_since.is_none() && self.ejections == 0 && self.window == Window::default()
    }

    /// What was counted in the interval; nothing of a replica that is out.
    fn take_window(&mut self) -> Option<Window> {
        let window = std::mem::take(&mut self.window);
        self.out_since.is_none().then_some(window)
    }
}
