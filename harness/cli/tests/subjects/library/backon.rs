//! `backon`: `Retryable` with its exponential backoff, jitter on, waiting by tokio.
//!
//! Without a seed it draws from the machine, for each call anew; with one for each call the same run gives the same figures.

use std::sync::Arc;
use std::time::Duration;

use ::backon::{ExponentialBuilder, Retryable};
use http::Request;
use hyper::body::Bytes;
use upstorm_model::recording::Outcome;
use upstorm_model::{Seed, Stream};

use crate::ground::{Ground, Subject, id_of};
use crate::wire::{Ended, Ending, Reply, Wire};

/// As the settings say: its jitter is always additive, up to the wait itself.
pub(crate) fn exponential(ground: &Ground) -> Arc<dyn Subject> {
    let retry = &ground.settings.retry;
    let max: Duration = retry.backoff.max.get();
    let backoff = ExponentialBuilder::default()
        .with_jitter()
        .with_min_delay(retry.backoff.base.get())
        .with_factor(retry.backoff.multiplier as f32)
        .with_max_delay(max)
        .with_max_times(retry.max_attempts as usize - 1);
    Arc::new(Backon { wire: ground.wire(), seed: ground.env.seed, backoff })
}

struct Backon {
    wire: Wire,
    seed: Seed,
    backoff: ExponentialBuilder,
}

/// A bad answer is an error to it: it tries errors again only.
async fn exchanged(wire: Wire, request: Request<Bytes>) -> Result<Reply, Ended> {
    match wire.exchange(request).await {
        Ok(reply) if reply.is_good() => Ok(reply),
        bad => Err(bad),
    }
}

impl Subject for Backon {
    fn call(&self, request: Request<Bytes>) -> Ending {
        let mut dice = self.seed.dice(Stream::named(&["backon"]), id_of(&request).0, 0);
        let (wire, backoff) = (self.wire.clone(), self.backoff.with_jitter_seed(dice.bits()));
        Box::pin(async move {
            let once = || exchanged(wire.clone(), request.clone());
            let ended: Result<Reply, Result<Reply, Outcome>> = once.retry(backoff).await;
            ended.or_else(|bad| bad)
        })
    }
}
