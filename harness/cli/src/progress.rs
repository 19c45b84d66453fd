//! Progress while a run goes on: one line a phase with rate, errors, p99 and breaker states.
//!
//! Fed by the recorder, so that showing it costs the hosts nothing.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use upstorm_model::recording::{Annotation, Call, Mark, MarkKind, Record};
use upstorm_model::{HostId, Offset, Plan, TimeSpan};
use upstorm_world::Tap;

use crate::console::tell;

/// Shows progress on stderr.
#[derive(Debug)]
pub(crate) struct Progress {
    stretches: Vec<Stretch>,
    hosts: Vec<String>,
    current: usize,
    tally: Tally,
    breakers: BTreeMap<HostId, Annotation>,
    bar: ProgressBar,
}

/// Warm-up or a phase.
#[derive(Debug)]
struct Stretch {
    name: String,
    end: Offset,
}

/// What a stretch has seen so far.
#[derive(Debug)]
struct Tally {
    start: Offset,
    calls: u64,
    errors: u64,
    throttled: u64,
    latency: Option<Histogram<u64>>,
}

impl Tally {
    fn from(start: Offset) -> Self {
        // Microseconds, two digits. `None` never happens, since these bounds are sound; then p99 is just not shown.
        let latency = Histogram::new_with_bounds(1, 3_600_000_000, 2).ok();
        Self { start, calls: 0, errors: 0, throttled: 0, latency }
    }

    fn add(&mut self, call: &Call) {
        self.calls += 1;
        self.errors += u64::from(call.outcome.is_error());
        self.throttled += u64::from(call.outcome.is_throttled());
        if let Some(latency) = self.latency.as_mut().filter(|_| call.outcome.is_success()) {
            latency.saturating_record(u64::try_from(call.latency().as_micros()).unwrap_or(u64::MAX).max(1));
        }
    }

    fn line(&self, name: &str, until: Offset) -> String {
        let seconds = until.since(self.start).as_secs_f64().max(0.001);
        let share = |n: u64| if self.calls == 0 { 0.0 } else { n as f64 * 100.0 / self.calls as f64 };
        let p99 = self.latency.as_ref().filter(|l| !l.is_empty()).map_or_else(
            || format!("{:>10}", "–"),
            |l| format!("{:7.1} ms", l.value_at_quantile(0.99) as f64 / 1000.0),
        );
        let rate = self.calls as f64 / seconds;
        let throttled = if self.throttled > 0 {
            format!("  {:4.1} % throttled", share(self.throttled))
        } else {
            String::new()
        };
        format!("{name:<16} {rate:7.1} calls/s  {:5.1} % errors  p99 {p99}{throttled}", share(self.errors))
    }
}

impl Progress {
    /// Ready to show a run of this plan.
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut stretches = Vec::new();
        if plan.warmup_until > Offset::ZERO {
            stretches.push(Stretch { name: "warm-up".to_owned(), end: plan.warmup_until });
        }
        stretches.extend(plan.phases.iter().map(|p| Stretch { name: p.name.clone(), end: p.end }));
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar()));
        tell(&format!(
            "running {} for {} (seed {})",
            plan.scenario,
            TimeSpan::from(plan.end.elapsed()),
            plan.seed.0
        ));
        Self {
            stretches,
            hosts: plan.hosts.iter().map(|h| h.name.clone()).collect(),
            current: 0,
            tally: Tally::from(Offset::ZERO),
            breakers: BTreeMap::new(),
            bar,
        }
    }

    fn line(&self, until: Offset) -> Option<String> {
        let stretch = self.stretches.get(self.current)?;
        let breakers: String = self
            .breakers
            .iter()
            .map(|(host, state)| format!("  {} breaker {}", self.name(*host), state_word(*state)))
            .collect();
        Some(format!("{}{breakers}", self.tally.line(&stretch.name, until)))
    }

    fn name(&self, host: HostId) -> &str {
        self.hosts.get(usize::from(host.0)).map_or("?", String::as_str)
    }

    /// Ends the stretches that are over by now, each with its line.
    fn advance(&mut self, now: Offset) {
        while let Some(end) = self.stretches.get(self.current).map(|s| s.end).filter(|end| *end <= now) {
            if let Some(line) = self.line(end) {
                self.bar.suspend(|| tell(&line));
            }
            self.current += 1;
            self.tally = Tally::from(end);
        }
    }

    fn see_mark(&mut self, mark: &Mark) {
        match mark.kind {
            MarkKind::Says(host, said) if is_breaker(said) => {
                self.breakers.insert(host, said);
            }
            MarkKind::HostNoise(_) | MarkKind::Segment(_) | MarkKind::InFlight(..) => self.advance(mark.at),
            MarkKind::End | MarkKind::Interrupted | MarkKind::GivenUp => {
                self.advance(mark.at);
                self.bar.finish_and_clear();
            }
            MarkKind::Says(..) | MarkKind::Changed(_) => {}
        }
        if let Some(line) = self.line(mark.at) {
            self.bar.set_message(line);
        }
    }
}

const fn is_breaker(said: Annotation) -> bool {
    matches!(said, Annotation::BreakerOpened | Annotation::BreakerHalfOpened | Annotation::BreakerClosed)
}

const fn state_word(said: Annotation) -> &'static str {
    match said {
        Annotation::BreakerOpened => "open",
        Annotation::BreakerHalfOpened => "half-open",
        _ => "closed",
    }
}

/// A run that its world gave up has no end.
impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Tap for Progress {
    fn see(&mut self, record: &Record) {
        match record {
            Record::Call(call) => self.tally.add(call),
            Record::Mark(mark) => self.see_mark(mark),
            Record::Attempt(_) | Record::Connection(_) => {}
        }
    }
}
