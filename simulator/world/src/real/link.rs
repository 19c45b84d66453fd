//! Links between pairs of hosts, which a partition cuts for a while.
//!
//! Both ends of a connection share one link, so that a partition stops both directions at once: nothing is
//! read or written, nothing is lost, and everything goes on where it stood when the link heals. That is how
//! sockets behave when a cable is pulled: they stay open, and nobody is told.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use upstorm_model::HostId;

/// All links of a world.
#[derive(Debug, Default)]
pub(crate) struct Links(Mutex<BTreeMap<[HostId; 2], Arc<Link>>>);

/// The link between two hosts.
#[derive(Debug, Default)]
pub(crate) struct Link {
    cut: AtomicBool,
    tickets: AtomicU64,
    waiting: Mutex<BTreeMap<u64, Waker>>,
}

/// A place to wait at a link: one reader or one writer.
#[derive(Debug)]
pub(crate) struct Gate {
    link: Arc<Link>,
    ticket: u64,
}

impl Links {
    /// The link between two hosts, in either order.
    pub(crate) fn between(&self, one: HostId, other: HostId) -> Arc<Link> {
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(links.entry(HostId::pair(one, other)).or_default())
    }

    /// Cuts exactly these links, and heals all others.
    pub(crate) fn cut_exactly(&self, pairs: &[[HostId; 2]]) {
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for pair in pairs {
            links.entry(HostId::pair(pair[0], pair[1])).or_default().cut();
        }
        let healed: Vec<Arc<Link>> = links
            .iter()
            .filter(|(ends, _)| !pairs.iter().any(|pair| HostId::pair(pair[0], pair[1]) == **ends))
            .map(|(_, link)| Arc::clone(link))
            .collect();
        drop(links);
        healed.iter().for_each(|link| link.heal());
    }
}

impl Link {
    fn waiting(&self) -> MutexGuard<'_, BTreeMap<u64, Waker>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cut(&self) {
        let _waiting = self.waiting();
        self.cut.store(true, Ordering::Release);
    }

    fn heal(&self) {
        let woken = {
            let mut waiting = self.waiting();
            self.cut.store(false, Ordering::Release);
            std::mem::take(&mut *waiting)
        };
        woken.into_values().for_each(Waker::wake);
    }

    /// A place to wait at this link.
    pub(crate) fn gate(self: &Arc<Self>) -> Gate {
        Gate { link: Arc::clone(self), ticket: self.tickets.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Gate {
    /// Ready while the link is whole; otherwise woken when it heals.
    pub(crate) fn poll_whole(&self, cx: &Context<'_>) -> Poll<()> {
        if !self.link.cut.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        let mut waiting = self.link.waiting();
        // The link may have healed before the lock was taken; nobody would wake us then.
        if !self.link.cut.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        waiting.insert(self.ticket, cx.waker().clone());
        Poll::Pending
    }

    /// Waits until the link is whole.
    pub(crate) async fn whole(&self) {
        poll_fn(|cx| self.poll_whole(cx)).await;
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        if self.link.cut.load(Ordering::Acquire) {
            let _waker = self.link.waiting().remove(&self.ticket);
        }
    }
}
