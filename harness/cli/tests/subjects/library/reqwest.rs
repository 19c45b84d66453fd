//! `reqwest`: the client whole, with its own connections and its retries with a budget.
//!
//! It opens its connections itself, and a connector laid over them still gets one of its own to begin with: real sockets
//! only. It is told to send from the address of the host in whose place it stands.

use std::sync::Arc;

use ::reqwest::{Client, StatusCode, Url, retry};
use http::Request;
use hyper::body::Bytes;
use upstorm_model::policy::BudgetKind;
use upstorm_model::recording::Outcome;

use crate::ground::{Ground, Subject};
use crate::wire::{Ended, Ending, Reply};

/// A client that may try answers of 5xx again.
pub(crate) fn client(ground: &Ground) -> Arc<dyn Subject> {
    let settings = &ground.settings.retry;
    let address = ground.env.net.address_of(ground.to).expect("the upstream listens");
    let again = retry::for_host(address.ip().to_string())
        .max_retries_per_request(settings.max_attempts - 1)
        .classify_fn(|seen| {
            if seen.status().is_some_and(|status| status < StatusCode::INTERNAL_SERVER_ERROR) {
                seen.success()
            } else {
                seen.retryable()
            }
        });
    let again = match settings.budget.kind {
        BudgetKind::None => again.no_budget(),
        _ => again.max_extra_load(settings.budget.ratio.get() as f32),
    };
    let client = Client::builder().no_proxy().local_address(ground.env.net.source()).retry(again).build();
    let client = client.expect("a client needs nothing of the machine");
    let at = Url::parse(&format!("http://{address}")).expect("an address makes a URL");
    Arc::new(Reqwest { client, at })
}

struct Reqwest {
    client: Client,
    at: Url,
}

async fn answered(sending: impl Future<Output = ::reqwest::Result<::reqwest::Response>>) -> Ended {
    let failed = |error: ::reqwest::Error| match error {
        error if error.is_connect() => Outcome::ConnectFailed,
        _ => Outcome::Reset,
    };
    let response = sending.await.map_err(failed)?;
    let status = response.status().as_u16();
    let body = response.bytes().await.map_err(|_| Outcome::Closed)?;
    Ok(Reply { status, bytes: body.len() as u64 })
}

impl Subject for Reqwest {
    fn call(&self, request: Request<Bytes>) -> Ending {
        let (parts, _none) = request.into_parts();
        let url = self.at.join(parts.uri.path()).expect("a path joins a URL");
        let sending = self.client.request(parts.method, url).headers(parts.headers).send();
        Box::pin(answered(sending))
    }
}
