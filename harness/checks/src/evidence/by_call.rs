//! Values by the id of their call, looked up a million times in a row.
//!
//! Every check asks for calls by their ids, mostly in the order they were made. A tree takes four times the memory of a
//! sorted row and a walk for each look; and as each client counts its calls from 0, one mostly stands in the row where its
//! id says.

use upstorm_model::HostId;
use upstorm_model::recording::CallId;

/// Values by call id.
#[derive(Debug, Clone)]
pub struct ByCall<T> {
    sorted: Vec<(CallId, T)>,
    /// Where the calls of each client begin.
    starts: Vec<(HostId, usize)>,
}

impl<T: Copy> ByCall<T> {
    /// Of these values; the last counts where several are of one call.
    #[must_use]
    pub fn of(mut sorted: Vec<(CallId, T)>) -> Self {
        sorted.sort_by_key(|value| value.0);
        sorted.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = next.1;
            }
            same
        });
        let mut starts = Vec::new();
        let mut start = 0;
        for calls in sorted.chunk_by(|a, b| a.0.client() == b.0.client()) {
            starts.push((calls[0].0.client(), start));
            start += calls.len();
        }
        Self { sorted, starts }
    }

    /// The value of this call.
    #[must_use]
    pub fn get(&self, id: CallId) -> Option<T> {
        let start = self.starts.iter().find(|(client, _)| *client == id.client())?.1;
        let guess = usize::try_from(id.sequence()).unwrap_or(usize::MAX).saturating_add(start);
        match self.sorted.get(guess) {
            Some((there, value)) if *there == id => Some(*value),
            _ => {
                let at = self.sorted.binary_search_by_key(&id, |value| value.0).ok()?;
                Some(self.sorted[at].1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_found_wherever_it_stands_and_its_last_value_counts() {
        let id = |client, sequence| CallId::new(HostId(client), sequence);
        let values =
            [(id(2, 0), 1), (id(0, 7), 2), (id(0, 0), 3), (id(2, 1), 4), (id(0, 1), 5), (id(0, 7), 6)];
        let by_call = ByCall::of(values.to_vec());
        let found = [id(0, 0), id(0, 1), id(0, 7), id(2, 0), id(2, 1)].map(|id| by_call.get(id));
        assert_eq!(found, [Some(3), Some(5), Some(6), Some(1), Some(4)]);
        for missing in [id(0, 2), id(0, 8), id(1, 0), id(2, 2), id(9, 0xffff_ffff_ffff)] {
            assert_eq!(by_call.get(missing), None, "{missing}");
        }
        assert_eq!(ByCall::<u32>::of(Vec::new()).get(id(0, 0)), None);
    }
}
