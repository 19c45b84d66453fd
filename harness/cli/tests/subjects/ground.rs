//! The ground a crate is tried on: a scenario, its plan, and the crate in the place of its client.
//!
//! What a crate is configured to do stands once, in the client's settings in the scenario: the wrappers read it from
//! there, and the checks hold it against the same numbers or against those that they state.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::{Method, Request, Uri};
use hyper::body::Bytes;
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::{LoadOptions, load};
use upstorm_model::policy::PolicySettings;
use upstorm_model::recording::{CallId, Outcome};
use upstorm_model::{HostId, Plan, Seed};
use upstorm_runner::{CallResult, Caller, Cast, OutgoingCall};
use upstorm_world::Env;

use crate::wire::{Ending, Wire};

/// The client whose place is taken.
const CLIENT: &str = "shoppers";

/// What a crate is built from.
pub(crate) struct Ground {
    /// What its host is handed.
    pub(crate) env: Env,
    /// Whom it calls.
    pub(crate) to: HostId,
    /// What it is to do.
    pub(crate) settings: PolicySettings,
}

impl Ground {
    /// The way to whom it calls.
    pub(crate) fn wire(&self) -> Wire {
        Wire::new(self.env.clone(), self.to)
    }
}

/// A crate's policy around an exchange.
pub(crate) trait Subject: Send + Sync {
    /// Makes a call, with as many exchanges as the crate likes.
    fn call(&self, request: Request<Bytes>) -> Ending;
}

/// Puts a crate around an exchange.
pub(crate) type Build = fn(&Ground) -> Arc<dyn Subject>;

/// The plan of a scenario beside this file, with settings laid over it as after `--set`.
pub(crate) fn planned(scenario: &str, sets: &[&str], seed: u64) -> Arc<Plan> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/subjects").join(scenario);
    let text = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let nothing = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let options = LoadOptions { sets: &sets, env: &|_| None, read: &nothing };
    let loaded = load(scenario, None, &text, &options).unwrap_or_else(|e| panic!("{scenario}:\n{e}"));
    let mut plan = plan(&loaded, &PlanOptions::default()).unwrap_or_else(|e| panic!("{scenario}:\n{e}"));
    plan.seed = Seed(seed);
    Arc::new(plan)
}

/// The plan with the crate in the place of its client.
pub(crate) fn cast(plan: &Arc<Plan>, build: Build) -> Cast {
    let make = move |env: Env, plan: &Arc<Plan>, index: usize| -> Arc<dyn Caller> {
        let client = &plan.clients[index];
        let to = client.target.everybody().next().expect("the client calls somebody");
        let ground = Ground { env, to, settings: client.policy.clone() };
        Arc::new(Stand { plan: Arc::clone(plan), index, subject: build(&ground) })
    };
    Cast::reference(Arc::clone(plan)).with_client(CLIENT, make).unwrap_or_else(|e| panic!("{e}"))
}

/// The call that a request belongs to.
pub(crate) fn id_of(request: &Request<Bytes>) -> CallId {
    let id = request.headers()[CallId::HEADER].to_str().ok();
    CallId(id.and_then(|id| u64::from_str_radix(id, 16).ok()).expect("each request has its call's id"))
}

/// A subject in the place of the plan's client of this index.
struct Stand {
    plan: Arc<Plan>,
    index: usize,
    subject: Arc<dyn Subject>,
}

impl Stand {
    /// The request of a call, with its id: each attempt is a copy of it, so attempts are told apart exactly.
    fn request(&self, call: OutgoingCall) -> Request<Bytes> {
        let asked = &self.plan.clients[self.index].requests[usize::from(call.request)];
        let path = asked.path.replace("{seq}", &call.id.sequence().to_string());
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = asked.method.parse::<Method>().expect("the scenario's method is one");
        *request.uri_mut() = path.parse::<Uri>().expect("the scenario's path is one");
        let id = format!("{:016x}", call.id.0);
        request.headers_mut().insert(CallId::HEADER, id.parse().expect("digits are a header's value"));
        request
    }
}

impl Caller for Stand {
    fn call(&self, call: OutgoingCall) -> Pin<Box<dyn Future<Output = CallResult> + Send>> {
        let ending = self.subject.call(self.request(call));
        Box::pin(async move {
            match ending.await {
                Ok(reply) => {
                    CallResult { outcome: Outcome::Answered(reply.status), bytes: reply.bytes, made: None }
                }
                Err(outcome) => CallResult { outcome, bytes: 0, made: None },
            }
        })
    }
}
