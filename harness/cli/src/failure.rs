//! What ends a command early, with the exit code that tells scripts which kind it was.

use upstorm_runner::{ExitCode, FolderError, WorldError};
use upstorm_world::RecorderError;

/// A command that could not be carried out.
#[derive(Debug)]
pub(crate) struct Failure {
    code: ExitCode,
    error: anyhow::Error,
}

impl Failure {
    /// A bad command line or scenario.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { code: ExitCode::Usage, error: error.into() }
    }

    /// The harness could not do its part.
    pub(crate) fn harness(error: impl Into<anyhow::Error>) -> Self {
        Self { code: ExitCode::Harness, error: error.into() }
    }

    /// Something the tool knows and this version cannot do.
    pub(crate) fn not_yet(what: &str) -> Self {
        Self::usage(anyhow::anyhow!("{what} is not supported by this version of upstorm"))
    }

    /// The exit code.
    pub(crate) const fn code(&self) -> ExitCode {
        self.code
    }

    /// What happened, with its causes.
    pub(crate) fn message(&self) -> String {
        format!("{:#}", self.error)
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        Self::usage(error)
    }
}

impl From<WorldError> for Failure {
    fn from(error: WorldError) -> Self {
        Self::harness(error)
    }
}

impl From<RecorderError> for Failure {
    fn from(error: RecorderError) -> Self {
        Self::harness(error)
    }
}
