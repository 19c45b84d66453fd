//! A row of the sabotage table: a check, the subject that it must hold, and those that it must fail.
//!
//! A broken subject is the sound one with one thing set otherwise, so that nothing else can be why it failed.

use upstorm_model::verdict::Measure;

/// A check, a subject that it must hold, and those that it must fail.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// The key of the check in the registry.
    pub(crate) check: &'static str,
    /// The built-in scenario.
    pub(crate) scenario: &'static str,
    /// What makes it the sound subject, as after `--set`; nothing for the scenario as it is.
    pub(crate) sound: &'static [&'static str],
    /// The subjects that are not sound.
    pub(crate) twins: &'static [Twin],
}

/// A subject that must be failed: the sound one, with these settings over it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Twin {
    /// As after `--set`, beside those of the sound one.
    pub(crate) sets: &'static [&'static str],
    /// The measure that must fail.
    pub(crate) because: Measure,
    /// Whether its run is judged as if it were that of the sound one: its settings are hidden from the judge. So are tried
    /// the checks that compare what happened with what was declared.
    pub(crate) in_disguise: bool,
}

/// A subject that is judged by its own settings.
pub(super) const fn broken(sets: &'static [&'static str], because: Measure) -> Twin {
    Twin { sets, because, in_disguise: false }
}

/// A subject that is judged by the settings of the sound one.
pub(super) const fn disguised(sets: &'static [&'static str], because: Measure) -> Twin {
    Twin { sets, because, in_disguise: true }
}
