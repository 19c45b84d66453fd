//! The cast: a plan, and who plays the parts of its clients.
//!
//! The reference client plays every part by itself. Whoever wants another under test (a library's own retries, a client
//! written for one product) casts it for a client of the plan: it stands in that host's place, is handed the same load,
//! clock and network, and is judged by the same checks, which see only calls and attempts. What an own caller must do for
//! that is little: send the call's id in [`CallId::HEADER`](upstorm_model::recording::CallId::HEADER) with each attempt,
//! so that attempts are told apart exactly, and say how the call ended. In the simulated world it must keep to the rules of
//! that world: the clock and the network that it is handed, or tokio's time; nothing that waits in real time.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use upstorm_load::Caller;
use upstorm_model::Plan;
use upstorm_reference::Client;
use upstorm_world::Env;

use crate::caller::ReferenceCaller;

/// Makes the caller of one client: with what its host is handed, the plan, and its index among the plan's clients. Called
/// once a run, within the run's runtime, when all upstreams and gateways are raised.
type MakeCaller = dyn Fn(Env, &Arc<Plan>, usize) -> Arc<dyn Caller> + Send + Sync;

/// A plan, and who plays the parts of its clients.
#[derive(Clone)]
pub struct Cast {
    plan: Arc<Plan>,
    own: BTreeMap<usize, Arc<MakeCaller>>,
}

/// The plan has no client of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no client `{name}` in the plan; it has {}", has.join(", "))]
pub struct NoSuchClient {
    /// The name that was asked for.
    pub name: String,
    /// The clients that there are, in backticks.
    pub has: Vec<String>,
}

impl Cast {
    /// The reference client for every client of the plan.
    #[must_use]
    pub const fn reference(plan: Arc<Plan>) -> Self {
        Self { plan, own: BTreeMap::new() }
    }

    /// Somebody else for one client: `make` gives the caller that makes its calls. Dropping the caller must end what it
    /// still has open.
    ///
    /// # Errors
    /// When the plan has no client of this name.
    pub fn with_client(
        mut self,
        name: &str,
        make: impl Fn(Env, &Arc<Plan>, usize) -> Arc<dyn Caller> + Send + Sync + 'static,
    ) -> Result<Self, NoSuchClient> {
        let names: Vec<&str> = self.plan.clients.iter().map(|c| self.plan.host_name(c.host)).collect();
        let Some(index) = names.iter().position(|client| *client == name) else {
            let has = names.iter().map(|name| format!("`{name}`")).collect();
            return Err(NoSuchClient { name: name.to_owned(), has });
        };
        self.own.insert(index, Arc::new(make));
        Ok(self)
    }

    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Who makes the calls of the plan's client of this index.
    pub(crate) fn caller(&self, env: Env, index: usize) -> Arc<dyn Caller> {
        match self.own.get(&index) {
            Some(make) => make(env, &self.plan, index),
            None => Arc::new(ReferenceCaller(Arc::new(Client::new(env, Arc::clone(&self.plan), index)))),
        }
    }
}

impl From<Arc<Plan>> for Cast {
    fn from(plan: Arc<Plan>) -> Self {
        Self::reference(plan)
    }
}

impl fmt::Debug for Cast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own: Vec<&usize> = self.own.keys().collect();
        f.debug_struct("Cast").field("plan", &self.plan.scenario).field("own", &own).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Stop, perform_cast};
    use std::pin::Pin;
    use upstorm_load::{CallResult, OutgoingCall};
    use upstorm_model::recording::{Outcome, Recording};
    use upstorm_world::Recorder;

    /// Turns every call away.
    struct Closed;

    impl Caller for Closed {
        fn call(&self, _call: OutgoingCall) -> Pin<Box<dyn Future<Output = CallResult> + Send>> {
            Box::pin(async { CallResult { outcome: Outcome::Rejected, bytes: 0, made: None } })
        }
    }

    #[test]
    fn who_is_cast_makes_the_calls_of_that_client() {
        let plan = Arc::new(crate::plans_test::quick());
        let name = plan.host_name(plan.clients[0].host).to_owned();
        let cast = Cast::reference(Arc::clone(&plan)).with_client(&name, |_, _, _| Arc::new(Closed)).unwrap();
        let recorder = Recorder::in_memory();
        perform_cast(&cast, recorder.clone(), &Stop::new()).unwrap();
        let recording = Recording::from_records(crate::header_of(&plan), recorder.take());
        assert!(recording.calls.len() > 50 && recording.attempts.is_empty());
        assert!(recording.calls.iter().all(|call| call.outcome == Outcome::Rejected));
    }

    #[test]
    fn a_part_that_the_plan_does_not_have_is_refused_by_name() {
        let plan = Arc::new(crate::plans_test::quick());
        let wrong = Cast::reference(plan).with_client("nobody", |_, _, _| Arc::new(Closed)).unwrap_err();
        assert!(wrong.to_string().starts_with("no client `nobody` in the plan; it has `"), "{wrong}");
    }
}
