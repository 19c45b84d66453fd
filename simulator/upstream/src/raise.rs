//! Raising an upstream, and taking it down again.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use upstorm_model::plan::Plan;
use upstorm_world::{BindError, Env};

use crate::control::Control;
use crate::door::{Door, Postures};
use crate::site::Site;

/// A fake upstream that listens. Dropping it stops it without waiting; [`Upstream::close`] waits.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    site: Arc<Site>,
    stop: oneshot::Sender<()>,
    absence: mpsc::Receiver<()>,
}

/// Why an upstream could not be raised.
#[derive(Debug, thiserror::Error)]
pub enum RaiseError {
    /// The plan has no upstream of this index.
    #[error("no upstream {index} in the plan, which has {upstreams}")]
    NoSuchUpstream {
        /// The index.
        index: usize,
        /// How many the plan has.
        upstreams: usize,
    },
    /// The timeline does not fit the plan's segments, or a segment's behaviours do not fit the routes.
    #[error("the plan of upstream {upstream} does not have one behaviour for each segment and route")]
    Uneven {
        /// The upstream.
        upstream: String,
    },
    /// A route's match holds what is no method or header.
    #[error("route {route} matches by `{value}`, which is no method or header")]
    Match {
        /// The route.
        route: String,
        /// What was wrong.
        value: String,
    },
    /// A route's behaviour asks for what HTTP cannot send.
    #[error("route {route} cannot send `{value}`")]
    Behaviour {
        /// The route.
        route: String,
        /// What was wrong.
        value: String,
    },
    /// The address cannot be listened on.
    #[error(transparent)]
    Bind(#[from] BindError),
}

impl Upstream {
    /// Raises the upstream of this index in the plan: when this returns, it listens, or refuses or swallows connects
    /// if that is how the plan begins. It follows the plan's segments from then on; the last goes on for ever.
    ///
    /// # Errors
    /// When the plan does not hold together, asks for what cannot be sent, or the address is taken.
    pub async fn raise(env: Env, plan: Arc<Plan>, index: usize) -> Result<Self, RaiseError> {
        let upstream = plan
            .upstreams
            .get(index)
            .ok_or(RaiseError::NoSuchUpstream { index, upstreams: plan.upstreams.len() })?
            .clone();
        let site = Arc::new(Site::compile(env, plan, &upstream)?);
        let listener = site.env.net.bind(upstream.listen).await?;
        let address = listener.local_addr();
        let (presence, absence) = mpsc::channel(1);
        let (stop, stopped) = oneshot::channel();
        let postures = Postures::of(&site, &upstream);
        let mut door = Door::new(Arc::clone(&site), presence, listener);
        door.turn(postures.at(site.env.clock.now()).0).await?;
        let (work, kept) = (Arc::clone(&site), Arc::clone(&site));
        site.env.spawn.spawn(async move {
            tokio::select! {
                biased;
                () = door.follow(postures, stopped) => {}
                () = work.keep_shifts() => {}
            }
        });
        Ok(Self { address, site: kept, stop, absence })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// A handle by which what it does can be looked at and changed while it goes on.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::of(Arc::clone(&self.site), self.address)
    }

    /// Stops listening and ends all connections. When this returns, every attempt is recorded; those that were still
    /// open as unfinished.
    pub async fn close(mut self) {
        // A door that is gone already has stopped.
        let _ = self.stop.send(());
        // No message is ever sent: this ends when the last connection has.
        while self.absence.recv().await.is_some() {}
    }
}
