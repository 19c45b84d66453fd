//! Raising a gateway: from its part of the plan to a listening socket, and down again.
//!
//! Everything that can fail does so here, before the run starts: a gateway that is up serves until it is closed.

use std::net::SocketAddr;
use std::sync::Arc;

use upstorm_model::Plan;
use upstorm_policy::stack;
use upstorm_world::{BindError, Env};

use super::forward::Forwarder;
use super::hear::GatewayListener;
use super::metrics::Metrics;
use super::own::OwnRoutes;
use super::problem::Problems;
use super::serve::{Front, accept_all};
use crate::closing::Closer;
use crate::lent::surroundings;
use crate::outbound::Outbound;
use crate::pool::{Pool, PoolSettings};
use crate::wire::Wire;

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
        let settings = PoolSettings::of(&own.policy);
        let pool = Pool::new(env.clone(), own.target, settings, running.door.clone());
        let counted = Arc::clone(&metrics);
        let wire =
            tower::util::MapRequest::new(Wire::new(pool, env.seed, &name), move |outbound: Box<Outbound>| {
                counted.attempt(outbound.scope.ordinal);
                outbound
            });
        let hears = GatewayListener::new(&env, Arc::clone(&metrics));
        let around = surroundings(&env, &name, Arc::new(hears));
        let target = plan.host_name(own.target);
        let forwarder = Forwarder {
            calls: stack(&own.policy, &around, wire),
            problems: Problems::of(&name, target),
            own: OwnRoutes::of(&name, target),
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
