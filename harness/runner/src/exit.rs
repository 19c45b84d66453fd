//! Exit codes: what a script learns from a run.
//!
//! A gate that cannot tell "your client is broken" from "this machine was too busy" is soon switched off.

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// Every check held (warnings allowed).
    Held,
    /// Internal error.
    Internal,
    /// Bad command line or scenario.
    Usage,
    /// At least one check of severity `fail` failed.
    Failed,
    /// Too few samples, or the host was too noisy to tell.
    Inconclusive,
    /// The subject did not start, exited, or was unreachable.
    Subject,
    /// The harness could not do its part.
    Harness,
    /// Interrupted by Ctrl-C.
    Interrupted,
    /// Asked to end.
    Terminated,
}

impl ExitCode {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Held => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Failed => 10,
            Self::Inconclusive => 12,
            Self::Subject => 20,
            Self::Harness => 21,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// What is left of it where the checks do not count: only that something could not do its part.
    #[must_use]
    pub const fn without_checks(self) -> Self {
        match self {
            Self::Failed | Self::Inconclusive => Self::Held,
            other => other,
        }
    }

    /// The one that counts where both apply: an interruption first, then 2, 21, 20, 10, 12, 0.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let rank = |code: Self| match code {
            Self::Interrupted | Self::Terminated => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Harness => 3,
            Self::Subject => 4,
            Self::Failed => 5,
            Self::Inconclusive => 6,
            Self::Held => 7,
        };
        if rank(other) < rank(self) { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_match_of_the_contract_wins() {
        assert_eq!(ExitCode::Failed.or(ExitCode::Inconclusive), ExitCode::Failed);
        assert_eq!(ExitCode::Failed.or(ExitCode::Harness), ExitCode::Harness);
        assert_eq!(ExitCode::Held.or(ExitCode::Inconclusive), ExitCode::Inconclusive);
        assert_eq!(ExitCode::Interrupted.or(ExitCode::Failed).number(), 130);
        assert_eq!(ExitCode::Failed.without_checks(), ExitCode::Held);
        assert_eq!(ExitCode::Subject.without_checks(), ExitCode::Subject);
    }
}
