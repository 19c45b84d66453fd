//! Bulkhead: at most so many calls at once, and a bounded queue before it.
//!
//! Without one, a slow upstream fills the caller with waiting calls until it fails too; with an unbounded queue it
//! only fails later, having done work for callers long gone. First come, first in.
//!
//! | event | condition | effect |
//! |---|---|---|
//! | arrive | fewer than `max_requests` inside | inside |
//! | arrive | fewer than `max_pending` waiting | waits, last in the queue |
//! | arrive | otherwise | full: rejected |
//! | leave | inside, somebody waits | the first in the queue is inside |
//! | leave | inside, nobody waits | one place is free |
//! | leave | waiting | out of the queue |

use std::collections::BTreeSet;

use upstorm_model::policy::Limits;

/// A bulkhead.
#[derive(Debug, Clone)]
pub struct Bulkhead {
    places: u32,
    queue: u32,
    inside: u32,
    /// Tickets are numbered as they come, so the smallest is the first in the queue.
    waiting: BTreeSet<u64>,
    next: u64,
}

/// A number that tells a call in or before the bulkhead from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// What an arriving call is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is inside.
    Inside(Ticket),
    /// It must wait until a leaving call hands its place over.
    Waiting(Ticket),
    /// There is no place, not even to wait.
    Full,
}

impl Bulkhead {
    /// An empty bulkhead with these settings; without `max_requests` it is never full.
    #[must_use]
    pub fn new(settings: &Limits) -> Self {
        Self {
            places: settings.max_requests.unwrap_or(u32::MAX),
            queue: settings.max_pending.unwrap_or(0),
            inside: 0,
            waiting: BTreeSet::new(),
            next: 0,
        }
    }

    /// A call arrives.
    pub fn arrive(&mut self) -> Place {
        let ticket = Ticket(self.next);
        let place = if self.inside < self.places {
            self.inside += 1;
            Place::Inside(ticket)
        } else if (self.waiting.len() as u64) < u64::from(self.queue) {
            self.waiting.insert(ticket.0);
            Place::Waiting(ticket)
        } else {
            return Place::Full;
        };
        self.next += 1;
        place
    }

    /// A call leaves, from inside or from the queue. Says who is inside in its stead.
    pub fn leave(&mut self, ticket: Ticket) -> Option<Ticket> {
        if self.waiting.remove(&ticket.0) {
            return None;
        }
        let heir = self.waiting.pop_first().map(Ticket);
        if heir.is_none() {
            self.inside = self.inside.saturating_sub(1);
        }
        heir
    }

    /// Calls inside.
    #[must_use]
    pub const fn inside(&self) -> u32 {
        self.inside
    }

    /// Calls waiting.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The model: one list of everybody in order of arrival; the first `max_requests` of it are inside.
        #[test]
        fn agrees_with_one_list_in_order_of_arrival(
            places in 0u32..4,
            queue in prop::option::of(0u32..4),
            steps in prop::collection::vec(prop::option::of(any::<prop::sample::Index>()), 1..200),
        ) {
            let settings = Limits { max_requests: Some(places), max_pending: queue, ..Limits::default() };
            let mut bulkhead = Bulkhead::new(&settings);
            let mut list: Vec<Ticket> = Vec::new();
            let (places, room) = (places as usize, (places + queue.unwrap_or(0)) as usize);
            for step in steps {
                match step {
                    Some(index) if !list.is_empty() => {
                        let i = index.index(list.len());
                        let left = list.remove(i);
                        let heir = list.get(places.wrapping_sub(1)).copied().filter(|_| i < places);
                        prop_assert_eq!(bulkhead.leave(left), heir);
                    }
                    _ => match bulkhead.arrive() {
                        Place::Inside(t) => { prop_assert!(list.len() < places); list.push(t); }
                        Place::Waiting(t) => {
                            prop_assert!((places..room).contains(&list.len()));
                            list.push(t);
                        }
                        Place::Full => prop_assert!(list.len() >= room),
                    },
                }
                prop_assert_eq!(bulkhead.inside() as usize, list.len().min(places));
                prop_assert_eq!(bulkhead.waiting(), list.len().saturating_sub(places));
            }
        }
    }
}
