//! What comes back: attempts that were made because an earlier one failed, or was held up.
//!
//! A retry shows as a later attempt of its call. One whose first attempt never arrived (nobody listened, packets were
//! lost) shows as a first attempt that comes long after its call was sent. What a partition held back until its caller
//! was gone was decided long before it arrived, and is no coming back.

use std::time::Duration;

use upstorm_model::HostId;
use upstorm_model::recording::{Attempt, Call};

use super::{Edge, Evidence, overtaken};

/// A first attempt that arrives so much later than the way takes was held up.
const HELD_UP: Duration = Duration::from_millis(20);

/// The attempts that came back to an edge, by arrival.
#[must_use]
pub fn returning<'a>(evidence: &Evidence<'a>, edge: &Edge<'a>) -> Vec<&'a Attempt> {
    let sent = edge.sent();
    let ways = evidence.plan.clients.iter().map(|client| (client.host, evidence.way(client.host)));
    let ways: Vec<(HostId, Duration)> = ways.collect();
    let late = |a: &Attempt| {
        let call = a.keys.call.and_then(|id| sent.call(id));
        let way =
            |call: &Call| ways.iter().find(|way| way.0 == call.id.client()).map_or(Duration::ZERO, |w| w.1);
        call.is_some_and(|call| a.head.since(call.sent) > HELD_UP + way(call) * 4)
    };
    let again = edge.calls().flat_map(|call| {
        let first = Some(call.first()).filter(|a| late(a));
        first.into_iter().chain(call.pairs().map(|(_, next)| next))
    });
    let mut arrivals: Vec<&Attempt> = again.filter(|a| !overtaken(a)).collect();
    arrivals.sort_by_key(|a| a.head);
    arrivals
}
