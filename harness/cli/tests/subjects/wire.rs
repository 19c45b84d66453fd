//! A plain HTTP/1.1 exchange over the world's network, without any policy: what the crates are put around.
//!
//! A connection is kept for the next exchange where it can be. Nothing is tried twice and nothing is waited for beside
//! the answer, so whatever an upstream sees more than once is the crate's doing.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use tower::Service;
use upstorm_model::HostId;
use upstorm_model::recording::Outcome;
use upstorm_world::{Env, hyper_io};

/// An answer that arrived whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) bytes: u64,
}

impl Reply {
    /// Whether the crates are told that it went well.
    pub(crate) const fn is_good(self) -> bool {
        self.status < 500
    }
}

/// How a call or an exchange ended.
pub(crate) type Ended = Result<Reply, Outcome>;

/// What ends so, some time.
pub(crate) type Ending = Pin<Box<dyn Future<Output = Ended> + Send>>;

/// The way to one host.
#[derive(Clone)]
pub(crate) struct Wire {
    env: Env,
    to: HostId,
    idle: Arc<Mutex<Vec<SendRequest<Full<Bytes>>>>>,
}

impl Wire {
    pub(crate) fn new(env: Env, to: HostId) -> Self {
        Self { env, to, idle: Arc::default() }
    }

    /// Sends the request and reads the whole answer.
    pub(crate) async fn exchange(&self, request: Request<Bytes>) -> Ended {
        let mut line = match self.kept() {
            Some(line) => line,
            None => self.connect().await?,
        };
        let mut request = request.map(Full::new);
        if let Some(host) = self.env.net.address_of(self.to) {
            let host = HeaderValue::try_from(host.to_string()).expect("an address is a header's value");
            request.headers_mut().insert(header::HOST, host);
        }
        let response = line.send_request(request).await.map_err(|_| Outcome::Reset)?;
        let reply = read(response).await?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        Ok(reply)
    }

    /// A connection that can be used at once.
    fn kept(&self) -> Option<SendRequest<Full<Bytes>>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|line| !line.is_closed());
        let ready = idle.iter().rposition(SendRequest::is_ready)?;
        Some(idle.remove(ready))
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Outcome> {
        let stream = self.env.net.connect(self.to).await.map_err(|_| Outcome::ConnectFailed)?;
        let handshake = Builder::new().handshake(hyper_io(stream)).await;
        let (line, connection) = handshake.map_err(|_| Outcome::Reset)?;
        self.env.spawn.spawn(async move {
            // Whoever had a request on it was told how it ended.
            let _ended = connection.await;
        });
        Ok(line)
    }
}

async fn read(mut response: Response<Incoming>) -> Ended {
    let status = response.status().as_u16();
    let mut bytes = 0;
    while let Some(frame) = response.body_mut().frame().await {
        let frame = frame.map_err(|_| Outcome::Closed)?;
        bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
    }
    Ok(Reply { status, bytes })
}

impl Service<Request<Bytes>> for Wire {
    type Response = Reply;
    type Error = Outcome;
    type Future = Ending;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Outcome>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Ending {
        let wire = self.clone();
        Box::pin(async move { wire.exchange(request).await })
    }
}
