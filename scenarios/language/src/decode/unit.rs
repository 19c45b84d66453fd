//! Quantities: texts with a unit, which may ramp where a phase lets them.

use std::str::FromStr;

use upstorm_model::{ByteRate, ByteSize, Ramp, Rate, Ratio, Shape, TimeSpan, UnitError, Varying};

use super::table::TableReader;
use super::value::{plainly, wrong, wrong_type};
use super::word::word;
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::source::Spot;
use crate::tree::{Node, Value};

/// A unit of the language.
pub(super) trait Unit: FromStr<Err = UnitError> + Copy {
    /// What it is, for a sentence.
    const KIND: &'static str;
    /// How it is written, for a sentence.
    const SUCH_AS: &'static str;
    /// What a reader who wrote this bare number may have meant.
    fn fix(number: f64) -> String;
}

impl Unit for TimeSpan {
    const KIND: &'static str = "duration";
    const SUCH_AS: &'static str = "\"250ms\", \"1.5s\" or \"2m\"";
    fn fix(number: f64) -> String {
        format!("\"{number}s\" or \"{number}ms\"")
    }
}

impl Unit for Rate {
    const KIND: &'static str = "rate";
    const SUCH_AS: &'static str = "\"200/s\" or \"30/m\"";
    fn fix(number: f64) -> String {
        format!("\"{number}/s\"")
    }
}

impl Unit for Ratio {
    const KIND: &'static str = "share";
    const SUCH_AS: &'static str = "\"12.5%\"";
    fn fix(number: f64) -> String {
        // 0.25 is how programs write a quarter; 25 is how people do. Rounded, for 0.07 * 100 is not 7 in binary.
        let percent = if number <= 1.0 { (number * 1e12).round() / 1e10 } else { number };
        format!("\"{percent}%\"")
    }
}

impl Unit for ByteSize {
    const KIND: &'static str = "size";
    const SUCH_AS: &'static str = "\"4KiB\" or \"1500B\"";
    fn fix(number: f64) -> String {
        format!("\"{number}B\"")
    }
}

impl Unit for ByteRate {
    const KIND: &'static str = "bandwidth";
    const SUCH_AS: &'static str = "\"64KiB/s\" or \"1GB/s\"";
    fn fix(number: f64) -> String {
        format!("\"{number}B/s\"")
    }
}

/// A quantity that stands still.
pub(super) fn unit<T: Unit>(node: &Node, reading: &Reading<'_>) -> Option<T> {
    let bare = |number: f64| {
        let advice = if (0.0..1e16).contains(&number) {
            T::fix(number)
        } else {
            format!("a {} such as {}", T::KIND, T::SUCH_AS)
        };
        let message = format!("a bare number where a {} belongs: {} has no unit", T::KIND, plainly(number));
        let diagnostic = Diagnostic::new(&codes::BARE_NUMBER, message).at(node.at, "");
        reading.report(diagnostic.help(format!("write {advice}")));
        None
    };
    match &node.value {
        Value::Text(text) => {
            text.parse().map_or_else(|error| unreadable::<T>(&error, node.at, reading), Some)
        }
        Value::Integer(number) => bare(*number as f64),
        Value::Float(number) => bare(*number),
        _ => wrong_type(node, &format!("a {} such as {}", T::KIND, T::SUCH_AS), reading),
    }
}

/// A length of time that stands still.
pub(crate) fn time(node: &Node, reading: &Reading<'_>) -> Option<TimeSpan> {
    unit(node, reading)
}

fn unreadable<T: Unit>(error: &UnitError, at: Spot, reading: &Reading<'_>) -> Option<T> {
    let kind = T::KIND;
    let message = match error {
        UnitError::NoNumber(text) => format!("`{text}` is no {kind}: it does not begin with a number"),
        UnitError::WrongUnit { text, .. } if text.trim().parse::<f64>().is_ok() => {
            format!("`{text}` is no {kind}: it has no unit")
        }
        UnitError::WrongUnit { text, .. } => format!("`{text}` is no {kind}: its unit does not fit"),
        UnitError::OutOfRange(text) => format!("`{text}` is out of range for a {kind}"),
    };
    let diagnostic = Diagnostic::new(&codes::BAD_UNIT, message).at(at, "");
    reading.report(diagnostic.help(format!("write a {kind} such as {}", T::SUCH_AS)));
    None
}

/// A quantity that stands still or ramps across its phase.
pub(super) fn varying<T: Unit>(node: &Node, reading: &Reading<'_>) -> Option<Varying<T>> {
    varying_of(node, reading, |node, reading| unit(node, reading))
}

/// The same for what has no unit.
pub(super) fn varying_of<'a, T>(
    node: &'a Node,
    reading: &'a Reading<'a>,
    decode: impl Fn(&'a Node, &'a Reading<'a>) -> Option<T>,
) -> Option<Varying<T>> {
    if node.as_table().is_none() {
        return decode(node, reading).map(Varying::Fixed);
    }
    let mut table = TableReader::open(node, "a ramp", reading)?;
    let from = table.required("from", &decode);
    let to = table.required("to", &decode);
    let shape = table.optional("shape", word::<Shape>).unwrap_or_default();
    table.finish();
    Some(Varying::Ramp(Ramp { from: from?, to: to?, shape }))
}

/// True for a table that is a ramp and not a choice.
pub(super) fn is_ramp(node: &Node) -> bool {
    node.as_table().is_some_and(|table| table.get("from").is_some() || table.get("to").is_some())
}

/// A duration longer than zero.
pub(super) fn some_time(node: &Node, reading: &Reading<'_>) -> Option<TimeSpan> {
    let span: TimeSpan = unit(node, reading)?;
    if span.is_zero() {
        return wrong(&codes::OUT_OF_RANGE, node.at, "this must be longer than zero", reading);
    }
    Some(span)
}

/// A share of at most the whole.
pub(super) fn share(node: &Node, reading: &Reading<'_>) -> Option<Ratio> {
    let ratio: Ratio = unit(node, reading)?;
    if ratio.get() > 1.0 {
        return wrong(&codes::BAD_SHARE, node.at, format!("{ratio} is more than the whole"), reading);
    }
    Some(ratio)
}

/// A share of at most the whole, which may ramp.
pub(super) fn varying_share(node: &Node, reading: &Reading<'_>) -> Option<Varying<Ratio>> {
    varying_of(node, reading, share)
}

/// A rate above zero.
pub(super) fn some_rate(node: &Node, reading: &Reading<'_>) -> Option<Rate> {
    let rate: Rate = unit(node, reading)?;
    if rate.get() <= 0.0 {
        return wrong(&codes::OUT_OF_RANGE, node.at, "this rate must be above zero", reading);
    }
    Some(rate)
}

/// Retries per first attempt: a share, or a bare ratio as the policies' own literature writes it.
pub(super) fn ratio(node: &Node, reading: &Reading<'_>) -> Option<Ratio> {
    match node.value {
        Value::Float(number) if (0.0..=1000.0).contains(&number) => Some(Ratio::new(number)),
        Value::Integer(number) if (0..=1000).contains(&number) => Some(Ratio::new(number as f64)),
        _ => unit(node, reading),
    }
}
