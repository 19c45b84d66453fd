//! Words: values that are one of a few, such as `arrivals = "poisson"`.
//!
//! The words come from the model's own enums by way of serde, so that decoder, schema and plan file cannot differ.

use std::cell::Cell;

use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::table::quoted_list;
use super::value::text;
use crate::diagnostic::{Diagnostic, codes};
use crate::nearest::did_you_mean;
use crate::reading::Reading;
use crate::tree::Node;

/// One of the words of an enum.
pub(super) fn word<T: for<'de> Deserialize<'de>>(node: &Node, reading: &Reading<'_>) -> Option<T> {
    let word = text(node, reading)?;
    let words = Cell::new([].as_slice());
    if let Ok(value) = T::deserialize(WordReader { word, words: &words }) {
        return Some(value);
    }
    reading.report(unknown_word(word, words.get(), node));
    None
}

/// The diagnostic for a word that is none of these.
pub(super) fn unknown_word(word: &str, words: &[&str], node: &Node) -> Diagnostic {
    Diagnostic::new(&codes::UNKNOWN_WORD, format!("`{word}` is none of the words that can stand here"))
        .at(node.at, "")
        .note(format!("they are {}", quoted_list(words)))
        .help_if(did_you_mean(word, words.iter().copied()))
}

/// Gives serde one word, and remembers which words it would have taken.
struct WordReader<'w> {
    word: &'w str,
    words: &'w Cell<&'static [&'static str]>,
}

impl<'de> Deserializer<'de> for WordReader<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.word)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.words.set(variants);
        let word: StrDeserializer<'_, Error> = self.word.into_deserializer();
        visitor.visit_enum(word)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
