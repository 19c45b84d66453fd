//! The digest of a recording: two runs with the same one saw the same thing, byte for byte.
//!
//! A simulated run is the same on any machine, and this is how anybody can tell: the digest printed there is the digest
//! printed here, and `sha256sum` of the file in the run folder gives it too.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The recording's file as it lies in the run folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordingDigest {
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of all its bytes, as 64 hexadecimal digits.
    pub sha256: String,
}
