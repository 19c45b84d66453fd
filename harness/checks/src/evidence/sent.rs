//! The calls that may have gone over an edge, by their id: what their clients know of the attempts seen there.

use std::cell::OnceCell;

use upstorm_model::HostId;
use upstorm_model::recording::{Call, CallId, Outcome};

use super::{ByCall, Evidence};

/// Calls by id.
#[derive(Debug)]
pub struct Sent<'a> {
    calls: &'a [Call],
    /// By id, the index of each; the last of those with the same id counts: a damaged file may have two.
    by_id: ByCall<u32>,
    /// The indices, in the order they were sent; with two of the same id.
    in_order: OnceCell<Vec<u32>>,
    clients: Vec<HostId>,
}

impl<'a> Sent<'a> {
    /// Those of every client whose calls may take the edge; what was shed was never sent.
    pub(super) fn over(evidence: &Evidence<'a>, hop: (HostId, &[HostId])) -> Self {
        let (calls, clients) = (evidence.recording.calls.as_slice(), evidence.clients_over(hop));
        let by_id = ByCall::of(ours(calls, &clients).map(|(index, call)| (call.id, index)).collect());
        Self { calls, by_id, in_order: OnceCell::new(), clients }
    }

    /// The call of this id.
    #[must_use]
    pub fn call(&self, id: CallId) -> Option<&'a Call> {
        self.by_id.get(id).and_then(|index| self.calls.get(index as usize))
    }

    /// All of them, in the order they were sent.
    pub fn in_order(&self) -> impl ExactSizeIterator<Item = &'a Call> {
        let indices = self.in_order.get_or_init(|| {
            let mut indices: Vec<u32> = ours(self.calls, &self.clients).map(|(index, _)| index).collect();
            let place = |index: &u32| (self.calls[*index as usize].sent, self.calls[*index as usize].id);
            indices.sort_by_key(place);
            indices
        });
        indices.iter().map(|index| &self.calls[*index as usize])
    }
}

fn ours<'a>(calls: &'a [Call], clients: &[HostId]) -> impl Iterator<Item = (u32, &'a Call)> {
    let ours = |call: &Call| clients.contains(&call.id.client()) && call.outcome != Outcome::Shed;
    (0_u32..).zip(calls).filter(move |(_, call)| ours(call))
}
