//! The status stage: which of the mix an attempt is answered with.

use std::sync::Arc;

use upstorm_model::scenario::StatusMix;
use upstorm_model::{Ratio, Stream, Varying};

use super::{BodyStage, Draw, Stage};
use crate::answer::Answer;

/// The mix of one route in one segment.
#[derive(Debug)]
pub(crate) struct StatusStage {
    /// Never empty.
    entries: Vec<(Option<Varying<Ratio>>, Arc<Answer>)>,
    stream: Stream,
}

impl StatusStage {
    /// Of this upstream and route.
    ///
    /// # Errors
    /// When an answer cannot be sent: what was wrong.
    pub(crate) fn compile(path: [&str; 2], mix: &StatusMix, body: &BodyStage) -> Result<Self, String> {
        let mut entries = Vec::with_capacity(mix.0.len());
        for (status, entry) in &mix.0 {
            let table = entry.table();
            let own = table.and_then(|t| t.body.as_ref()).map(BodyStage::compile);
            let answer = Answer::compile(*status, table, own.unwrap_or_else(|| body.clone()))?;
            entries.push((entry.share().copied(), Arc::new(answer)));
        }
        if entries.is_empty() {
            return Err("no status at all".to_owned());
        }
        Ok(Self { entries, stream: Stream::named(&[path[0], path[1], Stage::Status.name()]) })
    }

    /// The answer to an attempt; the same as [`StatusMix::pick`], without its vector.
    pub(crate) fn decide(&self, draw: &Draw) -> Arc<Answer> {
        let last = &self.entries[self.entries.len() - 1].1;
        if self.entries.len() == 1 {
            return Arc::clone(last);
        }
        let written = |share: &Option<Varying<Ratio>>| share.map(|s| s.at(draw.progress).get());
        let given: f64 = self.entries.iter().filter_map(|(share, _)| written(share)).sum();
        let rest = (1.0 - given).max(0.0);
        let mut left = draw.dice(self.stream).unit();
        for (share, answer) in &self.entries {
            let share = written(share).unwrap_or(rest);
            if left < share {
                return Arc::clone(answer);
            }
            left -= share;
        }
        Arc::clone(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use upstorm_model::scenario::{Body, StatusEntry, StatusTable};
    use upstorm_model::{ByteSize, Seed};

    #[test]
    fn picks_what_the_mix_picks() {
        let share = |part| StatusEntry::Share(Varying::from(Ratio::new(part)));
        let rest = StatusEntry::Table(StatusTable::default());
        let mix = StatusMix(BTreeMap::from([(200, rest), (429, share(0.1)), (503, share(0.3))]));
        let body = BodyStage::compile(&Body::of_size(ByteSize::new(1)));
        let stage = StatusStage::compile(["up", "r"], &mix, &body).unwrap();
        let mut seen = BTreeMap::new();
        for call in 0..10_000 {
            let draw = Draw { seed: Seed(3), call, ordinal: 1, progress: 0.5 };
            let status = stage.decide(&draw).status.as_u16();
            assert_eq!(status, mix.pick(0.5, draw.dice(stage.stream).unit()));
            *seen.entry(status).or_insert(0_u32) += 1;
        }
        // Four standard deviations of a binomial with n = 10,000.
        assert!(seen[&429].abs_diff(1000) < 120 && seen[&503].abs_diff(3000) < 184, "{seen:?}");
    }

    #[test]
    fn a_mix_of_nothing_is_refused() {
        let body = BodyStage::compile(&Body::of_size(ByteSize::new(1)));
        assert!(StatusStage::compile(["up", "r"], &StatusMix(BTreeMap::new()), &body).is_err());
    }
}
