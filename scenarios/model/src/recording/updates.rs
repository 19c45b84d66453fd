//! Updates: which reads belong to the write after them.
//!
//! An update is made in attempts of two requests each: a read, and a write that brings the version which was read. The
//! recording has both, one by one, as the upstream saw them. Whoever counts attempts, retries or the waits between them
//! must take the two for one, or every update that went well at once would look like one that was tried twice.
//!
//! The read of a write is the last one of its call that was answered 2xx to its end before the write came and belongs to
//! no other write. A read that no write followed (it failed, its caller gave up) is an attempt of its own. Only calls of
//! clients that make updates are looked at, since no others mix the two.

use std::collections::{BTreeMap, BTreeSet};

use super::{Attempt, CallId, End, Method};
use crate::{HostId, Plan};

/// The pairs of reads and writes of a recording's attempts, by their index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Updates {
    read_of: BTreeMap<usize, usize>,
    reads: BTreeSet<usize>,
}

impl Updates {
    /// Those of these attempts, which are in the order of their arrival.
    #[must_use]
    pub fn of(plan: &Plan, attempts: &[Attempt]) -> Self {
        let mut updates = Self::default();
        let updating = plan.clients.iter().filter(|client| client.requests.iter().any(|r| r.update));
        let clients: BTreeSet<HostId> = updating.map(|client| client.host).collect();
        if clients.is_empty() {
            return updates;
        }
        let mut read: BTreeMap<(HostId, CallId), Vec<usize>> = BTreeMap::new();
        for (index, attempt) in attempts.iter().enumerate() {
            let Some(call) = attempt.keys.call.filter(|call| clients.contains(&call.client())) else {
                continue;
            };
            let reads = read.entry((attempt.upstream, call)).or_default();
            if attempt.keys.method == Method::Get {
                reads.extend(may_be_written_from(attempt).then_some(index));
            } else if let Some(at) = reads.iter().rposition(|read| attempts[*read].end <= attempt.head) {
                let read = reads.remove(at);
                updates.read_of.insert(index, read);
                updates.reads.insert(read);
            }
        }
        updates
    }

    /// Whether an attempt is the read of a write that followed it.
    #[must_use]
    pub fn is_read(&self, attempt: usize) -> bool {
        self.reads.contains(&attempt)
    }

    /// The read that a write was made from; the attempt itself where it is none.
    #[must_use]
    pub fn begun_by(&self, attempt: usize) -> usize {
        self.read_of.get(&attempt).copied().unwrap_or(attempt)
    }
}

fn may_be_written_from(read: &Attempt) -> bool {
    read.ended == End::Completed && read.status.is_some_and(|status| (200..300).contains(&status))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{Fate, Keys};
    use crate::{Offset, RouteId};

    fn plan(update: bool) -> Plan {
        let request = format!(r#"{{"method":"PUT","path":"/row","update":{update}}}"#);
        let client = format!(
            r#"{{"host":0,"target":{{"prefix":"","upstream":"table","hosts":[1]}},"requests":[{request}],"timeout":"1s",
                "max_in_flight":9,"connections":null,"preset":"none","policy":{{}},"timeline":[]}}"#
        );
        let whole = format!(
            r#"{{"version":2,"scenario":"","summary":"","seed":1,"world":"sim","warmup_until":0,"end":0,"drain":"0s",
                "hosts":[],"phases":[],"segments":[],"upstreams":[],"gateways":[],"clients":[{client}],"checks":[]}}"#
        );
        serde_json::from_str(&whole).unwrap()
    }

    /// A request of a call that was there and answered at these milliseconds.
    fn attempt(method: Method, call: u64, (head, end): (u64, u64), status: u16) -> Attempt {
        let keys = Keys { call: Some(CallId::new(HostId(0), call)), method, ..Keys::default() };
        Attempt {
            upstream: HostId(1),
            route: RouteId(0),
            segment: 0,
            peer: None,
            keys,
            ordinal: 1,
            connection: 0,
            request: 0,
            accepted: Offset::ZERO,
            head: Offset::from_millis(head),
            first_byte: None,
            end: Offset::from_millis(end),
            fate: Fate::default(),
            delay: None,
            status: Some(status),
            hint: None,
            ended: End::Completed,
            held: None,
            effect: false,
        }
    }

    #[test]
    fn a_write_takes_the_last_good_read_of_its_call_before_it() {
        let (get, put) = (Method::Get, Method::Put);
        let attempts = [
            attempt(get, 1, (0, 1), 200),
            attempt(get, 2, (0, 1), 200),
            attempt(put, 1, (2, 3), 412), // of 0
            attempt(get, 1, (4, 5), 503), // by itself
            attempt(get, 1, (6, 7), 200),
            attempt(put, 1, (8, 9), 200),  // of 4
            attempt(put, 2, (9, 10), 200), // of 1
            attempt(get, 3, (10, 15), 200),
            attempt(put, 3, (12, 13), 200), // came before its read was answered: of nothing
        ];
        let updates = Updates::of(&plan(true), &attempts);
        let reads: Vec<usize> = (0..attempts.len()).filter(|index| updates.is_read(*index)).collect();
        assert_eq!(reads, [0, 1, 4]);
        let begun: Vec<usize> = (0..attempts.len()).map(|index| updates.begun_by(index)).collect();
        assert_eq!(begun, [0, 1, 0, 3, 4, 4, 1, 7, 8]);
        assert_eq!(Updates::of(&plan(false), &attempts), Updates::default());
    }

    #[test]
    fn two_at_once_are_two() {
        let (get, put) = (Method::Get, Method::Put);
        let both = [
            attempt(get, 1, (0, 1), 200),
            attempt(get, 1, (0, 1), 200),
            attempt(put, 1, (2, 3), 200),
            attempt(put, 1, (2, 3), 412),
        ];
        let updates = Updates::of(&plan(true), &both);
        assert!(updates.is_read(0) && updates.is_read(1), "each write has a read of its own");
    }
}
