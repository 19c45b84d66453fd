//! The fixture of all renderers: a retry storm of 32 seconds, drawn by the model's dice, with findings of every kind.
//!
//! 200 calls/s go through `edge` to `payments`, which fails for ten seconds; `edge` retries three times without a
//! budget until its breaker opens much too late. Numbers only: no world is raised, so it is the same everywhere.
#![allow(dead_code, reason = "each test file uses its own part of the fixture")]

mod findings;
pub(crate) mod page;
mod plan;

pub(crate) use findings::findings;
pub(crate) use plan::plan;

use std::time::Duration;

use upstorm_model::recording::{
    Admission, Annotation, Attempt, Call, CallId, End, Fate, Header, Keys, Mark, MarkKind, Outcome, Record,
    Recording,
};
use upstorm_model::{Dice, HostId, Offset, Plan, RouteId, Seed, Stream, TimeSpan};
use upstorm_reports::{Pace, RecordingDigest, Results, ResultsInput};

/// When the breaker of `edge` lets nothing through, in seconds.
const OPEN: [(f64, f64); 2] = [(17.4, 20.4), (20.6, 23.6)];

/// The document of the fixture.
pub(crate) fn results() -> Results {
    let plan = plan();
    built(&plan, &recording(&plan))
}

/// A document of this plan and recording with the fixture's findings.
pub(crate) fn built(plan: &Plan, recording: &Recording) -> Results {
    Results::build(&ResultsInput {
        plan,
        recording,
        findings: &findings(),
        tool_version: "0.1.0",
        command: "upstorm run retry-storm.toml --seed 42 --set gateway.edge.preset=naive",
        variant: "naive",
        exit_code: 10,
        interrupted: false,
        scenario_file: Some("scenarios/retry-storm.toml"),
        pace: Some(Pace { virtual_seconds: 34.0, wall_seconds: 0.52 }),
        recording_digest: Some(RecordingDigest {
            bytes: 1_482_771,
            sha256: "7c211433f02071597741e6ff5a8ea34789abbf43e8f1a0a4bd2bbf4f2e4bd3c8".into(),
        }),
    })
}

/// What the performance of the fixture's plan left.
pub(crate) fn recording(plan: &Plan) -> Recording {
    let mut storm = Storm { plan, records: Vec::new(), seed: plan.seed };
    let mut at = 0.0;
    for sequence in 0.. {
        let mut dice = storm.seed.dice(Stream::named(&["arrivals"]), sequence, 0);
        at += -(1.0 - dice.unit()).ln() / 200.0;
        if at >= plan.end.as_secs_f64() {
            break;
        }
        storm.call(sequence, Offset::from_secs_f64(at), &mut dice);
    }
    storm.marks();
    let header = Header { version: 1, tool: "0.1.0".into(), scenario: plan.scenario.clone(), seed: 42 };
    Recording::from_records(header, storm.records)
}

struct Storm<'a> {
    plan: &'a Plan,
    records: Vec<Record>,
    seed: Seed,
}

fn is_open(at: Offset) -> bool {
    OPEN.iter().any(|(from, to)| (*from..*to).contains(&at.as_secs_f64()))
}

impl Storm<'_> {
    fn call(&mut self, sequence: u64, planned: Offset, dice: &mut Dice) {
        let id = CallId::new(HostId(0), sequence);
        let sent = planned + Duration::from_micros((dice.unit() * 300.0) as u64);
        let (mut now, mut outcome) = (sent, Outcome::Answered(503));
        for ordinal in 1..=4 {
            if is_open(now) {
                now += Duration::from_micros(400);
                break;
            }
            let (end, status) = self.attempt((id, ordinal), now);
            now = end + Duration::from_micros(150);
            outcome = status.map_or(Outcome::Answered(502), Outcome::Answered);
            if outcome.is_success() {
                break;
            }
            now += Duration::from_secs_f64(dice.between(0.05, 0.25) * f64::from(ordinal));
        }
        if now.since(sent) > Duration::from_secs(2) {
            (now, outcome) = (sent + Duration::from_secs(2), Outcome::TimedOut);
        }
        let call = Call { id, request: 0, planned, sent, done: now, outcome, bytes: 512, made: None };
        self.records.push(Record::Call(call));
    }

    /// One attempt; gives its end and its status, none where it was reset.
    fn attempt(&mut self, (id, ordinal): (CallId, u32), from: Offset) -> (Offset, Option<u16>) {
        let mut dice = self.seed.dice(Stream::named(&["fate"]), id.0, u64::from(ordinal));
        let head = from + Duration::from_micros(120);
        let segment = self.plan.segment_at(head);
        let behaviour = &self.plan.upstreams[0].timeline[segment].routes[0];
        let progress = self.plan.progress(segment, head);
        let status = behaviour.status.pick(progress, dice.unit());
        let fault = behaviour.faults.first().filter(|f| dice.chance(f.share.at(progress).get())).map(|_| 0);
        let delay = behaviour.latency.sample(progress, &mut dice);
        let kept = delay + Duration::from_micros((dice.unit() * 180.0) as u64);
        let (end, ended) = match fault {
            Some(_) => (head + Duration::from_micros(80), End::Reset),
            None => (head + kept, End::Completed),
        };
        let sent = fault.is_none().then_some(status);
        self.records.push(Record::Attempt(Attempt {
            upstream: HostId(2),
            route: RouteId(0),
            segment: segment as u16,
            peer: Some(HostId(1)),
            keys: Keys { call: Some(id), ..Keys::default() },
            ordinal,
            connection: (id.0 % 40) as u32,
            request: 0,
            accepted: Offset::ZERO,
            head,
            first_byte: sent.map(|_| end),
            end,
            fate: Fate {
                admission: Admission::Admitted,
                status,
                delay: TimeSpan::from(delay),
                fault,
                ..Fate::default()
            },
            delay: sent.map(|_| TimeSpan::from(kept)),
            status: sent,
            hint: None,
            ended,
            held: None,
            effect: false,
        }));
        (end, sent)
    }

    fn marks(&mut self) {
        let edge = HostId(1);
        let mut say = |at: f64, said| {
            let mark = Mark { at: Offset::from_secs_f64(at), kind: MarkKind::Says(edge, said) };
            self.records.push(Record::Mark(mark));
        };
        say(17.4, Annotation::BreakerOpened);
        say(20.4, Annotation::BreakerHalfOpened);
        say(20.6, Annotation::BreakerOpened);
        say(23.6, Annotation::BreakerHalfOpened);
        say(23.9, Annotation::BreakerClosed);
        say(13.2, Annotation::BulkheadFull);
        say(14.1, Annotation::BulkheadFull);
        for second in 0..32 {
            let mut dice = self.seed.dice(Stream::named(&["noise"]), second, 0);
            let kind = MarkKind::HostNoise((dice.unit() * 240_000.0) as u64);
            self.records.push(Record::Mark(Mark { at: Offset::from_millis(second * 1000), kind }));
        }
        self.records.push(Record::Mark(Mark { at: Offset::from_millis(34_000), kind: MarkKind::End }));
    }
}
