//! Targets: a stack for each, over a pool for each replica, and which of them a request's path leads to.
//!
//! A breaker is about what it stands before. One for several upstreams would close a good one because of a bad one.

use std::sync::Arc;

use tower::Service;
use upstorm_model::plan::{Role, Target};
use upstorm_model::policy::PolicySettings;
use upstorm_model::{HostId, Plan};
use upstorm_policy::{Failure, Listener, Surroundings, Tier, stack_over};
use upstorm_world::Env;

use crate::closing::Door;
use crate::lent::{WorldTime, surroundings};
use crate::outbound::Outbound;
use crate::pool::{Pool, PoolSettings};
use crate::wire::{Answered, Calls, Wire};

/// One host that sends, with what its stacks are built from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub(crate) env: &'a Env,
    pub(crate) plan: &'a Plan,
    /// Its name: its draws are keyed by it.
    pub(crate) name: &'a str,
    pub(crate) policy: &'a PolicySettings,
    pub(crate) pool: PoolSettings,
    pub(crate) door: &'a Door,
}

impl Sender<'_> {
    /// What makes attempts at one host. `key` is what the draws of that are keyed by.
    fn wire(&self, key: &str, to: HostId) -> Wire {
        let pool = Pool::new(self.env.clone(), to, self.pool, self.door.clone());
        let is_gateway =
            self.plan.hosts.get(usize::from(to.0)).is_some_and(|host| host.role == Role::Gateway);
        Wire::new(pool, self.env.seed, key).with_keys(self.policy.retry.key, key).numbered(is_gateway)
    }

    /// The stack before a target. `over` may put something around each wire, and `hears` makes the listener of one tier,
    /// by its name.
    pub(crate) fn calls<S>(
        &self,
        target: &Target,
        over: impl Fn(Wire) -> S,
        hears: impl Fn(&str) -> Arc<dyn Listener>,
    ) -> Calls
    where
        S: Service<Box<Outbound>, Response = Answered, Error = Failure, Future: Send>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        let tier = |(index, hosts): (usize, &[HostId])| {
            let own = if index == 0 { target.upstream.as_str() } else { self.plan.name_of_hosts(hosts) };
            // What stands behind is drawn for apart: a call that goes on repeats no draw, and no span.
            let key = if index == 0 { self.name.to_owned() } else { format!("{} -> {own}", self.name) };
            let around = surroundings(self.env, &key, hears(own));
            Tier { around, replicas: hosts.iter().map(|to| over(self.wire(&key, *to))).collect() }
        };
        let tiers: Vec<Tier<S, WorldTime>> = target.tiers().enumerate().map(tier).collect();
        let around: Surroundings<WorldTime> = surroundings(self.env, self.name, hears(&target.upstream));
        stack_over(self.policy, &around, tiers)
    }
}

/// What stands behind each path prefix.
#[derive(Debug)]
pub(crate) struct Routed<T>(Vec<(Target, T)>);

impl<T> Routed<T> {
    /// In the order of the plan: the longest prefix first.
    pub(crate) fn new(targets: &[Target], make: impl Fn(&Target) -> T) -> Self {
        Self(targets.iter().map(|target| (target.clone(), make(target))).collect())
    }

    /// What this path leads to, if it leads anywhere.
    pub(crate) fn of(&self, path: &str) -> Option<&T> {
        self.0.iter().find(|(target, _)| target.takes(path)).map(|(_, one)| one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_prefix_that_fits_takes_the_path() {
        let target =
            |prefix: &str, name: &str| Target { prefix: prefix.into(), ..Target::one(name, HostId(0)) };
        let names =
            Routed::new(&[target("/v1/admin", "admin"), target("/v1", "payments")], |t| t.upstream.clone());
        assert_eq!(names.of("/v1/admin/users").map(String::as_str), Some("admin"));
        assert_eq!(names.of("/v1/administrator").map(String::as_str), Some("payments"));
        assert_eq!(names.of("/v2"), None);
    }
}
