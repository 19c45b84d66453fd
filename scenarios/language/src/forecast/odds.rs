//! Odds: what an attempt will meet on one route in one segment, before retries.

use upstorm_model::plan::{Plan, RouteBehaviour, RouteCapacity};
use upstorm_model::policy::{Retry, RetryOn};
use upstorm_model::scenario::{FaultKind, Malformed, RetryAfter};

use super::capacity::workload;
use super::scripted::turns;
use super::traffic::{Traffic, seconds};

/// Steps in which a ramp is averaged.
const STEPS: u32 = 16;

/// The share of attempts that meet each fate. They exclude each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Odds {
    /// No connection is made.
    pub(crate) connect_failure: f64,
    /// No answer ever comes.
    pub(crate) silence: f64,
    /// The connection breaks before the answer is complete.
    pub(crate) broken: f64,
    /// Each status that is answered in full, the limit's rejections among them.
    pub(crate) statuses: Vec<(u16, f64)>,
    /// Those of the statuses that carry a Retry-After that can be obeyed.
    pub(crate) hinted: f64,
    /// By the index of the fault: how many it hits.
    pub(crate) faults: Vec<f64>,
}

impl Odds {
    /// The share of attempts that a retry policy would make again.
    pub(crate) fn retried(&self, retry: &Retry) -> f64 {
        let on = |reason: RetryOn, share: f64| if retry.retry_on.contains(&reason) { share } else { 0.0 };
        on(RetryOn::ConnectFailure, self.connect_failure)
            + on(RetryOn::Timeout, self.silence)
            + on(RetryOn::Reset, self.broken)
            + self.statuses.iter().map(|(status, share)| on(RetryOn::Status(*status), *share)).sum::<f64>()
    }

    /// The share of attempts that fail without a 429: 5xx, broken, silent, no connection.
    pub(crate) fn failed(&self) -> f64 {
        let server = self.statuses.iter().filter(|(status, _)| *status >= 500).map(|(_, share)| share);
        self.connect_failure + self.silence + self.broken + server.sum::<f64>()
    }

    /// The share of attempts that are answered below 500 and not with 429.
    pub(crate) fn succeeded(&self) -> f64 {
        let good = self.statuses.iter().filter(|(status, _)| *status < 500 && *status != 429);
        good.map(|(_, share)| share).sum()
    }

    fn scale(&mut self, factor: f64) {
        self.broken *= factor;
        self.silence *= factor;
        self.hinted *= factor;
        self.statuses.iter_mut().for_each(|(_, share)| *share *= factor);
        self.faults.iter_mut().for_each(|share| *share *= factor);
    }

    /// Adds the odds of a share of all attempts. `own`: the faults are those of the route, and not what a script gives.
    fn add(&mut self, mut more: Self, (share, own): (f64, bool)) {
        more.scale(share);
        self.broken += more.broken;
        self.silence += more.silence;
        self.hinted += more.hinted;
        more.statuses.iter().for_each(|(status, share)| self.add_status(*status, *share));
        if own {
            self.faults.iter_mut().zip(&more.faults).for_each(|(sum, more)| *sum += more);
        }
    }

    fn add_status(&mut self, status: u16, share: f64) {
        match self.statuses.iter_mut().find(|(s, _)| *s == status) {
            Some((_, sum)) => *sum += share,
            None => self.statuses.push((status, share)),
        }
    }
}

/// What attempts meet on a route (by index) of an upstream (by index) in a segment.
pub(crate) fn odds(plan: &Plan, traffic: &Traffic<'_>, place: (usize, usize, usize)) -> Odds {
    let (upstream, route, segment) = place;
    let found = || {
        let upstream = plan.upstreams.get(upstream)?;
        let behaviour = upstream.timeline.get(segment)?;
        Some((upstream, behaviour, behaviour.routes.get(route)?, plan.segments.get(segment)?))
    };
    let Some((upstream, behaviour, route_behaviour, stretch)) = found() else {
        return Odds::default();
    };
    let offered = traffic.at_route(upstream, route, segment) / seconds(stretch).max(1e-9);
    let load = workload(plan, traffic, place).unwrap_or(0.0);
    let mut odds = Odds { faults: vec![0.0; route_behaviour.faults.len()], ..Odds::default() };
    for (share, met) in turns(route_behaviour, offered, stretch) {
        let own = met.faults == route_behaviour.faults;
        odds.add(answered(&met, offered, load), (share, own));
    }
    let cut = stretch.partitions.iter().any(|pair| pair.contains(&upstream.host));
    if behaviour.connect.refuses() {
        odds.scale(0.0);
        odds.connect_failure = 1.0;
    } else if cut || behaviour.connect.swallows() {
        odds.scale(0.0);
        odds.silence = 1.0;
    }
    odds
}

/// What the stages from the limit on do with requests that come `offered` times a second, to workers of which `load`
/// times as much is asked as they can do.
fn answered(route: &RouteBehaviour, offered: f64, load: f64) -> Odds {
    let mut sum = Odds { faults: vec![0.0; route.faults.len()], ..Odds::default() };
    for step in 0..STEPS {
        let progress = (f64::from(step) + 0.5) / f64::from(STEPS);
        one_moment(&mut sum, route, (progress, offered, load));
    }
    let mean = 1.0 / f64::from(STEPS);
    sum.scale(mean);
    sum
}

fn one_moment(sum: &mut Odds, route: &RouteBehaviour, (progress, offered, load): (f64, f64, f64)) {
    let obeyable = |hint: Option<&RetryAfter>| hint.is_some_and(|h| !matches!(h, RetryAfter::Text(_)));
    let mut left = 1.0;
    // Buckets by header value are beyond a forecast: how the values are spread is not known.
    if let Some(limit) = route.limit.as_ref().filter(|l| l.key.is_none()) {
        let rejected = (1.0 - limit.rate.at(progress).get() / offered.max(1e-9)).max(0.0);
        sum.add_status(limit.reject.status, rejected);
        sum.hinted += if obeyable(limit.reject.retry_after.as_ref()) { rejected } else { 0.0 };
        left -= rejected;
    }
    // In the long run a queue only delays overflow.
    if let Some(RouteCapacity { setting, .. }) = route.capacity.as_ref().filter(|_| load > 1.0) {
        let turned_away = left * (1.0 - 1.0 / load);
        sum.add_status(setting.overflow.status, turned_away);
        sum.hinted += if obeyable(setting.overflow.retry_after.as_ref()) { turned_away } else { 0.0 };
        left -= turned_away;
    }
    // What stalls is answered all the same, later.
    let mut answered = 0.0;
    for (index, fault) in route.faults.iter().enumerate() {
        let hit = left * fault.share.at(progress).get().min(1.0);
        sum.faults[index] += hit;
        match fault.kind {
            FaultKind::Hang {} => sum.silence += hit,
            FaultKind::Reset(_) | FaultKind::Close(_) | FaultKind::Truncate { .. } => sum.broken += hit,
            FaultKind::ContentLength { off_by: 1.. } => sum.broken += hit,
            FaultKind::Malformed { kind } if kind != Malformed::Json => sum.broken += hit,
            FaultKind::RedirectLoop {} => sum.add_status(FaultKind::REDIRECT, hit),
            // Of a flood, many callers take it; and what only a parser notices has been answered.
            FaultKind::Stall(_)
            | FaultKind::Malformed { .. }
            | FaultKind::ContentLength { .. }
            | FaultKind::HeaderFlood { .. } => answered += hit,
        }
        left -= hit;
    }
    left += answered;
    for (status, share) in route.status.shares(progress) {
        sum.add_status(status, left * share);
        let hint = route.status.0.get(&status).and_then(|e| e.table()).and_then(|t| t.retry_after.as_ref());
        sum.hinted += if obeyable(hint) { left * share } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::scenario::{
        Body, Capacity, Cut, CutAt, Fault, Limit, Overflow, Reject, Stall, StatusMix,
    };
    use upstorm_model::{ByteSize, Law, Rate, Ratio, Shape, TimeSpan, Varying};

    fn route() -> RouteBehaviour {
        RouteBehaviour {
            limit: None,
            capacity: None,
            latency: Law::Constant(Varying::Fixed(TimeSpan::ZERO)),
            status: StatusMix::default(),
            body: Body::of_size(ByteSize::new(0)),
            faults: Vec::new(),
            script: None,
            hold: None,
            probes: None,
            ledger: false,
        }
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn fates_exclude_each_other() {
        let reject = Reject { status: 429, retry_after: Some(RetryAfter::Seconds(1)) };
        let limit = Limit { rate: Rate::per_second(50.0).into(), burst: None, key: None, reject };
        let fault = |share| Fault {
            share: Varying::Fixed(Ratio::new(share)),
            kind: FaultKind::Reset(Cut::At { at: CutAt::MidBody }),
        };
        let faults = vec![fault(0.5), Fault { kind: FaultKind::Hang {}, ..fault(0.5) }];
        let odds = answered(&RouteBehaviour { limit: Some(limit), faults, ..route() }, 100.0, 0.0);
        assert!(close(odds.hinted, 0.5));
        assert!(close(odds.broken, 0.25));
        assert!(close(odds.silence, 0.125));
        assert!(close(odds.succeeded(), 0.125));
        assert!(close(odds.failed(), 0.375));
        assert!(close(odds.retried(&Retry::default()), 0.875));
    }

    #[test]
    fn overload_turns_away_what_the_workers_cannot_do_and_a_stall_is_answered() {
        let overflow = Overflow { retry_after: Some(RetryAfter::Seconds(1)), ..Overflow::default() };
        let setting = Capacity {
            workers: 1,
            queue: 9,
            service: None,
            overflow,
            ignore_disconnect: false,
            finish_begun: false,
            deadline: None,
        };
        let capacity = Some(RouteCapacity { shared: false, setting });
        let place = Cut::At { at: CutAt::MidBody };
        let stall = FaultKind::Stall(Stall { place, r#for: TimeSpan::from_secs(1).into() });
        let faults = vec![Fault { share: Varying::Fixed(Ratio::new(0.5)), kind: stall }];
        let route = RouteBehaviour { capacity, faults, ..route() };
        let odds = answered(&route, 100.0, 4.0);
        assert!(close(odds.failed(), 0.75) && close(odds.hinted, 0.75) && close(odds.succeeded(), 0.25));
        assert!(close(odds.faults[0], 0.125));
        assert!(close(answered(&route, 100.0, 0.9).succeeded(), 1.0));
    }

    #[test]
    fn a_ramp_counts_by_its_mean() {
        let from_to = |from, to| upstorm_model::Ramp {
            from: Ratio::new(from),
            to: Ratio::new(to),
            shape: Shape::Linear,
        };
        let faults = vec![Fault { share: Varying::Ramp(from_to(0.0, 0.5)), kind: FaultKind::Hang {} }];
        assert!(close(answered(&RouteBehaviour { faults, ..route() }, 1.0, 0.0).silence, 0.25));
    }
}
