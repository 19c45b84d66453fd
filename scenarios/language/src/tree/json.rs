//! JSON into the spanned tree: the same language in another spelling, for whoever writes over HTTP.
//!
//! A JSON parser forgets where a value stood, and a mistake is told best by its place. So the document is written out
//! anew, in one line, while the tree is made: each value then has a place in that text, and a JSON Pointer (RFC 6901).
//! A key that is there twice is refused as in TOML: RFC 8259 section 4 leaves open which one counts, and the other would
//! do silently nothing.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Entry, Node, Table, Value};
use crate::source::{SourceId, Spot};

/// A JSON document, nothing forgotten but its blanks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Json>),
    Table(BTreeMap<String, Json>),
}

/// A document written out, with the place of each of its values.
#[derive(Debug, Default)]
pub(crate) struct JsonText {
    text: String,
    places: Vec<Place>,
}

/// Where a value or a key stands, and its pointer.
#[derive(Debug)]
struct Place {
    start: usize,
    end: usize,
    pointer: String,
    is_null: bool,
}

impl Json {
    /// Reads a document.
    ///
    /// # Errors
    /// When it is no JSON, has a key twice, or is nested too deep.
    pub(crate) fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

impl JsonText {
    /// Writes a document out; its tree has its places in the source of this id.
    pub(crate) fn of(json: &Json, source: SourceId) -> (Self, Node) {
        let mut written = Self::default();
        let node = written.value(json, source, "");
        (written, node)
    }

    /// The JSON Pointer of the innermost value at a place; that of the whole document is empty.
    pub(crate) fn pointer(&self, spot: Spot) -> &str {
        let around = self.places.iter().filter(|place| place.start <= spot.start && spot.end <= place.end);
        around.min_by_key(|place| place.end - place.start).map_or("", |place| place.pointer.as_str())
    }

    /// The pointers of all that is null.
    pub(crate) fn nulls(&self) -> impl Iterator<Item = (&str, std::ops::Range<usize>)> {
        self.places.iter().filter(|p| p.is_null).map(|p| (p.pointer.as_str(), p.start..p.end))
    }

    fn value(&mut self, json: &Json, source: SourceId, pointer: &str) -> Node {
        let start = self.text.len();
        let value = match json {
            // What it means is up to whoever reads the document; decoders pass over it.
            Json::Null => self.plain("null", Value::Unknown),
            Json::Bool(truth) => self.plain(&truth.to_string(), Value::Bool(*truth)),
            Json::Integer(number) => self.plain(&number.to_string(), Value::Integer(*number)),
            Json::Float(number) => self.plain(&number.to_string(), Value::Float(*number)),
            Json::Text(text) => {
                self.plain(&serde_json::Value::from(text.as_str()).to_string(), Value::Text(text.clone()))
            }
            Json::List(list) => self.list(list, source, pointer),
            Json::Table(table) => self.table(table, source, pointer),
        };
        let end = self.text.len();
        self.places.push(Place { start, end, pointer: pointer.to_owned(), is_null: *json == Json::Null });
        Node { at: Spot::new(source, start..end), value }
    }

    fn plain(&mut self, text: &str, value: Value) -> Value {
        self.text.push_str(text);
        value
    }

    fn list(&mut self, list: &[Json], source: SourceId, pointer: &str) -> Value {
        self.text.push('[');
        let mut nodes = Vec::with_capacity(list.len());
        for (index, element) in list.iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            nodes.push(self.value(element, source, &format!("{pointer}/{index}")));
        }
        self.text.push(']');
        Value::List(nodes)
    }

    fn table(&mut self, table: &BTreeMap<String, Json>, source: SourceId, pointer: &str) -> Value {
        self.text.push('{');
        let mut out = Table::default();
        for (index, (key, value)) in table.iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            let below = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            let start = self.text.len();
            self.text.push_str(&serde_json::Value::from(key.as_str()).to_string());
            let end = self.text.len();
            self.places.push(Place { start, end, pointer: below.clone(), is_null: false });
            self.text.push_str(": ");
            let node = self.value(value, source, &below);
            out.0.insert(key.clone(), Entry { key_at: Spot::new(source, start..end), node });
        }
        self.text.push('}');
        Value::Table(out)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reader.deserialize(deserializer)
    }
}

struct Reader;

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Json;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Json, E> {
        Ok(Json::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Integer(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Integer(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element_seed(Reader)? {
            elements.push(element);
        }
        Ok(Json::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut table = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Reader)?;
            if table.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key `{key}` is there twice")));
            }
            table.insert(key, value);
        }
        Ok(Json::Table(table))
    }
}
