//! The timeline: warm-up, phases, repeats and steps laid end to end as stretches, each with what lies over the base.
//!
//! A gap would be a time without behaviour and an overlap a time with two; laying each stretch from the end of the
//! one before it allows neither.

use std::time::Duration;

use upstorm_model::plan::PhaseSpan;
use upstorm_model::scenario::{Overlay, Phase, Scenario};
use upstorm_model::{Offset, TimeSpan};

use super::trouble::{Trouble, limits};

/// A stretch of unchanging behaviour.
#[derive(Debug)]
pub(crate) struct Stretch<'a> {
    /// The index of its phase; none for warm-up.
    pub(crate) phase: Option<u16>,
    /// When it begins.
    pub(crate) start: Offset,
    /// When it ends.
    pub(crate) end: Offset,
    /// What lies over the base, the outer first: the phase's overlay, then the step's.
    pub(crate) overlays: Vec<&'a Overlay>,
}

/// Everything in order, gapless from zero to `end`.
#[derive(Debug)]
pub(crate) struct Timeline<'a> {
    /// The phases, warm-up not among them.
    pub(crate) phases: Vec<PhaseSpan>,
    /// The stretches, warm-up included.
    pub(crate) stretches: Vec<Stretch<'a>>,
    /// When warm-up ends.
    pub(crate) warmup_until: Offset,
    /// When the last phase ends.
    pub(crate) end: Offset,
}

/// Lays the scenario's phases end to end.
///
/// # Errors
/// When the run would be too long or have too many segments, or a phase lasts no time.
pub(crate) fn timeline(scenario: &Scenario) -> Result<Timeline<'_>, Vec<Trouble>> {
    let troubles = refuse(scenario);
    if !troubles.is_empty() {
        return Err(troubles);
    }
    let mut line = Timeline {
        phases: Vec::with_capacity(scenario.phase.len()),
        stretches: Vec::new(),
        warmup_until: Offset::ZERO,
        end: Offset::ZERO,
    };
    line.lay(None, scenario.run.warmup, Vec::new());
    line.warmup_until = line.end;
    for (index, phase) in (0_u16..).zip(&scenario.phase) {
        let start = line.end;
        if phase.steps.is_empty() {
            for _ in 0..phase.repeat.unwrap_or(1) {
                line.lay(Some(index), phase.duration.unwrap_or_default(), vec![&phase.overlay]);
            }
        }
        for step in (0..phase.repeat.unwrap_or(1)).flat_map(|_| &phase.steps) {
            line.lay(Some(index), step.duration, vec![&phase.overlay, &step.overlay]);
        }
        line.phases.push(PhaseSpan { name: phase.name.clone(), start, end: line.end });
    }
    Ok(line)
}

impl<'a> Timeline<'a> {
    fn lay(&mut self, phase: Option<u16>, length: TimeSpan, overlays: Vec<&'a Overlay>) {
        let (start, end) = (self.end, self.end + length.get());
        if end > start {
            self.stretches.push(Stretch { phase, start, end, overlays });
            self.end = end;
        }
    }
}

/// How long a phase lasts with all its repeats, and how many segments it has.
fn extent(phase: &Phase) -> (Duration, u64) {
    let repeat = phase.repeat.unwrap_or(1);
    let once = if phase.steps.is_empty() {
        phase.duration.unwrap_or_default().get()
    } else {
        phase.steps.iter().fold(Duration::ZERO, |sum, step| sum.saturating_add(step.duration.get()))
    };
    let segments = u64::from(repeat) * phase.steps.len().max(1) as u64;
    (once.saturating_mul(repeat), segments)
}

fn refuse(scenario: &Scenario) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let (mut length, mut segments) = (scenario.run.warmup.get(), 1);
    let routes: u64 = scenario.upstream.values().map(|u| u.route.len() as u64 + 1).sum();
    for (index, phase) in scenario.phase.iter().enumerate() {
        let (lasts, has) = extent(phase);
        if lasts.is_zero() {
            troubles.push(Trouble::EmptyPhase { index, name: phase.name.clone() });
        }
        length = length.saturating_add(lasts);
        segments += has;
        if segments > limits::SEGMENTS || segments.saturating_mul(routes) > limits::BEHAVIOURS {
            troubles.push(Trouble::TooManySegments { index, segments, routes });
            return troubles;
        }
        if length > limits::RUN {
            troubles.push(Trouble::TooLong { index, length: length.into() });
            return troubles;
        }
    }
    troubles
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use upstorm_model::scenario::{Run, Step};

    fn scenario(warmup_ms: u64, phases: Vec<Phase>) -> Scenario {
        let run = Run { warmup: TimeSpan::from_millis(warmup_ms), ..Run::default() };
        Scenario {
            version: 1,
            name: "t".into(),
            summary: String::new(),
            run,
            upstream: Default::default(),
            gateway: Default::default(),
            client: Default::default(),
            phase: phases,
            check: Vec::new(),
        }
    }

    fn phase(name: String, duration_ms: u64, repeat: u32, steps_ms: &[u64]) -> Phase {
        let step = |ms: &u64| Step { duration: TimeSpan::from_millis(*ms), overlay: Overlay::default() };
        Phase {
            name,
            duration: steps_ms.is_empty().then(|| TimeSpan::from_millis(duration_ms)),
            repeat: Some(repeat),
            steps: steps_ms.iter().map(step).collect(),
            overlay: Overlay::default(),
        }
    }

    proptest! {
        #[test]
        fn stretches_are_gapless_and_complete(
            warmup in 0_u64..5000,
            phases in prop::collection::vec((1_u64..9000, 1_u32..5, prop::collection::vec(1_u64..3000, 0..4)), 1..8),
        ) {
            let expected: u64 = warmup + phases.iter().map(|(ms, repeat, steps)| {
                u64::from(*repeat) * if steps.is_empty() { *ms } else { steps.iter().sum() }
            }).sum::<u64>();
            let list = phases.iter().enumerate().map(|(i, (ms, repeat, steps))| phase(i.to_string(), *ms, *repeat, steps));
            let scenario = scenario(warmup, list.collect());
            let line = timeline(&scenario).unwrap();
            prop_assert_eq!(line.end, Offset::from_millis(expected));
            prop_assert_eq!(line.stretches.first().unwrap().start, Offset::ZERO);
            prop_assert_eq!(line.stretches.last().unwrap().end, line.end);
            for pair in line.stretches.windows(2) {
                prop_assert_eq!(pair[0].end, pair[1].start);
                prop_assert!(pair[0].phase <= pair[1].phase);
            }
            prop_assert_eq!(line.phases.first().unwrap().start, line.warmup_until);
            for (index, span) in line.phases.iter().enumerate() {
                let own: Vec<_> = line.stretches.iter().filter(|s| s.phase == u16::try_from(index).ok()).collect();
                prop_assert_eq!(own.first().unwrap().start, span.start);
                prop_assert_eq!(own.last().unwrap().end, span.end);
            }
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_refused_before_anything_is_laid() {
        let many = scenario(0, vec![phase("p".into(), 0, u32::MAX, &[1, 1])]);
        assert!(matches!(timeline(&many).unwrap_err()[..], [Trouble::TooManySegments { index: 0, .. }]));
        let long = scenario(0, vec![phase("p".into(), u64::MAX, 1, &[])]);
        assert!(matches!(timeline(&long).unwrap_err()[..], [Trouble::TooLong { index: 0, .. }]));
        let empty = scenario(0, vec![phase("p".into(), 0, 1, &[])]);
        assert!(matches!(timeline(&empty).unwrap_err()[..], [Trouble::EmptyPhase { index: 0, .. }]));
    }
}
