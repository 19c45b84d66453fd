//! What the registry knows of a code, and its explanation as text.

use std::fmt::Write;

use super::{ERRORS, WARNINGS};
use crate::diagnostic::Level;

/// One kind of diagnostic.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `S…` for an error, `W…` for a warning, and three digits.
    pub id: &'static str,
    /// What is wrong, in a few words without a full stop.
    pub title: &'static str,
    /// Why it is wrong and what to do: full sentences.
    pub explanation: &'static str,
    /// A piece of a scenario that gets it.
    pub wrong: &'static str,
    /// The same piece, put right.
    pub right: &'static str,
}

impl Code {
    /// How bad it is: the letter says so.
    #[must_use]
    pub fn level(&self) -> Level {
        if self.id.starts_with('W') { Level::Warning } else { Level::Error }
    }
}

/// Declares codes as constants and lists them in a slice. Each entry: name, id, title, explanation, wrong, right.
macro_rules! codes {
    ($(#[$about:meta])* $list:ident: $($name:ident = $id:literal, $title:literal, $text:literal,
        wrong $wrong:literal, right $right:literal;)*) => {
        $(
            #[doc = $title]
            pub static $name: $crate::diagnostic::codes::Code = $crate::diagnostic::codes::Code {
                id: $id, title: $title, explanation: $text, wrong: $wrong, right: $right,
            };
        )*
        $(#[$about])*
        pub static $list: &[&$crate::diagnostic::codes::Code] = &[$(&$name),*];
    };
}
pub(super) use codes;

/// Every code, errors first.
pub fn all_codes() -> impl Iterator<Item = &'static Code> {
    ERRORS.iter().copied().flatten().chain(WARNINGS).copied()
}

/// The text of `upstorm explain S014`: title, explanation, and an example of wrong and right. None for a code that
/// does not exist; upper and lower case are the same.
#[must_use]
pub fn explain_code(id: &str) -> Option<String> {
    let code = all_codes().find(|code| code.id.eq_ignore_ascii_case(id.trim()))?;
    let mut text = format!("{}: {}\n\n{}\n", code.id, code.title, code.explanation);
    for (heading, example) in [("Wrong", code.wrong), ("Right", code.right)] {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{heading}:\n\n");
        for line in example.lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
    Some(text)
}
