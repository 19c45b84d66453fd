//! A staged performance: calls, a small gateway with known habits and defects, an upstream that follows the plan.
//!
//! Not the reference gateway: checks must judge what they have never met, and a defect here is one line.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use upstorm_model::plan::RouteBehaviour;
use upstorm_model::policy::{BreakerKind, BudgetKind, Jitter};
use upstorm_model::recording::{
    Admission, Attempt, Call, CallId, Connection, ConnectionFate, End, Fate, Header, Hint, Keys, Mark,
    MarkKind, Origin, Outcome, Record, Recording,
};
use upstorm_model::{Dice, HostId, Offset, Plan, RouteId, Stream, TimeSpan};

use crate::defects::Defects;
use crate::own_limits::OwnLimits;
use crate::script::{CLIENT, EDGE, PAYMENTS, Script};
use crate::turns;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Attempt { call: usize, ordinal: u32 },
    Ended { call: usize, ordinal: u32, failure: Option<Failure>, generation: u64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Failure {
    status: u16,
    hint: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: Offset },
    HalfOpen { issued: u32, good: u32 },
}

struct Stage<'a> {
    plan: &'a Plan,
    held_up: bool,
    limits: OwnLimits,
    defects: Defects,
    calls: Vec<Call>,
    events: BinaryHeap<Reverse<(Offset, u64, Event)>>,
    sequence: u64,
    records: Vec<Record>,
    dice: Dice,
    state: State,
    generation: u64,
    deposits: VecDeque<Offset>,
    withdrawals: VecDeque<Offset>,
    /// When the next request would be due at exactly the limit's rate (the generic cell rate algorithm, ITU-T I.371).
    cell_due: Offset,
}

const HOP: Duration = Duration::from_micros(100);

/// Performs a script.
pub(crate) fn perform(script: &Script, plan: &Plan) -> Recording {
    let dice = plan.seed.dice(Stream::named(&["stage"]), 0, 0);
    let mut stage = Stage {
        plan,
        held_up: script.held_up,
        limits: OwnLimits::new(&plan.gateways[0].policy.limits, script.defects),
        defects: script.defects,
        calls: Vec::new(),
        events: BinaryHeap::new(),
        sequence: 0,
        records: Vec::new(),
        dice,
        state: State::Closed { failures: 0 },
        generation: 0,
        deposits: VecDeque::new(),
        withdrawals: VecDeque::new(),
        cell_due: Offset::ZERO,
    };
    stage.arrivals(script.rate);
    stage.run();
    let Stage { calls, mut records, .. } = stage;
    records.extend(calls.into_iter().map(Record::Call));
    records.push(Record::Mark(Mark { at: plan.end, kind: MarkKind::End }));
    Recording::from_records(Header::default(), records)
}

impl Stage<'_> {
    fn arrivals(&mut self, rate: f64) {
        let mut at = 0.0;
        loop {
            at += -(1.0 - self.dice.unit()).ln() / rate;
            let planned = Offset::from_secs_f64(at);
            if planned >= self.plan.end {
                return;
            }
            let n = self.calls.len();
            let lost = self.defects.lost_load && self.dice.chance(0.33);
            let shed = self.defects.shed_load && n.is_multiple_of(3);
            let sent = if shed { planned } else { planned + self.defects.late };
            let outcome = if shed { Outcome::Shed } else { Outcome::Censored };
            let id = CallId::new(CLIENT, n as u64);
            if lost {
                continue;
            }
            self.calls.push(Call {
                id,
                request: 0,
                planned,
                sent,
                done: sent,
                outcome,
                bytes: 0,
                made: None,
            });
            if self.defects.invented_answers && n % 500 == 7 {
                self.finish(n, sent + HOP, 200);
            } else if !shed {
                self.push(sent + HOP, Event::Attempt { call: n, ordinal: 1 });
            }
        }
    }

    fn push(&mut self, at: Offset, event: Event) {
        self.sequence += 1;
        self.events.push(Reverse((at, self.sequence, event)));
    }

    fn finish(&mut self, call: usize, at: Offset, status: u16) {
        (self.calls[call].done, self.calls[call].outcome) = (at + HOP, Outcome::Answered(status));
        self.limits.leaves(call);
    }

    fn run(&mut self) {
        while let Some(Reverse((now, _, event))) = self.events.pop() {
            match event {
                Event::Attempt { call, ordinal } => self.attempt(now, call, ordinal),
                Event::Ended { call, ordinal, failure, generation } => {
                    self.note(now, failure.is_some(), generation);
                    self.ended(now, (call, ordinal), failure);
                }
            }
        }
    }

    fn attempt(&mut self, now: Offset, call: usize, ordinal: u32) {
        if ordinal == 1 {
            if let Some(status) = self.limits.refuses(call, now) {
                return self.finish(call, now, status);
            }
            self.deposits.push_back(now);
        }
        if !self.admits(now) {
            let kept = Duration::from_millis(if self.defects.slow_rejections { 25 } else { 0 });
            return self.finish(call, now + kept, 503);
        }
        let segment = self.plan.segment_at(now + HOP);
        let connect = &self.plan.upstreams[0].timeline[segment].connect;
        let cut_off = !self.plan.segments[segment].partitions.is_empty() || connect.swallows();
        let (end, failure) = if connect.refuses() {
            (now + HOP, Some(Failure { status: 502, hint: None }))
        } else if cut_off {
            (now + Duration::from_secs(1), Some(Failure { status: 504, hint: None }))
        } else {
            self.reach(now + HOP, (call, ordinal), segment)
        };
        let generation = self.generation;
        self.push(end + HOP, Event::Ended { call, ordinal, failure, generation });
    }

    /// The upstream's side of an attempt: when it ended, and how it failed.
    fn reach(
        &mut self,
        head: Offset,
        (call, ordinal): (usize, u32),
        segment: usize,
    ) -> (Offset, Option<Failure>) {
        let plan = self.plan;
        let progress = plan.progress(segment, head);
        let behaviour: &RouteBehaviour = &plan.upstreams[0].timeline[segment].routes[0];
        if let Some(status) = self.limited(behaviour, head) {
            return self.reject(head, (call, ordinal), (segment, status));
        }
        let mut delay = behaviour.latency.sample(progress, &mut self.dice);
        if self.defects.slow_law {
            delay = delay * 3 / 2;
        }
        let drawn = self.dice.unit();
        let status = if self.defects.no_faults { 200 } else { behaviour.status.pick(progress, drawn) };
        let given = turns::given(behaviour, ordinal, head).filter(|_| !self.defects.no_faults);
        let (status, origin) = given.unwrap_or((status, Origin::Drawn));
        let fault = behaviour
            .faults
            .iter()
            .position(|f| self.dice.chance(f.share.at(progress).get()) && !self.defects.no_faults);
        let hint = turns::hint_of(behaviour, status).filter(|_| fault.is_none());
        let stray = self.defects.stray_attempts && self.dice.chance(0.002);
        let id = if stray { CallId::new(CLIENT, 1 << 40) } else { self.calls[call].id };
        let held_up = self.held_up && segment == 2;
        let end = if held_up { plan.segments[segment].end } else { head + delay };
        let status = if held_up { 503 } else { status };
        let keys = Keys { call: (!self.defects.no_keys).then_some(id), ..Keys::default() };
        let drawn = TimeSpan::from(delay);
        let fault = fault.map(|index| u8::try_from(index).unwrap());
        self.records.push(Record::Attempt(Attempt {
            segment: u16::try_from(segment).unwrap(),
            keys,
            ordinal,
            head,
            first_byte: Some(end),
            end,
            fate: Fate { admission: Admission::Admitted, status, delay: drawn, fault, origin },
            delay: Some(drawn),
            status: fault.is_none().then_some(status),
            hint: hint.map(Hint::Seconds),
            ended: if fault.is_some() { End::Reset } else { End::Completed },
            ..blank()
        }));
        let failure = match fault {
            Some(_) => Some(Failure { status: 502, hint: None }),
            None => (status >= 500 || status == 429).then_some(Failure { status, hint }),
        };
        (end, failure)
    }

    /// The status of the rejection, if the upstream's limit rejects what comes now.
    fn limited(&mut self, behaviour: &RouteBehaviour, now: Offset) -> Option<u16> {
        let limit = behaviour.limit.as_ref().filter(|_| !self.defects.no_faults)?;
        let cell = Duration::from_secs_f64(1.0 / limit.rate.at(0.0).get());
        let ahead = cell * (limit.burst.unwrap() - 1);
        if self.cell_due > now + ahead {
            return Some(limit.reject.status);
        }
        self.cell_due = self.cell_due.max(now) + cell;
        None
    }

    fn reject(
        &mut self,
        head: Offset,
        (call, ordinal): (usize, u32),
        (segment, status): (usize, u16),
    ) -> (Offset, Option<Failure>) {
        self.records.push(Record::Attempt(Attempt {
            segment: u16::try_from(segment).unwrap(),
            keys: Keys { call: Some(self.calls[call].id), ..Keys::default() },
            ordinal,
            head,
            first_byte: Some(head),
            end: head,
            fate: Fate { admission: Admission::Limited, status, ..Fate::default() },
            status: Some(status),
            ended: End::Completed,
            ..blank()
        }));
        (head, Some(Failure { status, hint: None }))
    }

    fn ended(&mut self, now: Offset, (call, ordinal): (usize, u32), failure: Option<Failure>) {
        let retry = &self.plan.gateways[0].policy.retry;
        let Some(failure) = failure else { return self.finish(call, now, 200) };
        if ordinal >= retry.max_attempts || !self.affords(now) {
            return self.finish(call, now, failure.status);
        }
        let obeyed = failure.hint.filter(|_| !retry.hint.honor.is_empty());
        let ceiling = retry.backoff.base.as_secs_f64() * f64::from(1 << (ordinal - 1));
        let ceiling = ceiling.min(retry.backoff.max.as_secs_f64());
        let wait = match (obeyed, retry.backoff.jitter) {
            (Some(seconds), _) => f64::from(seconds) * self.dice.between(1.0, 1.5),
            (None, Jitter::None) => ceiling,
            (None, _) if self.defects.shared_jitter => {
                let epoch = now.as_nanos() / 100_000_000;
                let shared = self.plan.seed.dice(Stream::named(&["shared"]), epoch, 0).unit();
                retry.backoff.base.as_secs_f64() * 0.2 * (shared * 5.0).floor()
            }
            (None, _) => self.dice.between(0.0, ceiling),
        };
        let wait = if self.defects.hurried { wait / 3.0 } else { wait };
        let noise = self.dice.between(0.0, 0.0005);
        self.push(now + Duration::from_secs_f64(wait + noise), Event::Attempt { call, ordinal: ordinal + 1 });
    }

    fn affords(&mut self, now: Offset) -> bool {
        let budget = &self.plan.gateways[0].policy.retry.budget;
        if budget.kind == BudgetKind::None {
            return true;
        }
        for queue in [&mut self.deposits, &mut self.withdrawals] {
            while queue.front().is_some_and(|at| *at + budget.ttl.get() <= now) {
                queue.pop_front();
            }
        }
        let always = budget.min_per_sec * budget.ttl.as_secs_f64();
        let allowed =
            (self.withdrawals.len() + 1) as f64 <= budget.ratio.get() * self.deposits.len() as f64 + always;
        if allowed {
            self.withdrawals.push_back(now);
        }
        allowed
    }

    fn admits(&mut self, now: Offset) -> bool {
        let breaker = &self.plan.gateways[0].policy.breaker;
        if let State::Open { until } = self.state
            && now >= until
        {
            self.state = State::HalfOpen { issued: 0, good: 0 };
            self.generation += 1;
        }
        match &mut self.state {
            State::Closed { .. } => true,
            State::Open { .. } => false,
            State::HalfOpen { issued, .. } => {
                *issued += 1;
                self.defects.unlimited_probes || *issued <= breaker.half_open_permits
            }
        }
    }

    /// What the breaker makes of a result. Those of an older state do not count.
    fn note(&mut self, now: Offset, failed: bool, generation: u64) {
        let breaker = &self.plan.gateways[0].policy.breaker;
        let older = generation != self.generation && !self.defects.hears_late;
        if breaker.kind == BreakerKind::Off || older {
            return;
        }
        let open_for = match self.defects {
            Defects { opens_too_short: true, .. } => breaker.open_for.get() / 4,
            Defects { opens_too_long: true, .. } => breaker.open_for.get() * 3,
            _ => breaker.open_for.get(),
        };
        // It counts failures in a row, whatever its kind.
        let in_a_row = breaker.kind == BreakerKind::Consecutive;
        let trips_at = if in_a_row { breaker.failures } else { breaker.min_calls };
        let trips_at = match self.defects {
            Defects { opens_early: true, .. } => 1,
            Defects { opens_late: true, .. } => 3 * trips_at,
            _ => trips_at,
        };
        let next = match self.state {
            State::Closed { failures } if failed && failures + 1 >= trips_at => {
                State::Open { until: now + open_for }
            }
            State::Closed { failures } => State::Closed { failures: if failed { failures + 1 } else { 0 } },
            State::HalfOpen { .. } if self.defects.stuck => self.state,
            State::HalfOpen { .. } if failed => State::Open { until: now + open_for },
            State::HalfOpen { issued, good } if good + 1 < breaker.half_open_permits => {
                State::HalfOpen { issued, good: good + 1 }
            }
            State::HalfOpen { .. } => State::Closed { failures: 0 },
            open @ State::Open { .. } => open,
        };
        if std::mem::discriminant(&next) != std::mem::discriminant(&self.state) {
            self.generation += 1;
        }
        self.state = next;
    }
}

/// An attempt of which only the place is known.
pub(crate) fn blank() -> Attempt {
    Attempt {
        upstream: PAYMENTS,
        route: RouteId(0),
        segment: 0,
        peer: Some(EDGE),
        keys: Keys::default(),
        ordinal: 1,
        connection: 0,
        request: 0,
        accepted: Offset::ZERO,
        head: Offset::ZERO,
        first_byte: None,
        end: Offset::ZERO,
        fate: Fate::default(),
        delay: None,
        status: None,
        hint: None,
        ended: End::Unfinished,
        held: None,
        effect: false,
    }
}

/// A connection, as an upstream would record it.
pub(crate) fn connection(id: u32, at: Offset, fate: ConnectionFate) -> Record {
    let peer: Option<HostId> = Some(EDGE);
    Record::Connection(Connection {
        upstream: PAYMENTS,
        id,
        peer,
        segment: 1,
        accepted: at,
        fate,
        delay: TimeSpan::ZERO,
    })
}
