//! One client's load at work: what its loops share, and how a single call is made and recorded.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::{AbortHandle, Abortable};
use upstorm_model::plan::ClientPlan;
use upstorm_model::recording::{Call, CallId, Outcome, Record};
use upstorm_model::{Offset, Plan};
use upstorm_world::Env;

use crate::flights::{Flight, Flights};
use crate::requests::Requests;
use crate::summary::Tally;
use crate::{CallResult, Caller, OutgoingCall, Stop};

/// One client's load.
pub(crate) struct ClientLoad {
    pub(crate) env: Env,
    pub(crate) plan: Arc<Plan>,
    /// The client's index in the plan.
    pub(crate) index: usize,
    pub(crate) client: ClientPlan,
    pub(crate) caller: Arc<dyn Caller>,
    pub(crate) flights: Flights,
    pub(crate) tally: Tally,
    pub(crate) stop: Stop,
    requests: Requests,
    sequence: AtomicU64,
}

impl ClientLoad {
    /// The load of the plan's client of this index; none if there is no such client.
    pub(crate) fn new(env: Env, plan: Arc<Plan>, index: usize, caller: Arc<dyn Caller>) -> Option<Self> {
        let client = plan.clients.get(index)?.clone();
        Some(Self {
            requests: Requests::of(&plan, &client),
            env,
            plan,
            index,
            client,
            caller,
            flights: Flights::default(),
            tally: Tally::new(),
            stop: Stop::new(),
            sequence: AtomicU64::new(0),
        })
    }

    /// The next call, due at this time. Taking one that is then shed keeps the later ones' identities, and so
    /// their fates.
    pub(crate) fn take(&self, planned: Offset) -> OutgoingCall {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
        OutgoingCall {
            id: CallId::new(self.env.host, sequence),
            request: self.requests.kind(sequence),
            planned,
            sent: planned,
            timeout_at: Offset::MAX,
        }
    }

    /// Makes a call and records it; none if it was given up at the end of the run.
    pub(crate) async fn make(&self, mut call: OutgoingCall, abort: Abort) -> Option<CallResult> {
        let clock = &self.env.clock;
        call.sent = clock.now();
        call.timeout_at = call.sent + self.client.timeout.get();
        self.tally.sent(call.sent.since(call.planned));
        let limited = clock.timeout_at(call.timeout_at, self.caller.call(call));
        let ended = Abortable::new(limited, abort.0).await.ok()?;
        let result = ended.unwrap_or(CallResult { outcome: Outcome::TimedOut, bytes: 0, made: None });
        if !self.flights.end(&call) {
            return None;
        }
        self.record(call, result);
        Some(result)
    }

    /// Notes that a call is in flight, from before it is sent: the limit on calls at once counts it from
    /// here.
    pub(crate) fn begin(&self, call: OutgoingCall) -> Abort {
        let (abort, registration) = AbortHandle::new_pair();
        self.flights.begin(Flight { call, abort });
        Abort(registration)
    }

    /// Records a call that was due when too many were in flight.
    pub(crate) fn shed(&self, call: OutgoingCall) {
        self.tally.shed();
        self.record(call, CallResult { outcome: Outcome::Shed, bytes: 0, made: None });
    }

    /// Records what is still in flight as censored, and stops it.
    pub(crate) fn give_up(&self) {
        let mut calls = 0;
        for flight in self.flights.give_up() {
            flight.abort.abort();
            self.record(flight.call, CallResult { outcome: Outcome::Censored, bytes: 0, made: None });
            calls += 1;
        }
        self.tally.censored(calls);
    }

    fn record(&self, call: OutgoingCall, result: CallResult) {
        self.env.recorder.record(Record::Call(Call {
            id: call.id,
            request: call.request,
            planned: call.planned,
            sent: call.sent,
            done: self.env.clock.now(),
            outcome: result.outcome,
            bytes: result.bytes,
            made: result.made,
        }));
    }
}

/// The receiving end of what stops a call.
pub(crate) struct Abort(futures_util::future::AbortRegistration);
