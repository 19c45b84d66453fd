//! The door: listens, refuses or swallows connects, as each segment of the plan wants it.
//!
//! No privilege is needed: where nobody listens the kernel refuses by itself, and the world holds an address silent.
//! When refusing begins, open connections are reset, as when the process has died; when it ends, the same address is
//! listened on again. When swallowing begins, open connections go on.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use upstorm_model::Offset;
use upstorm_model::plan::UpstreamPlan;
use upstorm_model::scenario::Connect;
use upstorm_world::{BindError, Blackhole, Listener};

use crate::connection::admit;
use crate::fault::Farewell;
use crate::site::{Presence, Site};

/// How long to wait before an accept or a bind that failed is tried again.
const PATIENCE: Duration = Duration::from_millis(5);

/// What the door does to connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Posture {
    /// Accepts them.
    Listening,
    /// Nobody listens.
    Refusing,
    /// They are never answered.
    Swallowing,
}

/// The postures of a run: when each begins. Never empty; no two in a row are the same.
#[derive(Debug)]
pub(crate) struct Postures(Vec<(Offset, Posture)>);

/// The door of an upstream.
#[derive(Debug)]
pub(crate) struct Door {
    site: Arc<Site>,
    presence: Presence,
    address: SocketAddr,
    leaf: Leaf,
}

/// What stands in the door.
#[derive(Debug)]
enum Leaf {
    Open(Listener),
    Gone,
    Silent { _held: Blackhole },
}

impl Posture {
    fn of(connect: &Connect) -> Self {
        if connect.refuses() {
            Self::Refusing
        } else if connect.swallows() {
            Self::Swallowing
        } else {
            Self::Listening
        }
    }
}

impl Postures {
    /// Of an upstream, by the plan's segments.
    pub(crate) fn of(site: &Site, upstream: &UpstreamPlan) -> Self {
        let segments = site.plan.segments.iter().zip(&upstream.timeline);
        let mut all: Vec<_> = segments.map(|(s, u)| (s.start, Posture::of(&u.connect))).collect();
        all.dedup_by_key(|(_, posture)| *posture);
        Self(all)
    }

    /// The posture at a time, and when the next one begins.
    pub(crate) fn at(&self, now: Offset) -> (Posture, Option<Offset>) {
        let next = self.0.partition_point(|(start, _)| *start <= now);
        let current = self.0.get(next.saturating_sub(1)).map_or(Posture::Listening, |(_, posture)| *posture);
        // Before the first, the first.
        (current, self.0.get(next.max(1)).map(|(start, _)| *start))
    }
}

impl Door {
    /// A door where this listener stands.
    pub(crate) fn new(site: Arc<Site>, presence: Presence, listener: Listener) -> Self {
        Self { site, presence, address: listener.local_addr(), leaf: Leaf::Open(listener) }
    }

    /// Takes a posture; does nothing where it has it.
    ///
    /// # Errors
    /// When somebody else has the address now.
    pub(crate) async fn turn(&mut self, posture: Posture) -> Result<(), BindError> {
        let net = &self.site.env.net;
        match (posture, &self.leaf) {
            (Posture::Listening, Leaf::Open(_))
            | (Posture::Refusing, Leaf::Gone)
            | (Posture::Swallowing, Leaf::Silent { .. }) => {}
            (Posture::Refusing, _) => {
                self.leaf = Leaf::Gone;
                self.site.end_all(Farewell::Reset);
            }
            (Posture::Listening, _) => {
                self.leaf = Leaf::Gone;
                self.leaf = Leaf::Open(net.bind(Some(self.address)).await?);
            }
            (Posture::Swallowing, _) => {
                self.leaf = Leaf::Gone;
                self.leaf = Leaf::Silent { _held: net.blackhole(self.address).await? };
            }
        }
        Ok(())
    }

    /// Follows the postures until told to stop; then ends all connections.
    pub(crate) async fn follow(mut self, postures: Postures, mut stop: oneshot::Receiver<()>) {
        let site = Arc::clone(&self.site);
        let clock = Arc::clone(&site.env.clock);
        loop {
            let turned = site.helm.turned();
            let (now, plan_clock) = (clock.now(), site.helm.clock());
            let (posture, next) = postures.at(plan_clock.plan_at(now));
            let next = next.and_then(|next| plan_clock.run_at(next));
            // An address that somebody took meanwhile may be given back: try again soon.
            let retry = self.turn(posture).await.is_err().then(|| now + PATIENCE);
            let until = retry.or(next).unwrap_or(Offset::MAX);
            tokio::select! {
                biased;
                _ = &mut stop => break,
                () = turned => {}
                () = clock.sleep_until(until) => {}
                () = self.accept_all() => {}
            }
        }
        self.leaf = Leaf::Gone;
        self.site.end_all(Farewell::Close);
    }

    /// Takes in connections for ever, where the door is open.
    async fn accept_all(&self) {
        let Leaf::Open(listener) = &self.leaf else { return std::future::pending().await };
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => admit(&self.site, &self.presence, stream, peer),
                // Out of file descriptors, or a caller that was gone again: the next may be fine.
                Err(_) => self.site.env.clock.sleep(PATIENCE).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Offset {
        Offset::from_millis(secs * 1000)
    }

    #[test]
    fn a_posture_lasts_until_the_next_and_the_last_for_ever() {
        let postures = Postures(vec![
            (at(0), Posture::Listening),
            (at(5), Posture::Refusing),
            (at(8), Posture::Listening),
        ]);
        assert_eq!(postures.at(at(0)), (Posture::Listening, Some(at(5))));
        assert_eq!(postures.at(at(5)), (Posture::Refusing, Some(at(8))));
        assert_eq!(postures.at(at(900)), (Posture::Listening, None));
    }
}
