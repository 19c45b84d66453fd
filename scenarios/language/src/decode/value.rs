//! Plain values: texts, counts, numbers, truth, lists.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::diagnostic::{Code, Diagnostic, codes};
use crate::reading::Reading;
use crate::source::Spot;
use crate::tree::{Node, Value};

/// Reports something at a place and gives nothing, for a decoder's tail.
pub(super) fn wrong<T>(
    code: &'static Code,
    at: Spot,
    message: impl Into<String>,
    reading: &Reading<'_>,
) -> Option<T> {
    reading.report(Diagnostic::new(code, message).at(at, ""));
    None
}

/// Reports a value of the wrong type.
pub(super) fn wrong_type<T>(node: &Node, expected: &str, reading: &Reading<'_>) -> Option<T> {
    if node.value == Value::Unknown {
        return None;
    }
    let message = format!("this must be {expected}, but it is {}", node.value.described());
    wrong(&codes::WRONG_TYPE, node.at, message, reading)
}

/// A text.
pub(super) fn text<'a>(node: &'a Node, reading: &'a Reading<'a>) -> Option<&'a str> {
    node.as_text().or_else(|| wrong_type(node, "a text", reading))
}

/// A text that is kept.
pub(super) fn owned_text(node: &Node, reading: &Reading<'_>) -> Option<String> {
    text(node, reading).map(str::to_owned)
}

/// The longest name, in characters: it stands in tables, and in the name of a folder.
pub(super) const LONGEST_NAME: usize = 100;

/// A name: one line of text with something in it.
pub(super) fn name(node: &Node, reading: &Reading<'_>) -> Option<String> {
    let text = text(node, reading)?;
    if text.trim().is_empty() {
        return wrong(&codes::BAD_FORM, node.at, "a name must not be empty", reading);
    }
    if let Some(odd) = text.chars().find(|c| is_invisible(*c)) {
        let message = format!("a name is one line of visible characters, and this has {odd:?} in it");
        return wrong(&codes::BAD_FORM, node.at, message, reading);
    }
    let length = text.chars().count();
    if length > LONGEST_NAME {
        let message = format!("a name of {length} characters is too long: it may have {LONGEST_NAME}");
        return wrong(&codes::BAD_FORM, node.at, message, reading);
    }
    Some(text.to_owned())
}

/// Characters that break a line of a report, or turn the rest of it around: controls, line ends, marks of direction.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// True or false.
pub(super) fn truth(node: &Node, reading: &Reading<'_>) -> Option<bool> {
    match node.value {
        Value::Bool(truth) => Some(truth),
        _ => wrong_type(node, "true or false", reading),
    }
}

/// A whole number.
pub(super) fn integer(node: &Node, reading: &Reading<'_>) -> Option<i128> {
    match node.value {
        Value::Integer(number) => Some(number),
        Value::Float(number) => wrong(
            &codes::WRONG_TYPE,
            node.at,
            format!("this must be a whole number, but it is {number}"),
            reading,
        ),
        _ => wrong_type(node, "a whole number", reading),
    }
}

/// A whole number within a range, as the type of the range.
pub(super) fn count<'a, T>(range: RangeInclusive<T>) -> impl Fn(&'a Node, &'a Reading<'a>) -> Option<T>
where
    T: TryFrom<i128> + PartialOrd + Display + Copy,
{
    move |node, reading| {
        let number = integer(node, reading)?;
        let fits = T::try_from(number).ok().filter(|n| range.contains(n));
        fits.or_else(|| out_of_range(node.at, number, (*range.start(), *range.end()), reading))
    }
}

/// A number, whole or not, within a range.
pub(super) fn number<'a>(range: RangeInclusive<f64>) -> impl Fn(&'a Node, &'a Reading<'a>) -> Option<f64> {
    move |node, reading| {
        let number = match node.value {
            Value::Float(number) => number,
            Value::Integer(number) => number as f64,
            _ => return wrong_type(node, "a number", reading),
        };
        if range.contains(&number) {
            return Some(number);
        }
        out_of_range(node.at, plainly(number), (*range.start(), *range.end()), reading)
    }
}

/// A number as a sentence has it: three hundred digits tell nobody anything.
pub(super) fn plainly(number: f64) -> String {
    let readable = number == 0.0 || (1e-6..1e16).contains(&number.abs()) || !number.is_finite();
    if readable { number.to_string() } else { format!("{number:e}") }
}

fn out_of_range<T, N: Display>(
    at: Spot,
    number: impl Display,
    (low, high): (N, N),
    reading: &Reading<'_>,
) -> Option<T> {
    let message = format!("{number} is out of range: it must lie between {low} and {high}");
    wrong(&codes::OUT_OF_RANGE, at, message, reading)
}

/// A list that must not be empty, and what follows if it is.
pub(super) fn some<'a, T>(
    otherwise: &'static str,
    decode: impl Fn(&'a Node, &'a Reading<'a>) -> Option<Vec<T>>,
) -> impl Fn(&'a Node, &'a Reading<'a>) -> Option<Vec<T>> {
    move |node, reading| {
        let found = decode(node, reading)?;
        let nothing = matches!(&node.value, Value::List(list) if list.is_empty());
        if nothing { wrong(&codes::OUT_OF_RANGE, node.at, otherwise, reading) } else { Some(found) }
    }
}

/// A list, each element decoded; none if any of them is wrong.
pub(super) fn list<'a, T>(
    expected: &'static str,
    decode: impl Fn(&'a Node, &'a Reading<'a>) -> Option<T>,
) -> impl Fn(&'a Node, &'a Reading<'a>) -> Option<Vec<T>> {
    move |node, reading| {
        let Some(elements) = node.as_list() else {
            if node.value == Value::Unknown {
                return None;
            }
            let message = format!("this must be a list of {expected}, but it is {}", node.value.described());
            let mut diagnostic = Diagnostic::new(&codes::WRONG_TYPE, message).at(node.at, "");
            if let Some(text) = node.as_text() {
                diagnostic = diagnostic.help(format!("write `[{text:?}]`"));
            }
            reading.report(diagnostic);
            return None;
        };
        // All of them are decoded before the first that failed counts, so that all errors are told.
        let decoded: Vec<Option<T>> = elements.iter().map(|element| decode(element, reading)).collect();
        decoded.into_iter().collect()
    }
}

/// Two texts, such as the names of two hosts; `what` says in a sentence what they would be.
pub(super) fn pair<'a>(what: &'static str) -> impl Fn(&'a Node, &'a Reading<'a>) -> Option<[String; 2]> {
    move |node, reading| {
        let Some([first, second]) = node.as_list() else {
            if node.value == Value::Unknown {
                return None;
            }
            return wrong(&codes::WRONG_TYPE, node.at, what, reading);
        };
        let (first, second) = (text(first, reading), text(second, reading));
        Some([first?.to_owned(), second?.to_owned()])
    }
}
