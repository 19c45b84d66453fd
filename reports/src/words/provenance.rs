//! Where a recording comes from, in words: its digest, and how fast it was made.

use upstorm_model::scenario::WorldKind;

use crate::figures::{count, duration, number};
use crate::results::{Pace, RecordingDigest, Results};

/// How fast a simulated world was performed; nothing of the real one, which takes the time it takes.
#[must_use]
pub fn pace(world: WorldKind, pace: Option<Pace>) -> Option<String> {
    let pace = pace.filter(|_| world == WorldKind::Sim)?;
    let took = format!("simulated: {} in {}", duration(pace.virtual_seconds), duration(pace.wall_seconds));
    let speed = pace.speed().map(|speed| format!(", {} virtual seconds a second", number(speed)));
    Some(took + &speed.unwrap_or_default())
}

/// The digest of a recording, with its size.
#[must_use]
pub fn digest(recording: &RecordingDigest) -> String {
    format!("sha256 {} ({} bytes)", recording.sha256, count(recording.bytes))
}

/// A line for each of the two that is known.
#[must_use]
pub fn provenance(results: &Results) -> Vec<String> {
    let digest = results.recording.as_ref().map(|r| format!("recording: {}", digest(r)));
    pace(results.world, results.pace).into_iter().chain(digest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_simulated_world_has_a_pace() {
        let measured = |wall_seconds| Some(Pace { virtual_seconds: 26.0, wall_seconds });
        let said = pace(WorldKind::Sim, measured(0.4));
        assert_eq!(said.as_deref(), Some("simulated: 26 s in 400 ms, 65 virtual seconds a second"));
        assert_eq!(pace(WorldKind::Sim, measured(0.0)).as_deref(), Some("simulated: 26 s in 0 ms"));
        assert_eq!(pace(WorldKind::Real, measured(26.0)), None);
        assert_eq!(pace(WorldKind::Sim, None), None);
    }
}
