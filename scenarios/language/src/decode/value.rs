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

/// A text with something in it.
pub(super) fn name(node: &Node, reading: &Reading<'_>) -> Option<String> {
    let text = text(node, reading)?;
    if text.trim().is_empty() {
        return wrong(&codes::BAD_FORM, node.at, "a name must not be empty", reading);
    }
    Some(text.to_owned())
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
        out_of_range(node.at, number, (*range.start(), *range.end()), reading)
    }
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
