//! Silences: which requests are the first after one, as a pure machine that is told the time.
//!
//! A breaker that was open has been silent, and the first it then lets through are its probes (Nygard, "Release It!",
//! 2007: half-open). An upstream cannot know who calls or why, and takes them by that alone. The time for which an answer
//! is held is none of a silence: a caller that waits for it has said that it is there.
//!
//! | state | event | next |
//! |---|---|---|
//! | never heard | somebody comes | heard |
//! | heard, or probing | somebody comes when it has been silent for so long | probing: the first of a new silence |
//! | probing | somebody comes, while fewer than so many have and the first is not answered yet | probing: one more |
//! | probing | somebody else comes | heard |

use std::time::Duration;

use upstorm_model::Offset;

/// What is asked of the first after a silence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listening {
    /// How long a silence is.
    pub(crate) after: Duration,
    /// How many are the first.
    pub(crate) first: u32,
    /// How long after it came each of them is answered, where its answer is held.
    pub(crate) late: Option<Duration>,
}

/// What was heard of one caller.
#[derive(Debug, Default)]
pub(crate) struct Silence {
    /// Since when nothing has come and nothing was to be answered; none before the first request.
    quiet_since: Option<Offset>,
    probing: Option<Probing>,
    silences: u32,
}

#[derive(Debug, Clone, Copy)]
struct Probing {
    number: u32,
    taken: u32,
    until: Offset,
}

impl Silence {
    /// Somebody comes, and nobody asks for whether it is the first.
    pub(crate) fn hear(&mut self, head: Offset) {
        self.quiet_since = self.quiet_since.max(Some(head));
        self.probing = None;
    }

    /// Somebody comes: the number of the silence that it is one of the first after, from 0; none where it is not.
    pub(crate) fn ends(&mut self, head: Offset, listening: Listening) -> Option<u32> {
        let silent = self.quiet_since.is_some_and(|quiet| head >= quiet + listening.after);
        let due = listening.late.map(|late| head + late);
        if silent {
            let until = due.unwrap_or(Offset::MAX);
            self.probing = Some(Probing { number: self.silences, taken: 0, until });
            self.silences = self.silences.saturating_add(1);
        }
        let probe =
            self.probing.as_mut().filter(|probing| probing.taken < listening.first && head <= probing.until);
        let Some(probe) = probe else {
            self.hear(head);
            return None;
        };
        probe.taken += 1;
        self.quiet_since = self.quiet_since.max(due.or(Some(head)));
        Some(probe.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATE: Listening =
        Listening { after: Duration::from_millis(1000), first: 3, late: Some(Duration::from_millis(500)) };
    const NEVER: Listening = Listening { late: None, first: 1, ..LATE };

    fn numbers(listening: Listening, heads: &[u64]) -> Vec<Option<u32>> {
        let mut silence = Silence::default();
        heads.iter().map(|ms| silence.ends(Offset::from_millis(*ms), listening)).collect()
    }

    #[test]
    fn who_was_never_heard_was_not_silent() {
        assert_eq!(numbers(LATE, &[5000, 5999, 6998]), [None, None, None]);
        assert_eq!(numbers(LATE, &[5000, 6000]), [None, Some(0)]);
    }

    #[test]
    fn so_many_are_the_first_and_only_until_the_first_is_answered() {
        let first_three = [None, Some(0), Some(0), Some(0), None];
        assert_eq!(numbers(LATE, &[0, 1000, 1100, 1200, 1300]), first_three);
        assert_eq!(numbers(LATE, &[0, 1000, 1499, 1501]), [None, Some(0), Some(0), None]);
    }

    #[test]
    fn an_answer_that_is_held_is_no_silence() {
        assert_eq!(numbers(LATE, &[0, 1000, 2499]), [None, Some(0), None]);
        assert_eq!(numbers(LATE, &[0, 1000, 2500]), [None, Some(0), Some(1)]);
        assert_eq!(numbers(NEVER, &[0, 1000, 1001, 2001]), [None, Some(0), None, Some(1)]);
    }

    #[test]
    fn what_came_while_nobody_asked_counts() {
        let mut silence = Silence::default();
        silence.hear(Offset::from_millis(0));
        silence.hear(Offset::from_millis(900));
        assert_eq!(silence.ends(Offset::from_millis(1800), LATE), None);
        assert_eq!(silence.ends(Offset::from_millis(2800), LATE), Some(0));
    }
}
