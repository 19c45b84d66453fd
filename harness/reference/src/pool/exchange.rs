//! One exchange: a request goes out on a connection of the pool, and the head of its answer comes back.
//!
//! A kept-alive connection may have been closed by the other side while it lay idle. If the request was not yet
//! written, it goes out on a fresh connection instead: nothing was tried, so that is no retry (RFC 9112 section 9.3.1
//! allows no more). Once a byte may have gone out, only the retry policy decides.

use std::sync::Arc;
use std::time::Duration;

use http::header::HOST;
use http::{Request, Response};
use upstorm_model::HostId;
use upstorm_model::policy::PolicySettings;
use upstorm_policy::Failure;
use upstorm_world::Env;

use super::lease::{Lease, Places};
use super::line::Line;
use super::{AnswerBody, failure};
use crate::body::OutBody;
use crate::closing::Door;

/// How a pool behaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PoolSettings {
    /// Connections at once; an exchange beyond waits. Bounds the connects in progress too.
    pub(crate) max_connections: u32,
    /// An unused connection is closed after this.
    pub(crate) idle: Duration,
    /// How long connecting may take; without it, as long as the network tries.
    pub(crate) connect: Option<Duration>,
}

impl PoolSettings {
    /// What the policy settings say.
    pub(crate) fn of(policy: &PolicySettings) -> Self {
        Self {
            max_connections: policy.pool.max_connections,
            idle: policy.pool.idle.get(),
            connect: policy.deadline.connect.map(|span| span.get()),
        }
    }
}

/// Connections to one host.
#[derive(Debug)]
pub(crate) struct Pool {
    env: Env,
    to: HostId,
    connect: Option<Duration>,
    places: Arc<Places>,
    door: Door,
}

impl Pool {
    /// A pool without connections yet. All it will have are closed with the door at the latest.
    pub(crate) fn new(env: Env, to: HostId, settings: PoolSettings, door: Door) -> Self {
        let places = Places::new(env.clone(), settings.max_connections, settings.idle);
        Self { env, to, connect: settings.connect, places, door }
    }

    /// Sends a request and waits for the head of the answer. Dropping the future, or the answer's body before its
    /// end, closes the connection.
    ///
    /// # Errors
    /// What went wrong on the wire.
    pub(crate) async fn exchange(
        &self,
        mut request: Request<OutBody>,
    ) -> Result<Response<AnswerBody>, Failure> {
        let mut lease = self.places.take().await?;
        if let Some(line) = &mut lease.line {
            request.headers_mut().insert(HOST, line.host.clone());
            match line.sender.try_send_request(request).await {
                Ok(response) => return Ok(answered(response, lease)),
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(failure::of_hyper(error.error())),
                },
            }
        }
        let line = lease.line.insert(self.connect().await?);
        request.headers_mut().insert(HOST, line.host.clone());
        match line.sender.try_send_request(request).await {
            Ok(response) => Ok(answered(response, lease)),
            Err(error) => Err(failure::of_hyper(error.error())),
        }
    }

    async fn connect(&self) -> Result<Line, Failure> {
        let connecting = Line::connect(&self.env, self.to, &self.door);
        let Some(longest) = self.connect else { return connecting.await };
        let until = self.env.clock.now() + longest;
        self.env.clock.timeout_at(until, connecting).await.unwrap_or(Err(Failure::ConnectFailed))
    }
}

fn answered(response: Response<hyper::body::Incoming>, lease: Lease) -> Response<AnswerBody> {
    response.map(|incoming| AnswerBody::new(incoming, lease))
}
