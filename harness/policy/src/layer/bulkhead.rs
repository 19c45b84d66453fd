//! Bulkhead: holds a place for each call until the last byte of its response.
//!
//! A place that is given back at the head of the response lets any number of slow bodies in. A call that is given up
//! leaves at once, wherever it stands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;
use tower::ServiceExt;
use upstorm_model::policy::Limits;

use super::{Around, Below, Layer, lock};
use crate::{BodyEnd, Bulkhead, Failure, Place, PolicyEvent, Rejection, Replay, Reply, Settle, Ticket, Time};

#[derive(Debug)]
pub(crate) struct BulkheadLayer<S, T> {
    inner: S,
    door: Arc<Mutex<Door>>,
    around: Around<T>,
}

#[derive(Debug)]
struct Door {
    bulkhead: Bulkhead,
    /// How each waiting call is told that it is inside.
    waiting: BTreeMap<Ticket, oneshot::Sender<()>>,
}

/// A call's place, inside or in the queue. Dropping it leaves.
#[derive(Debug)]
struct Seat {
    door: Arc<Mutex<Door>>,
    ticket: Ticket,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut door = lock(&self.door);
        door.waiting.remove(&self.ticket);
        let heir = door.bulkhead.leave(self.ticket);
        if let Some(bell) = heir.and_then(|heir| door.waiting.remove(&heir)) {
            // An heir that was given up just now hands its place on when its own seat is dropped.
            let _ = bell.send(());
        }
    }
}

impl Settle for Seat {
    fn settled(self: Box<Self>, _: BodyEnd) {}
}

impl<S, T: Time> BulkheadLayer<S, T> {
    pub(crate) fn new(settings: &Limits, around: &Around<T>, inner: S) -> Self {
        let door = Door { bulkhead: Bulkhead::new(settings), waiting: BTreeMap::new() };
        Self { inner, door: Arc::new(Mutex::new(door)), around: around.clone() }
    }

    /// A seat, and the bell to wait for if it is in the queue.
    fn arrive(&self) -> Option<(Seat, Option<oneshot::Receiver<()>>)> {
        let mut door = lock(&self.door);
        let seat = |ticket| Seat { door: self.door.clone(), ticket };
        match door.bulkhead.arrive() {
            Place::Inside(ticket) => Some((seat(ticket), None)),
            Place::Waiting(ticket) => {
                let (bell, rung) = oneshot::channel();
                door.waiting.insert(ticket, bell);
                Some((seat(ticket), Some(rung)))
            }
            Place::Full => None,
        }
    }
}

impl<S: Below<Req>, T: Time, Req: Replay> Layer<Req> for BulkheadLayer<S, T> {
    type Reply = S::Response;

    async fn run(self: Arc<Self>, req: Req) -> Result<S::Response, Failure> {
        let Some((seat, rung)) = self.arrive() else {
            self.around.listener.on(self.around.time.now(), PolicyEvent::BulkheadFull);
            return Err(Rejection::BulkheadFull.into());
        };
        if let Some(rung) = rung {
            // The bell is only dropped unrung by this call's own seat, which is here.
            let _ = rung.await;
        }
        let reply = self.inner.clone().oneshot(req).await?;
        Ok(reply.guard(Box::new(seat)))
    }
}
