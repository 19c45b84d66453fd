//! Why a run in virtual time was given up, and who waited for what.
//!
//! Over real sockets a hung run is noticed by whoever sits before it. In virtual time it would tick for ever, or spin
//! without any time passing, so the world itself must see that nothing can come of it, and must say enough to
//! find the reason: a deadlock report without names is no report.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use upstorm_model::Offset;

/// Why a simulated run was given up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GivenUp {
    /// Nobody can go on, and no time that may pass changes that.
    #[error("at {} nothing can happen any more: {}", Seconds(*.at), Listed(.waits))]
    Deadlock {
        /// When the last thing happened.
        at: Offset,
        /// Who waits for what; empty when nobody waits for the network.
        waits: Vec<Wait>,
    },
    /// The run took longer than it may.
    #[error("the run is not over after {} of virtual time, the longest it may take", Seconds(*.limit))]
    Limit {
        /// How long it may take.
        limit: Offset,
    },
    /// Tasks are run again and again without any time passing.
    #[error("at {} time stands still: tasks were run {steps} times without waiting for anything", Seconds(*.at))]
    Standstill {
        /// When.
        at: Offset,
        /// How many times tasks were run.
        steps: u64,
    },
}

/// Something that never comes, and who waits for it: for instance "`edge` waits to read from `payments`".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wait {
    /// Who waits, and what for, as a clause.
    pub what: String,
    /// Where a partition keeps it from coming.
    pub cut: bool,
    /// How many times.
    pub times: usize,
}

impl Wait {
    /// Counts equal waits, in the order of their words.
    pub(super) fn counted(waits: impl IntoIterator<Item = (String, bool)>) -> Vec<Self> {
        let mut counts = BTreeMap::new();
        for wait in waits {
            *counts.entry(wait).or_insert(0) += 1;
        }
        counts.into_iter().map(|((what, cut), times)| Self { what, cut, times }).collect()
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match (self.times, self.cut) {
            (0 | 1, false) => Ok(()),
            (0 | 1, true) => f.write_str(" (partitioned)"),
            (times, false) => write!(f, " ({times} connections)"),
            (times, true) => write!(f, " ({times} connections, partitioned)"),
        }
    }
}

/// An offset as people say it: `12.5s`.
struct Seconds(Offset);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Duration writes all digits that there are; what is below a microsecond tells nobody anything.
        write!(f, "{:?}", Duration::from_micros(self.0.as_nanos() / 1_000))
    }
}

/// Waits, one after the other.
struct Listed<'a>(&'a [Wait]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no wake-up is set and nobody waits for the network");
        }
        for (n, wait) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{wait}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadlock_says_when_and_who_waits_for_what() {
        let reads = || ("`edge` waits to read from `payments`".to_owned(), false);
        let accepts = || ("`payments` waits for a connection".to_owned(), false);
        let cut = || ("`app` waits to read from `edge`".to_owned(), true);
        let waits = Wait::counted([accepts(), reads(), cut(), reads(), reads()]);
        let given_up = GivenUp::Deadlock { at: Offset::from_millis(12_500), waits };
        assert_eq!(
            given_up.to_string(),
            "at 12.5s nothing can happen any more: `app` waits to read from `edge` (partitioned), \
             `edge` waits to read from `payments` (3 connections), `payments` waits for a connection"
        );
        let nobody = GivenUp::Deadlock { at: Offset::from_nanos(1_234_567_890), waits: Vec::new() };
        assert_eq!(
            nobody.to_string(),
            "at 1.234567s nothing can happen any more: no wake-up is set and nobody waits for the network"
        );
    }

    #[test]
    fn the_other_reasons_say_when() {
        let limit = GivenUp::Limit { limit: Offset::from_millis(600_000) };
        let expected = "the run is not over after 600s of virtual time, the longest it may take";
        assert_eq!(limit.to_string(), expected);
        let still = GivenUp::Standstill { at: Offset::from_millis(3), steps: 7 };
        let expected = "at 3ms time stands still: tasks were run 7 times without waiting for anything";
        assert_eq!(still.to_string(), expected);
    }
}
