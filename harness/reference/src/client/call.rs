//! One call: through the client's own stack, read to its end, given up at its timeout.

use std::sync::Arc;

use http::HeaderMap;
use http_body_util::BodyExt;
use tower::ServiceExt;
use upstorm_model::plan::{ClientPlan, Target};
use upstorm_model::policy::PolicySettings;
use upstorm_model::recording::{Call, CallId, Outcome};
use upstorm_model::{Offset, Plan};
use upstorm_policy::{Failure, Listener};
use upstorm_world::{Clock, Env};

use super::prepare::Prepared;
use super::update::Updates;
use crate::annotate::Annotator;
use crate::closing::Closer;
use crate::outbound::Outbound;
use crate::pool::PoolSettings;
use crate::targets::Sender;
use crate::wire::Calls;

/// A call to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outgoing {
    /// Its identity.
    pub id: CallId,
    /// Which of the client's kinds of request, by index.
    pub request: u16,
    /// When it is given up.
    pub timeout_at: Offset,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// How it ended: never `Shed` or `Censored`, which only the load can tell.
    pub outcome: Outcome,
    /// Bytes of the response body that arrived.
    pub bytes: u64,
    /// When the upstream made the response, if one arrived that says so; earlier than the call where a cache kept it.
    pub made: Option<Offset>,
}

/// Makes the calls of one population. Dropping it closes its connections.
#[derive(Debug)]
pub struct Client {
    clock: Arc<dyn Clock>,
    calls: Calls,
    prepared: Prepared,
    /// Dropped with the client, which closes its connections.
    _closer: Closer,
}

impl Client {
    /// The `index`-th client of the plan. Connections are made when they are needed. Every call of a client that the
    /// plan does not have is `Rejected`.
    #[must_use]
    pub fn new(env: Env, plan: Arc<Plan>, index: usize) -> Self {
        let own = plan.clients.get(index);
        let name = plan.host_name(own.map_or(env.host, |own| own.host));
        let none = PolicySettings::default();
        let policy = own.map_or(&none, |own| &own.policy);
        let (closer, running) = Closer::new();
        let pool = pool_settings(own, policy);
        let sender = Sender { env: &env, plan: &plan, name, policy, pool, door: &running.door };
        let hears: Arc<dyn Listener> = Arc::new(Annotator::new(&env));
        // A client that the plan does not have calls nobody.
        let nobody = Target::default();
        let target = own.map_or(&nobody, |own| &own.target);
        Self {
            calls: sender.calls(target, Updates, |_| Arc::clone(&hears)),
            prepared: Prepared::of(own, env.seed, name),
            clock: env.clock,
            _closer: closer,
        }
    }

    /// Makes a call. Dropping the future gives the call up, as its timeout does: its connection is closed.
    ///
    /// A kind of request that the plan does not have, or that HTTP does not allow, is `Rejected`.
    pub async fn call(&self, call: Outgoing) -> Answer {
        let mut arrived = Arrived::default();
        let Some(outbound) = self.prepared.outbound(call.id, call.request) else {
            return arrived.ended(Outcome::Rejected);
        };
        let answered = self.clock.timeout_at(call.timeout_at, self.answer(outbound, &mut arrived)).await;
        arrived.ended(match answered {
            Ok(Ok(status)) => Outcome::Answered(status),
            Ok(Err(failure)) => outcome_of(failure),
            Err(_) => Outcome::TimedOut,
        })
    }

    /// The status, once the whole body is there.
    async fn answer(&self, outbound: Outbound, arrived: &mut Arrived) -> Result<u16, Failure> {
        let mut response = self.calls.clone().oneshot(Box::new(outbound)).await?;
        arrived.made = made(response.headers());
        while let Some(frame) = response.body_mut().frame().await {
            arrived.bytes += frame?.data_ref().map_or(0, |data| data.len() as u64);
        }
        Ok(response.status().as_u16())
    }
}

/// What came of a response, also of one that did not come to its end.
#[derive(Debug, Default)]
struct Arrived {
    bytes: u64,
    made: Option<Offset>,
}

impl Arrived {
    const fn ended(self, outcome: Outcome) -> Answer {
        Answer { outcome, bytes: self.bytes, made: self.made }
    }
}

fn made(headers: &HeaderMap) -> Option<Offset> {
    headers.get(Call::MADE)?.to_str().ok()?.parse().ok().map(Offset::from_nanos)
}

fn pool_settings(own: Option<&ClientPlan>, policy: &PolicySettings) -> PoolSettings {
    let most = own.map(|own| own.connections.unwrap_or(own.max_in_flight));
    let settings = PoolSettings::of(policy);
    PoolSettings { max_connections: most.unwrap_or(settings.max_connections), ..settings }
}

const fn outcome_of(failure: Failure) -> Outcome {
    match failure {
        Failure::ConnectFailed => Outcome::ConnectFailed,
        Failure::Reset => Outcome::Reset,
        Failure::Closed => Outcome::Closed,
        Failure::Malformed => Outcome::Malformed,
        Failure::Timeout | Failure::DeadlineExceeded => Outcome::TimedOut,
        Failure::Rejected(_) => Outcome::Rejected,
    }
}
