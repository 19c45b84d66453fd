//! One call: through the client's own stack, read to its end, given up at its timeout.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http_body_util::BodyExt;
use tower::ServiceExt;
use upstorm_model::plan::ClientPlan;
use upstorm_model::policy::PolicySettings;
use upstorm_model::recording::{CallId, Outcome};
use upstorm_model::{HostId, Offset, Plan};
use upstorm_policy::{Failure, stack};
use upstorm_world::{Clock, Env};

use super::prepare::Prepared;
use crate::annotate::Annotator;
use crate::closing::Closer;
use crate::lent::surroundings;
use crate::outbound::Outbound;
use crate::pool::{Pool, PoolSettings};
use crate::wire::{Calls, Wire};

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
        let target = own.map_or(HostId(u16::MAX), |own| own.target);
        let none = PolicySettings::default();
        let policy = own.map_or(&none, |own| &own.policy);
        let (closer, running) = Closer::new();
        let pool = Pool::new(env.clone(), target, pool_settings(own, policy), running.door);
        let around = surroundings(&env, name, Arc::new(Annotator::new(&env)));
        Self {
            calls: stack(policy, &around, Wire::new(pool, env.seed, name)),
            prepared: Prepared::of(own, env.seed, name),
            clock: env.clock,
            _closer: closer,
        }
    }

    /// Makes a call. Dropping the future gives the call up, as its timeout does: its connection is closed.
    ///
    /// A kind of request that the plan does not have, or that HTTP does not allow, is `Rejected`.
    pub async fn call(&self, call: Outgoing) -> Answer {
        let bytes = AtomicU64::new(0);
        let Some(outbound) = self.prepared.outbound(call.id, call.request) else {
            return Answer { outcome: Outcome::Rejected, bytes: 0 };
        };
        let answered = self.clock.timeout_at(call.timeout_at, self.answer(outbound, &bytes)).await;
        let outcome = match answered {
            Ok(Ok(status)) => Outcome::Answered(status),
            Ok(Err(failure)) => outcome_of(failure),
            Err(_) => Outcome::TimedOut,
        };
        Answer { outcome, bytes: bytes.load(Ordering::Relaxed) }
    }

    /// The status, once the whole body is there.
    async fn answer(&self, outbound: Outbound, bytes: &AtomicU64) -> Result<u16, Failure> {
        let mut response = self.calls.clone().oneshot(Box::new(outbound)).await?;
        while let Some(frame) = response.body_mut().frame().await {
            let length = frame?.data_ref().map_or(0, |data| data.len() as u64);
            bytes.fetch_add(length, Ordering::Relaxed);
        }
        Ok(response.status().as_u16())
    }
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
