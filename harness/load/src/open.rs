//! The open loop: one task that releases each call at its planned time, whatever became of the earlier ones.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use crate::Schedule;
use crate::load::ClientLoad;

/// Calls released without a pause when the loop is behind; then the calls themselves get their turn.
const BURST: u32 = 64;

/// Releases the client's whole schedule, or what of it is due before the load is stopped.
pub(crate) async fn run(load: Arc<ClientLoad>) {
    let mut released = 0_u32;
    for planned in Schedule::new(Arc::clone(&load.plan), load.index) {
        if !load.stop.wait_until(&load.env.clock, planned).await {
            return;
        }
        release(&load, planned);
        released = released.wrapping_add(1);
        if released.is_multiple_of(BURST) {
            give_way().await;
        }
    }
}

fn release(load: &Arc<ClientLoad>, planned: upstorm_model::Offset) {
    let call = load.take(planned);
    if load.flights.count() >= load.client.max_in_flight as usize {
        load.shed(call);
        return;
    }
    let abort = load.begin(call);
    let task = Arc::clone(load);
    load.env.spawn.spawn(async move {
        task.make(call, abort).await;
    });
}

/// Lets every other task that is ready run once.
async fn give_way() {
    let mut gone = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut gone, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
