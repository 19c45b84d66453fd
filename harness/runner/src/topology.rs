//! Topology: who takes part, raised in the order in which each needs the next.

use std::fmt;
use std::sync::Arc;

use upstorm_load::Caller;
use upstorm_model::plan::{GatewayPlan, Role};
use upstorm_model::{HostId, Plan};
use upstorm_reference::Gateway;
use upstorm_upstream::{Control, Upstream};
use upstorm_world::World;

use crate::Cast;

/// Why somebody who takes part could not be raised.
#[derive(Debug, thiserror::Error)]
pub enum RaiseError {
    /// An upstream.
    #[error("upstream `{name}` could not start (set by `upstream.{name}.listen`)")]
    Upstream {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: upstorm_upstream::RaiseError,
    },
    /// A gateway.
    #[error("gateway `{name}` could not start (set by `gateway.{name}.listen`)")]
    Gateway {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: upstorm_reference::RaiseError,
    },
}

/// Everybody who takes part, running.
pub struct Topology {
    upstreams: Vec<Upstream>,
    gateways: Vec<Gateway>,
    pub(crate) clients: Vec<Arc<dyn Caller>>,
}

impl fmt::Debug for Topology {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (upstreams, gateways) = (&self.upstreams, &self.gateways);
        let mut shown = f.debug_struct("Topology");
        shown.field("upstreams", upstreams).field("gateways", gateways).field("clients", &self.clients.len());
        shown.finish()
    }
}

impl Topology {
    /// Raises upstreams first, then gateways, those before clients last, then clients: nobody calls whom is not there yet.
    ///
    /// # Errors
    /// When an address cannot be listened on. What was raised before is closed.
    pub async fn raise(cast: &Cast, world: &dyn World) -> Result<Self, RaiseError> {
        let plan = cast.plan();
        let name = |host: HostId| plan.host_name(host).to_owned();
        let mut raised = Self { upstreams: Vec::new(), gateways: Vec::new(), clients: Vec::new() };
        for (index, upstream) in plan.upstreams.iter().enumerate() {
            let env = world.env(upstream.host, Role::Upstream);
            match Upstream::raise(env, Arc::clone(plan), index).await {
                Ok(upstream) => raised.upstreams.push(upstream),
                Err(source) => {
                    raised.close().await;
                    return Err(RaiseError::Upstream { name: name(upstream.host), source });
                }
            }
        }
        for (index, gateway) in inner_first(plan) {
            let env = world.env(gateway.host, Role::Gateway);
            match Gateway::raise(env, Arc::clone(plan), index).await {
                Ok(gateway) => raised.gateways.push(gateway),
                Err(source) => {
                    raised.close().await;
                    return Err(RaiseError::Gateway { name: name(gateway.host), source });
                }
            }
        }
        for (index, client) in plan.clients.iter().enumerate() {
            let env = world.env(client.host, Role::Client);
            raised.clients.push(cast.caller(env, index));
        }
        Ok(raised)
    }

    /// Handles on the upstreams, in the order of the plan.
    #[must_use]
    pub fn controls(&self) -> Vec<Control> {
        self.upstreams.iter().map(Upstream::control).collect()
    }

    /// Ends everybody, callers first, so that what is still open is recorded by whom it was open to.
    pub async fn close(self) {
        drop(self.clients);
        for gateway in self.gateways.into_iter().rev() {
            gateway.close().await;
        }
        for upstream in self.upstreams {
            upstream.close().await;
        }
    }
}

/// The gateways with their indices, each after those that it calls. What is left of a circle, which no plan of the
/// language has, comes in the order of the plan.
fn inner_first(plan: &Plan) -> Vec<(usize, &GatewayPlan)> {
    let mut left: Vec<(usize, &GatewayPlan)> = plan.gateways.iter().enumerate().collect();
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let calls_one_left =
            |gateway: &GatewayPlan| left.iter().any(|(_, other)| plan.sends(gateway.host, other.host));
        let ready = left.iter().position(|(_, gateway)| !calls_one_left(gateway)).unwrap_or(0);
        ordered.push(left.remove(ready));
    }
    ordered
}
