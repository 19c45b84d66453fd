//! Cache: serves what is kept, keeps what comes, and asks once for what many want.
//!
//! A body is kept as it passes to its caller; it is there for others once its last byte has passed, and only if it was
//! whole. With `coalesce`, requests for the same wait while one of them asks (RFC 9111 section 4 allows it), because
//! when an answer that everybody wants grows old, everybody would ask at once. What the one that asks gets, all get, a
//! failure too: a thousand that try again after it would be the herd that was to be kept away. An answer that may not be
//! shared, or is too large, sends the others on their own; if the one that asks goes away, the next in line asks.
//!
//! Outside the deadline, so that nothing of what is below is spent on an answer that is here: no token, no place.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use http::header::AGE;
use http::{Method, Response};
use tokio::sync::oneshot;
use tower::ServiceExt;
use upstorm_model::policy::{self, CacheKind};

use super::filling::{Filling, Stored};
use super::{Around, Below, Layer, lock};
use crate::{Cache, Demand, Failure, Found, Kept, PolicyEvent, Replay, Reply, Terms, Time};

#[derive(Debug)]
pub(crate) struct CacheLayer<S, T> {
    inner: S,
    is_on: bool,
    coalesce: bool,
    max_body: u64,
    shelf: Shelf,
    around: Around<T>,
}

/// What is kept, and who waits for what. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Shelf(Arc<Mutex<Shelved>>);

#[derive(Debug)]
struct Shelved {
    cache: Cache<Arc<Stored>>,
    /// For each key that one is asking for, those that wait, in order of arrival.
    waiting: BTreeMap<String, VecDeque<oneshot::Sender<Landing>>>,
}

/// What becomes of one that waits.
#[derive(Debug)]
pub(super) enum Landing {
    /// The answer is there.
    Served(Kept<Arc<Stored>>),
    /// Asking failed with this answer.
    Refused(Arc<Stored>),
    /// Asking failed without one.
    Failed(Failure),
    /// The answer is not for others.
    Alone,
    /// It is now the one that asks.
    Asks(Asking),
}

/// The one that asks, for others too. Dropped without a landing, it hands on to the next.
#[derive(Debug)]
pub(super) struct Asking {
    shelf: Shelf,
    key: String,
    landed: bool,
}

impl Asking {
    /// Tells those that wait.
    pub(super) fn land(mut self, landing: impl Fn() -> Landing) {
        self.landed = true;
        let waiting = lock(&self.shelf.0).waiting.remove(&self.key);
        for waits in waiting.into_iter().flatten() {
            // One that went away needs no answer.
            let _gone = waits.send(landing());
        }
    }

    fn next_in_line(&self) -> Option<oneshot::Sender<Landing>> {
        let mut shelved = lock(&self.shelf.0);
        let next = shelved.waiting.get_mut(&self.key).and_then(VecDeque::pop_front);
        if next.is_none() {
            shelved.waiting.remove(&self.key);
        }
        next
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if self.landed {
            return;
        }
        while let Some(next) = self.next_in_line() {
            let heir = Self { shelf: self.shelf.clone(), key: self.key.clone(), landed: false };
            match next.send(Landing::Asks(heir)) {
                Err(Landing::Asks(mut unheard)) => unheard.landed = true,
                _ => return,
            }
        }
    }
}

impl Shelf {
    /// Keeps an answer; gives it back as it is kept.
    pub(super) fn keep(&self, key: &str, kept: Kept<Arc<Stored>>) {
        lock(&self.0).cache.keep(key, kept);
    }

    /// How an answer is kept.
    pub(super) fn dated(
        &self,
        asked: upstorm_model::Offset,
        terms: &Terms,
        stored: Arc<Stored>,
    ) -> Option<Kept<Arc<Stored>>> {
        lock(&self.0).cache.dated(asked, terms, stored)
    }
}

/// A request that an answer may be kept for.
struct Question {
    key: String,
    demand: Demand,
}

fn key(method: &Method, target: &str) -> String {
    format!("{method} {target}")
}

impl<S, T: Time> CacheLayer<S, T> {
    pub(crate) fn new(settings: &policy::Cache, around: &Around<T>, inner: S) -> Self {
        let shelved = Shelved { cache: Cache::new(settings), waiting: BTreeMap::new() };
        Self {
            inner,
            is_on: settings.kind == CacheKind::Memory,
            coalesce: settings.coalesce,
            max_body: settings.max_body.get(),
            shelf: Shelf(Arc::new(Mutex::new(shelved))),
            around: around.clone(),
        }
    }

    /// What may be served without asking, or only where that failed.
    fn found(&self, question: &Question, failed: bool) -> Option<Kept<Arc<Stored>>> {
        let now = self.around.time.now();
        let found = lock(&self.shelf.0).cache.look(&question.key, now);
        let kept = match found {
            Found::Fresh(kept) => kept,
            Found::Stale(kept) if failed => kept,
            Found::Stale(_) | Found::Nothing => return None,
        };
        (kept.age(now) < question.demand.max_age).then_some(kept)
    }

    fn serve<Rep: Reply>(&self, kept: &Kept<Arc<Stored>>) -> Rep {
        let now = self.around.time.now();
        let event = if kept.is_fresh(now) { PolicyEvent::ServedFresh } else { PolicyEvent::ServedStale };
        self.around.listener.on(now, event);
        let mut response: Response<_> = kept.value.response();
        response.headers_mut().insert(AGE, kept.age(now).as_secs().into());
        Rep::whole(response)
    }

    /// Waits for the one that asks for the same; or asks, perhaps for others.
    async fn wait_or_ask(&self, question: &Question) -> Landing {
        if !self.coalesce || question.demand != Demand::ANY {
            return Landing::Alone;
        }
        let waits = {
            let mut shelved = lock(&self.shelf.0);
            match shelved.waiting.get_mut(&question.key) {
                None => {
                    shelved.waiting.insert(question.key.clone(), VecDeque::new());
                    None
                }
                Some(line) => {
                    let (tell, told) = oneshot::channel();
                    line.push_back(tell);
                    Some(told)
                }
            }
        };
        match waits {
            None => {
                let (shelf, key) = (self.shelf.clone(), question.key.clone());
                Landing::Asks(Asking { shelf, key, landed: false })
            }
            Some(told) => told.await.unwrap_or(Landing::Alone),
        }
    }

    /// Keeps the answer, if it may be kept, as it passes.
    fn keep<Rep: Reply>(&self, asked: Asked, reply: Rep) -> Rep {
        let terms = Terms::of(reply.status(), reply.headers());
        let failed = reply.status() >= 500 || reply.status() == 429;
        if terms.is_none() && !(failed && asked.for_others.is_some()) {
            asked.tell(|| Landing::Alone);
            return reply;
        }
        let stored = Stored::head(reply.status(), reply.headers());
        let filling = Filling::new(asked, terms, stored, self.max_body);
        reply.tap(Box::new(filling))
    }

    /// A request that no answer is kept for. One that has an effect makes what is kept untrue (RFC 9111 section 4.4).
    async fn pass<Req: Replay>(&self, req: Req) -> Result<S::Response, Failure>
    where
        S: Below<Req>,
    {
        let keys =
            (!req.method().is_safe()).then(|| [Method::GET, Method::HEAD].map(|m| key(&m, req.target())));
        let outcome = self.inner.clone().oneshot(req).await;
        let done = outcome.as_ref().is_ok_and(|reply| (200..400).contains(&reply.status()));
        for key in keys.into_iter().flatten().filter(|_| done) {
            lock(&self.shelf.0).cache.forget(&key);
        }
        outcome
    }
}

/// A request that was sent, whose answer may be kept.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) shelf: Shelf,
    pub(super) key: String,
    pub(super) at: upstorm_model::Offset,
    /// Those that wait for it, if any may.
    pub(super) for_others: Option<Asking>,
}

impl Asked {
    /// Tells those that wait.
    pub(super) fn tell(self, landing: impl Fn() -> Landing) {
        if let Some(asking) = self.for_others {
            asking.land(landing);
        }
    }
}

impl<S: Below<Req>, T: Time, Req: Replay> Layer<Req> for CacheLayer<S, T> {
    type Reply = S::Response;

    async fn run(self: Arc<Self>, req: Req) -> Result<S::Response, Failure> {
        if !self.is_on {
            return self.inner.clone().oneshot(req).await;
        }
        let Some(demand) = Demand::of(req.method(), req.headers()) else { return self.pass(req).await };
        let question = Question { key: key(req.method(), req.target()), demand };
        if let Some(kept) = self.found(&question, false) {
            return Ok(self.serve(&kept));
        }
        let for_others = match self.wait_or_ask(&question).await {
            Landing::Served(kept) => return Ok(self.serve(&kept)),
            Landing::Refused(stored) => return Ok(S::Response::whole(stored.response())),
            Landing::Failed(failure) => {
                return self.found(&question, true).map(|kept| self.serve(&kept)).ok_or(failure);
            }
            Landing::Alone => None,
            Landing::Asks(asking) => Some(asking),
        };
        let (shelf, key) = (self.shelf.clone(), question.key.clone());
        let asked = Asked { shelf, key, at: self.around.time.now(), for_others };
        let outcome = self.inner.clone().oneshot(req).await;
        let failed = outcome.as_ref().map_or(true, |reply| reply.status() >= 500);
        if failed && let Some(kept) = self.found(&question, true) {
            asked.tell(|| Landing::Served(kept.clone()));
            return Ok(self.serve(&kept));
        }
        match outcome {
            Ok(reply) => Ok(self.keep(asked, reply)),
            Err(failure) => {
                asked.tell(|| Landing::Failed(failure));
                Err(failure)
            }
        }
    }
}
