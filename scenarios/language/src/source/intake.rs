//! Intake: from the bytes of a file to a text that can be parsed.
//!
//! A scenario is written by hand; a file of many mebibytes, of another encoding or with nothing in it is a mistake
//! that deserves a sentence instead of a parser's despair.

/// The largest scenario file, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// Why the bytes of a file are not the text of a scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotText {
    /// It is larger than [`MAX_BYTES`].
    #[error("the file has {0} bytes; a scenario may have at most {MAX_BYTES} (1 MiB)")]
    TooLarge(usize),
    /// It is not UTF-8 from this byte on; the text before it is kept to show the line.
    #[error("the file is not UTF-8: byte {at} is 0x{byte:02x}")]
    NotUtf8 {
        /// The first byte that does not fit.
        at: usize,
        /// Its value.
        byte: u8,
        /// What came before it.
        before: String,
    },
    /// It has nothing in it but white space and comments.
    #[error("the file is empty")]
    Empty,
}

/// The text of a file's bytes. A byte order mark is left to the TOML parser, which skips it.
///
/// # Errors
/// When it is too large, not UTF-8, or has nothing in it.
pub(crate) fn into_text(bytes: &[u8]) -> Result<&str, NotText> {
    if bytes.len() > MAX_BYTES {
        return Err(NotText::TooLarge(bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let before = String::from_utf8_lossy(&bytes[..at]).into_owned();
        NotText::NotUtf8 { at, byte: bytes[at], before }
    })?;
    let says_nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.trim_start_matches('\u{feff}').lines().all(says_nothing) {
        return Err(NotText::Empty);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_no_scenario() {
        assert!(matches!(into_text(&vec![b'a'; MAX_BYTES + 1]), Err(NotText::TooLarge(_))));
        assert!(matches!(into_text(b"a = \xff"), Err(NotText::NotUtf8 { at: 4, byte: 0xff, .. })));
        for empty in ["", "\n \n", "# only a comment\n", "\u{feff}"] {
            assert_eq!(into_text(empty.as_bytes()), Err(NotText::Empty), "{empty:?}");
        }
        assert_eq!(into_text(b"version = 1"), Ok("version = 1"));
    }
}
