//! Raising a gateway: from its part of the plan to a listening socket, and down again.
//!
//! Everything that can fail does so here, before the run starts: a gateway that is up serves until it is closed.

use std::net::SocketAddr;
use std::sync::Arc;

use upstorm_model::Plan;
use upstorm_model::plan::{GatewayPlan, Target};
use upstorm_policy::Listener;
use upstorm_world::{BindError, Env};

use super::forward::{Before, Forwarder};
use super::hear::GatewayListener;
use super::metrics::{BreakerShown, Metrics};
use super::own::OwnRoutes;
use super::problem::Problems;
use super::serve::{Front, accept_all};
use crate::annotate::Annotator;
use crate::closing::Closer;
use crate::outbound::Outbound;
use crate::pool::PoolSettings;
use crate::targets::{Routed, Sender};
use crate::wire::{Calls, Wire};

/// A gateway that is up. Dropping it closes it without waiting.
#[derive(Debug)]
pub struct Gateway {
    address: SocketAddr,
    closer: Closer,
}

/// Why a gateway could not be raised.
#[derive(Debug, thiserror::Error)]
pub enum RaiseError {
    /// The plan has no such gateway.
    #[error("the plan has no gateway number {0}")]
    NoSuchGateway(usize),
    /// Its address cannot be listened on.
    #[error("gateway `{name}` cannot be raised")]
    Bind {
        /// Its name in the scenario.
        name: String,
        /// Which address, and why not.
        source: BindError,
    },
    /// Its metrics cannot be registered.
    #[error("gateway `{name}` cannot register its metrics")]
    Metrics {
        /// Its name in the scenario.
        name: String,
        /// What prometheus says.
        source: prometheus::Error,
    },
}

impl Gateway {
    /// Raises the `index`-th gateway of the plan.
    ///
    /// # Errors
    /// When the plan has no such gateway, or its address is in use.
    pub async fn raise(env: Env, plan: Arc<Plan>, index: usize) -> Result<Self, RaiseError> {
        let own = plan.gateways.get(index).ok_or(RaiseError::NoSuchGateway(index))?;
        let name = plan.host_name(own.host).to_owned();
        let metrics = Metrics::of(&name)
            .map_err(|source| RaiseError::Metrics { name: name.clone(), source })
            .map(Arc::new)?;
        let listener = env.net.bind(own.listen).await;
        let listener = listener.map_err(|source| RaiseError::Bind { name: name.clone(), source })?;
        let address = listener.local_addr();

        let (closer, running) = Closer::new();
        let pool = PoolSettings::of(&own.policy);
        let (policy, door) = (&own.policy, &running.door);
        let sender = Sender { env: &env, plan: &plan, name: &name, policy, pool, door };
        let annotator = Arc::new(Annotator::new(&env));
        let forwarder = Forwarder {
            targets: Routed::new(&own.targets, |target| Before {
                calls: calls(&sender, target, (&metrics, &annotator)),
                problems: Problems::of(&name, &target.upstream),
            }),
            problems: Problems::of(&name, &names(own)),
            own: OwnRoutes::of(&name, &names(own)),
            metrics,
            ids: super::outgoing::Ids::of(&env, &name),
            clock: Arc::clone(&env.clock),
        };
        let front =
            Front { env: env.clone(), plan: Arc::clone(&plan), forwarder: Arc::new(forwarder), running };
        env.spawn.spawn(accept_all(front, listener));
        Ok(Self { address, closer })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening, closes every connection on both sides, and waits until that is done. Calls still in flight are
    /// cut.
    pub async fn close(self) {
        self.closer.close().await;
    }
}

/// The stack before a target, with each attempt counted.
fn calls(
    sender: &Sender<'_>,
    target: &Target,
    (metrics, annotator): (&Arc<Metrics>, &Arc<Annotator>),
) -> Calls {
    let counted = |wire: Wire| {
        let counts = Arc::clone(metrics);
        tower::util::MapRequest::new(wire, move |outbound: Box<Outbound>| {
            counts.attempt(outbound.scope);
            outbound
        })
    };
    let hears = |target: &str| -> Arc<dyn Listener> {
        metrics.breaker_is(target, BreakerShown::Closed);
        let (annotator, metrics) = (Arc::clone(annotator), Arc::clone(metrics));
        Arc::new(GatewayListener { annotator, metrics, target: target.to_owned() })
    };
    sender.calls(target, counted, hears)
}

/// The names of all that a gateway stands before.
fn names(own: &GatewayPlan) -> String {
    own.targets.iter().map(|target| target.upstream.as_str()).collect::<Vec<_>>().join(", ")
}
