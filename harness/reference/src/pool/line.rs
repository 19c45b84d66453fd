//! A line: one HTTP/1.1 connection, and the task that drives it.
//!
//! HTTP/1.1 cannot call a request back, so leaving an answer unread means closing its connection (RFC 9112 section
//! 9.5); the upstream then sees FIN or RST and can stop working. The place in the pool is given free only after the
//! connection is closed, so that the upstream never sees more connections than the limit.

use http::HeaderValue;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use upstorm_model::{HostId, Offset};
use upstorm_policy::Failure;
use upstorm_world::{Env, Stream, hyper_io};

use super::failure;
use crate::body::OutBody;
use crate::closing::Door;

/// A connection. Dropping it closes it.
pub(super) struct Line {
    /// Where requests go in.
    pub(super) sender: SendRequest<OutBody>,
    /// The `Host` that is asked for: the address it was connected to.
    pub(super) host: HeaderValue,
    /// When it was last given back.
    pub(super) since: Offset,
    cut: oneshot::Sender<OwnedSemaphorePermit>,
}

impl Line {
    /// Connects. The connection is closed with the door at the latest.
    ///
    /// # Errors
    /// `ConnectFailed` when the network says no.
    pub(super) async fn connect(env: &Env, to: HostId, door: &Door) -> Result<Self, Failure> {
        let stream = env.net.connect(to).await.map_err(|_| Failure::ConnectFailed)?;
        let handshake = Builder::new().handshake(hyper_io(stream)).await;
        let (sender, connection) = handshake.map_err(|error| failure::of_hyper(&error))?;
        let (cut, when_cut) = oneshot::channel();
        let door = door.clone();
        env.spawn.spawn(async move {
            let place = drive(connection, when_cut, door).await;
            drop(place);
        });
        let host = env.net.address_of(to).map(|address| address.to_string());
        let host = host.and_then(|text| HeaderValue::try_from(text).ok());
        let host = host.unwrap_or_else(|| HeaderValue::from_static("localhost"));
        Ok(Self { sender, host, since: env.clock.now(), cut })
    }

    /// Closes it at once, and gives its place in the pool free when that is done.
    pub(super) fn cut(self, place: Option<OwnedSemaphorePermit>) {
        if let Some(place) = place {
            // A connection that is closed already gives the place back at once.
            drop(self.cut.send(place));
        }
    }

    /// True when another request can go out on it now.
    pub(super) fn is_idle(&self) -> bool {
        self.sender.is_ready() && !self.sender.is_closed()
    }
}

/// Drives a connection until it ends or is cut; it is closed when this returns.
async fn drive(
    connection: Connection<TokioIo<Stream>, OutBody>,
    when_cut: oneshot::Receiver<OwnedSemaphorePermit>,
    door: Door,
) -> Option<OwnedSemaphorePermit> {
    tokio::select! {
        biased;
        place = when_cut => place.ok(),
        () = door.closed() => None,
        // How it ended was told to whoever had a request on it; an idle one ends unheard.
        _ended = connection => None,
    }
}
