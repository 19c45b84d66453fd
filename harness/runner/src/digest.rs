//! The digest of a recording: SHA-256 over the bytes of its file.
//!
//! Two runs of one seed in the simulated world leave the same bytes. That is worth saying in one line, which a script or
//! a colleague on another machine can compare without the file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// How many bytes there are, and what they come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The length, in bytes.
    pub bytes: u64,
    /// SHA-256, as 64 hexadecimal digits in lower case.
    pub sha256: String,
}

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// The digest of a file, however long it is.
///
/// # Errors
/// When it cannot be read.
pub fn digest(path: &Path) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0_u8; CHUNK];
    let mut bytes = 0;
    loop {
        match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => {
                bytes += read as u64;
                hash.update(&chunk[..read]);
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Digest { bytes, sha256 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4's example of three bytes, and its million of `a`, which takes several chunks.
    #[test]
    fn agrees_with_the_standard() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bytes");
        std::fs::write(&file, "abc").unwrap();
        let short = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest(&file).unwrap(), Digest { bytes: 3, sha256: short.to_owned() });
        std::fs::write(&file, vec![b'a'; 1_000_000]).unwrap();
        let long = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        assert_eq!(digest(&file).unwrap(), Digest { bytes: 1_000_000, sha256: long.to_owned() });
    }
}
