//! `recloser`: its circuit breaker for futures, over rings of results. It asks the machine's clock.

use std::sync::Arc;

use ::recloser::{AsyncRecloser, Error, Recloser};
use http::Request;
use hyper::body::Bytes;
use upstorm_model::policy::Window;
use upstorm_model::recording::Outcome;

use crate::ground::{Ground, Subject};
use crate::wire::{Ended, Ending, Wire};

/// A ring for the closed state as long as the window, and one for the half-open state as long as there are permits.
pub(crate) fn ring(ground: &Ground) -> Arc<dyn Subject> {
    let breaker = &ground.settings.breaker;
    let Window::Calls(calls) = breaker.window else { panic!("the scenarios have windows of calls") };
    let recloser = Recloser::custom()
        .error_rate(breaker.failure_rate.get() as f32)
        .closed_len(calls as usize)
        .half_open_len(breaker.half_open_permits as usize)
        .open_wait(breaker.open_for.get())
        .build();
    Arc::new(Reclosed { wire: ground.wire(), breaker: AsyncRecloser::from(recloser) })
}

struct Reclosed {
    wire: Wire,
    breaker: AsyncRecloser,
}

impl Subject for Reclosed {
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
