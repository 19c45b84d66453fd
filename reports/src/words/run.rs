//! The whole run in words: its verdict, how it ended, what a finding looked at.

use upstorm_model::scenario::{ALWAYS_ON, Severity, WorldKind};
use upstorm_model::verdict::Verdict;

use crate::results::{Partial, Results};

/// A verdict as every report writes it.
#[must_use]
pub const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "Held",
        Verdict::Failed => "FAILED",
        Verdict::Inconclusive => "inconclusive",
    }
}

/// A verdict with its severity: a failure that does not count is a `warning`.
#[must_use]
pub fn verdict_of(severity: Severity, of: Verdict) -> &'static str {
    if of == Verdict::Failed && severity == Severity::Warn { "warning" } else { verdict(of) }
}

/// True for the kind of a check that judges the harness, not the subject.
#[must_use]
pub fn is_always_on(kind: &str) -> bool {
    ALWAYS_ON.iter().any(|check| check.key() == kind)
}

/// What the exit code means.
#[must_use]
pub const fn exit(code: u8) -> &'static str {
    match code {
        0 => "every check held",
        1 => "internal error",
        2 => "bad command line or scenario",
        10 => "at least one check failed",
        11 => "worse than the baseline",
        12 => "inconclusive: too few samples, or the host was too noisy to tell",
        20 => "the subject did not start, exited, or was unreachable",
        21 => "the harness could not do its part",
        130 => "interrupted",
        143 => "asked to end",
        _ => "ended in a way this report does not know",
    }
}

/// The verdict of the whole run in a few words.
#[must_use]
pub fn headline(results: &Results) -> String {
    let failed = results.found(Verdict::Failed).filter(|f| f.severity == Severity::Fail).count();
    let warned = results.found(Verdict::Failed).count() - failed;
    let unsure = results.found(Verdict::Inconclusive).count();
    counted([failed, unsure, warned, results.found(Verdict::Held).count()])
}

/// Checks in numbers: those that failed, could not be told, only warned, and held.
pub(crate) fn counted([failed, unsure, warned, held]: [usize; 4]) -> String {
    let of = |n: usize, what: &str| (n > 0).then(|| format!("{n} {what}"));
    let warned = of(warned, if warned == 1 { "warning" } else { "warnings" });
    let parts = [of(failed, "failed"), of(unsure, "inconclusive"), warned, of(held, "held")];
    let counts: Vec<String> = parts.into_iter().flatten().collect();
    if counts.is_empty() { "no check was judged".to_owned() } else { counts.join(", ") }
}

/// Why a recording stops early.
#[must_use]
pub const fn partial(partial: Partial) -> &'static str {
    match partial {
        Partial::Interrupted => "The run was interrupted: what was recorded until then is judged.",
        Partial::Killed => {
            "The run was killed, or its recording cut off: what was recorded until then is judged."
        }
        Partial::GivenUp => "The run had no end and was given up: what was recorded until then is judged.",
    }
}

/// Which phases a check looked at.
#[must_use]
pub fn during(phases: &[String]) -> String {
    if phases.is_empty() { "everything after warm-up".to_owned() } else { phases.join(", ") }
}

/// Where a run was performed.
#[must_use]
pub const fn world(world: WorldKind) -> &'static str {
    match world {
        WorldKind::Real => "real sockets",
        WorldKind::Sim => "simulated network",
    }
}
