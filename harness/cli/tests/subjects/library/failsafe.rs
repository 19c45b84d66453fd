//! `failsafe`: its circuit breaker for futures, opening on failures in a row. It asks the machine's clock.

use std::sync::Arc;

use ::failsafe::backoff::{Constant, constant};
use ::failsafe::failure_policy::{ConsecutiveFailures, consecutive_failures};
use ::failsafe::futures::CircuitBreaker;
use ::failsafe::{Config, Error, StateMachine};
use http::Request;
use hyper::body::Bytes;
use upstorm_model::recording::Outcome;

use crate::ground::{Ground, Subject};
use crate::wire::{Ended, Ending, Wire};

/// Opens after as many failures in a row as the settings say, each time for as long.
pub(crate) fn consecutive(ground: &Ground) -> Arc<dyn Subject> {
    let breaker = &ground.settings.breaker;
    let policy = consecutive_failures(breaker.failures, constant(breaker.open_for.get()));
    Arc::new(Failsafe { wire: ground.wire(), breaker: Config::new().failure_policy(policy).build() })
}

struct Failsafe {
    wire: Wire,
    breaker: StateMachine<ConsecutiveFailures<Constant>, ()>,
}

impl Subject for Failsafe {
    fn call(&self, request: Request<Bytes>) -> Ending {
        let (wire, breaker) = (self.wire.clone(), self.breaker.clone());
        Box::pin(async move {
            let exchange = async {
                match wire.exchange(request).await {
                    Ok(reply) if reply.is_good() => Ok(reply),
                    bad => Err(bad),
                }
            };
            match breaker.call(exchange).await {
                Ok(reply) => Ok(reply),
                Err(Error::Inner(bad)) => bad,
                Err(Error::Rejected) => Ended::Err(Outcome::Rejected),
            }
        })
    }
}
