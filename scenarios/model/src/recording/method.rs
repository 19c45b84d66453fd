//! The method of a request, as it is recorded: one byte for each that RFC 9110 and RFC 5789 name.
//!
//! Durations of requests are counted by method (OpenTelemetry's semantic conventions for HTTP), and a method that a
//! caller made up must not become a name of its own: it would let every caller fill the memory of whoever counts.

use serde::{Deserialize, Serialize};

/// The method of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Method {
    /// None of the others.
    #[default]
    Other,
    /// GET.
    Get,
    /// HEAD.
    Head,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// DELETE.
    Delete,
    /// CONNECT.
    Connect,
    /// OPTIONS.
    Options,
    /// TRACE.
    Trace,
    /// PATCH.
    Patch,
}

/// Each method with the word that stands for it on the wire; they are case-sensitive.
const WORDS: [(Method, &str); 9] = [
    (Method::Get, "GET"),
    (Method::Head, "HEAD"),
    (Method::Post, "POST"),
    (Method::Put, "PUT"),
    (Method::Delete, "DELETE"),
    (Method::Connect, "CONNECT"),
    (Method::Options, "OPTIONS"),
    (Method::Trace, "TRACE"),
    (Method::Patch, "PATCH"),
];

impl Method {
    /// The method of this word.
    #[must_use]
    pub fn of(word: &str) -> Self {
        WORDS.iter().find(|(_, known)| *known == word).map_or(Self::Other, |(method, _)| *method)
    }

    /// Whether it asks for nothing to be done (RFC 9110 section 9.2.1).
    #[must_use]
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options | Self::Trace)
    }

    /// Whether doing it twice is the same as doing it once (RFC 9110 section 9.2.2). Of a method that is not known, nobody
    /// can say.
    #[must_use]
    pub const fn is_idempotent(self) -> bool {
        self.is_safe() || matches!(self, Self::Put | Self::Delete)
    }

    /// Its word; `_OTHER`, as OpenTelemetry writes it, for what is none of the known ones.
    #[must_use]
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(method, _)| *method == self).map_or("_OTHER", |(_, word)| *word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_known_by_its_word_and_any_other_by_none() {
        for (method, word) in WORDS {
            assert_eq!((Method::of(word), method.word()), (method, word));
        }
        assert_eq!(Method::of("get"), Method::Other, "methods are case-sensitive");
        assert_eq!(Method::of("BREW").word(), "_OTHER");
    }
}
