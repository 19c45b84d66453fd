//! Orders: a gateway that gives up attempts and makes them again, before an upstream that remembers what it has done.

use std::collections::BTreeSet;
use std::time::Duration;

use upstorm_model::recording::{
    Admission, Attempt, Call, CallId, End, Fate, Keys, Mark, MarkKind, Method, Outcome, Record, Recording,
    codec,
};
use upstorm_model::{Dice, Offset, Plan, Stream, TimeSpan};

use crate::script::{CLIENT, Script};
use crate::stage::blank;

const HOP: Duration = Duration::from_micros(100);
const PER_TRY: Duration = Duration::from_millis(100);

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    Nothing,
    /// Orders have no key, and are made again all the same.
    Unkeyed,
    /// Each attempt has a new key.
    NewKeys,
    /// Two calls share one.
    SharedKeys,
    /// The upstream takes each order twice, whatever its key.
    NoMemory,
    /// Now and then an order is confirmed and never done.
    Lost,
    /// Nothing ever hangs.
    Calm,
    /// What took too long is left open, and made again.
    Abandons,
    /// It waits twice as long as it should.
    Patient,
    /// It waits half as long as it should.
    Hasty,
    /// The caller leaves, and the attempt goes on until its own time.
    GoesOn,
}

/// Gives the gateway a timeout, and the upstream a ledger.
pub(crate) fn with_orders(plan: &mut Plan) {
    plan.gateways[0].policy.deadline.per_try = Some(TimeSpan::from(PER_TRY));
    plan.gateways[0].policy.deadline.total = None;
    let segments = plan.upstreams[0].timeline.iter_mut();
    segments.flat_map(|segment| &mut segment.routes).for_each(|route| route.ledger = true);
}

/// One call under way.
struct Order<'a> {
    plan: &'a Plan,
    wrong: Wrong,
    n: u64,
    records: &'a mut Vec<Record>,
    known: &'a mut BTreeSet<u64>,
    dice: &'a mut Dice,
}

/// Performs a script of which one fifth of the attempts never gets an answer.
pub(crate) fn perform(script: &Script, plan: &Plan, wrong: Wrong) -> Recording {
    let mut dice = plan.seed.dice(Stream::named(&["orders"]), 0, 0);
    let (mut records, mut known, mut at) = (Vec::new(), BTreeSet::new(), 0.0);
    for n in 0.. {
        at += -(1.0 - dice.unit()).ln() / script.rate;
        let sent = Offset::from_secs_f64(at);
        if sent >= plan.end {
            break;
        }
        let (records, known, dice) = (&mut records, &mut known, &mut dice);
        let call = Order { plan, wrong, n, records, known, dice }.run(sent);
        records.push(Record::Call(call));
    }
    records.push(Record::Mark(Mark { at: plan.end, kind: MarkKind::End }));
    Recording::from_records(codec::Header::default(), records)
}

impl Order<'_> {
    fn run(&mut self, sent: Offset) -> Call {
        let id = CallId::new(CLIENT, self.n);
        let call =
            |done, outcome, made| Call { id, request: 0, planned: sent, sent, done, outcome, bytes: 0, made };
        let waits = match self.wrong {
            Wrong::Patient => PER_TRY * 2,
            Wrong::Hasty => PER_TRY / 2,
            _ => PER_TRY,
        };
        let mut start = sent + HOP;
        for ordinal in 1..=4 {
            let head = start + HOP;
            if self.wrong == Wrong::Calm || !self.dice.chance(0.2) {
                let end = head + Duration::from_secs_f64(self.dice.between(0.002, 0.01));
                self.attempt((head, end), ordinal, End::Completed);
                return call(end + HOP * 2, Outcome::Answered(200), Some(end));
            }
            let gave_up = start + waits;
            let abandoned = self.wrong == Wrong::Abandons;
            let (end, ended) = if abandoned {
                (head + Duration::from_secs(1), End::Completed)
            } else {
                (gave_up + HOP, End::CallerLeft)
            };
            self.attempt((head, end), ordinal, ended);
            if self.wrong == Wrong::GoesOn {
                return call(sent + PER_TRY / 4, Outcome::TimedOut, None);
            }
            start = gave_up + Duration::from_secs_f64(self.dice.between(0.001, 0.01));
        }
        call(start, Outcome::Answered(504), None)
    }

    fn key(&self, ordinal: u32) -> Option<u64> {
        match self.wrong {
            Wrong::Unkeyed => None,
            Wrong::NewKeys => Some(self.n * 10 + u64::from(ordinal)),
            Wrong::SharedKeys => Some(self.n / 2 * 10),
            _ => Some(self.n * 10),
        }
    }

    fn attempt(&mut self, (head, end): (Offset, Offset), ordinal: u32, ended: End) {
        let idempotency = self.key(ordinal);
        let fresh = idempotency.is_none_or(|key| self.known.insert(key)) || self.wrong == Wrong::NoMemory;
        let admission = if fresh { Admission::Admitted } else { Admission::Repeated };
        let lost = self.wrong == Wrong::Lost && self.n % 50 == 7;
        let answered = ended == End::Completed;
        let call = Some(CallId::new(CLIENT, self.n));
        self.records.push(Record::Attempt(Attempt {
            segment: u16::try_from(self.plan.segment_at(head)).unwrap(),
            keys: Keys { call, idempotency, method: Method::Post, ..Keys::default() },
            ordinal,
            head,
            first_byte: answered.then_some(end),
            end,
            fate: Fate { admission, status: 200, ..Fate::default() },
            status: answered.then_some(200),
            ended,
            effect: fresh && !lost,
            ..blank()
        }));
    }
}
