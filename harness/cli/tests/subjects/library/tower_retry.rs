//! `tower::retry`: its budget and its exponential backoff, in a policy as its own documentation shows one.
//!
//! `Retry` clones its policy for each call, and with it the backoff: that is how the crate is meant to be used. What the
//! budget is paid for is left to the user; here every call pays once, as in Finagle, from which it was taken. The crate
//! takes any generator; one that is keyed by the seed stands in the place of its `HasherRng`, which is cloned just so, for
//! the same run to give the same figures.

use std::sync::Arc;

use http::Request;
use hyper::body::Bytes;
use tower::ServiceExt;
use tower::retry::backoff::{Backoff, ExponentialBackoff, ExponentialBackoffMaker, MakeBackoff};
use tower::retry::budget::{Budget, TpsBudget};
use tower::retry::{Policy, Retry};
use tower::util::rng::Rng;
use upstorm_model::policy::{self, BudgetKind};
use upstorm_model::recording::Outcome;
use upstorm_model::{Dice, Seed, Stream};

use crate::ground::{Ground, Subject, id_of};
use crate::wire::{Ended, Ending, Reply, Wire};

/// One backoff for all calls, as `Retry` clones it.
pub(crate) fn cloned(ground: &Ground) -> Arc<dyn Subject> {
    let backoff = made(&ground.settings.retry.backoff, Drawn::of(ground.env.seed, 0));
    Arc::new(Cloned(Tried::new(ground, backoff)))
}

/// A backoff for each call, with numbers of its own.
pub(crate) fn separate(ground: &Ground) -> Arc<dyn Subject> {
    let retry = &ground.settings.retry;
    let own = retry.backoff.clone();
    Arc::new(Separate { seed: ground.env.seed, backoff: own, tried: Tried::new(ground, ()) })
}

fn made<R: Rng + Clone>(backoff: &policy::Backoff, rng: R) -> ExponentialBackoff<R> {
    let (base, max) = (backoff.base.get(), backoff.max.get());
    let maker = ExponentialBackoffMaker::new(base, max, backoff.jitter_factor, rng);
    maker.expect("the scenario's backoff is one of tower's").make_backoff()
}

/// What is the same for all calls.
struct Tried<B> {
    wire: Wire,
    budget: Option<Arc<TpsBudget>>,
    retries: u32,
    backoff: B,
}

impl<B> Tried<B> {
    fn new(ground: &Ground, backoff: B) -> Self {
        let retry = &ground.settings.retry;
        let budget = (retry.budget.kind != BudgetKind::None).then(|| {
            let (ttl, ratio) = (retry.budget.ttl.get(), retry.budget.ratio.get() as f32);
            Arc::new(TpsBudget::new(ttl, retry.budget.min_per_sec as u32, ratio))
        });
        Self { wire: ground.wire(), budget, retries: retry.max_attempts - 1, backoff }
    }

    fn call<C: Backoff<Future: Send> + Clone + Send + 'static>(
        &self,
        request: Request<Bytes>,
        backoff: C,
    ) -> Ending {
        if let Some(budget) = &self.budget {
            budget.deposit();
        }
        let policy = Again { budget: self.budget.clone(), left: self.retries, backoff };
        Box::pin(Retry::new(policy, self.wire.clone()).oneshot(request))
    }
}

/// The policy: as in the documentation of `tower::retry::budget`, with a backoff.
#[derive(Clone)]
struct Again<B> {
    budget: Option<Arc<TpsBudget>>,
    left: u32,
    backoff: B,
}

impl<B: Backoff> Policy<Request<Bytes>, Reply, Outcome> for Again<B> {
    type Future = B::Future;

    fn retry(&mut self, _request: &mut Request<Bytes>, result: &mut Ended) -> Option<B::Future> {
        let bad = !result.is_ok_and(|reply| reply.is_good());
        if !bad || self.left == 0 || self.budget.as_ref().is_some_and(|budget| !budget.withdraw()) {
            return None;
        }
        self.left -= 1;
        Some(self.backoff.next_backoff())
    }

    fn clone_request(&mut self, request: &Request<Bytes>) -> Option<Request<Bytes>> {
        Some(request.clone())
    }
}

struct Cloned(Tried<ExponentialBackoff<Drawn>>);

impl Subject for Cloned {
    fn call(&self, request: Request<Bytes>) -> Ending {
        self.0.call(request, self.0.backoff.clone())
    }
}

struct Separate {
    seed: Seed,
    backoff: policy::Backoff,
    tried: Tried<()>,
}

impl Subject for Separate {
    fn call(&self, request: Request<Bytes>) -> Ending {
        let call = id_of(&request).0;
        self.tried.call(request, made(&self.backoff, Drawn::of(self.seed, call)))
    }
}

/// Numbers keyed by the seed and a call.
#[derive(Clone)]
struct Drawn(Dice);

impl Drawn {
    fn of(seed: Seed, call: u64) -> Self {
        Self(seed.dice(Stream::named(&["tower", "backoff"]), call, 0))
    }
}

impl Rng for Drawn {
    fn next_u64(&mut self) -> u64 {
        self.0.bits()
    }
}
