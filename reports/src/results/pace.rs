//! Pace: how much virtual time a performance got through in how much time at the wall.
//!
//! The one figure of a document that is no function of plan and recording: it tells what the simulated world is worth,
//! and differs from run to run. So it takes no part when two documents are compared, and a document that is rendered or
//! judged again has none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How fast a simulated world was performed. It differs each time: leave it out when documents are compared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pace {
    /// Seconds of virtual time; of several seeds, all of them together.
    pub virtual_seconds: f64,
    /// Seconds that it took at the wall.
    pub wall_seconds: f64,
}

impl Pace {
    /// Virtual seconds a second at the wall; none where no time was measured.
    #[must_use]
    pub fn speed(&self) -> Option<f64> {
        let speed = self.virtual_seconds / self.wall_seconds;
        (self.wall_seconds > 0.0 && speed.is_finite() && speed > 0.0).then_some(speed)
    }

    /// JSON has no infinity: a pace that is no number is left out.
    pub(crate) fn finite(self) -> Option<Self> {
        (self.virtual_seconds.is_finite() && self.wall_seconds.is_finite()).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_needs_time_at_the_wall() {
        let pace = |virtual_seconds, wall_seconds| Pace { virtual_seconds, wall_seconds };
        assert_eq!(pace(26.0, 0.4).speed(), Some(65.0));
        assert_eq!(pace(26.0, 0.0).speed(), None);
        assert_eq!(pace(0.0, 1.0).speed(), None);
        assert_eq!(pace(f64::NAN, 1.0).finite(), None);
        assert!(pace(26.0, 0.0).finite().is_some());
    }
}
