//! Figures: numbers as people read them, the same in every report.
//!
//! Three significant digits with the unit beside them: more digits than the samples carry would claim a precision
//! that is not there, and a bare number has lost its unit by the time somebody misreads it.

use upstorm_model::verdict::{Interval, Relation, Unit};

/// A whole number with thousands apart: `12,345`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Three significant digits without trailing zeros; thousands apart from 1,000 on.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return "–".to_owned();
    }
    if size >= 1000.0 {
        let sign = if value < 0.0 { "-" } else { "" };
        return format!("{sign}{}", count(size.round() as u64));
    }
    if size < 5e-7 {
        return "0".to_owned();
    }
    let digits = (2 - size.log10().floor() as i32).clamp(0, 8) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Seconds in the unit that suits them: `812 ms`, `1.24 s`, `35 µs`.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds.abs() {
        0.0 => "0 ms".to_owned(),
        s if s < 0.000_999_5 => format!("{} µs", number(seconds * 1e6)),
        s if s < 0.9995 => format!("{} ms", number(seconds * 1e3)),
        s if s < 1000.0 => format!("{} s", number(seconds)),
        _ => format!("{} min", number(seconds / 60.0)),
    }
}

/// A share in percent. Near the whole the digits count what is missing from it: `99.95 %`.
pub(crate) fn share(part: f64) -> String {
    let percent = part * 100.0;
    if percent > 90.0 && percent < 100.0 {
        let missing = 100.0 - percent;
        let digits = (1 - missing.log10().floor() as i32).clamp(1, 6) as usize;
        let text = format!("{percent:.digits$}");
        return format!("{} %", text.trim_end_matches('0').trim_end_matches('.'));
    }
    format!("{} %", number(percent))
}

/// A measured value in its unit, as tables show it.
pub(crate) fn value(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Seconds => duration(value),
        Unit::Ratio => share(value),
        Unit::Count | Unit::Number => number(value),
        Unit::Times => format!("{}×", number(value)),
    }
}

/// A measured value in its unit, as it stands in a sentence: `3.9`, not `3.9×`.
pub(crate) fn spoken(number_of: f64, unit: Unit) -> String {
    if unit == Unit::Times { number(number_of) } else { value(number_of, unit) }
}

/// A probability: `p 0.003`, `p < 1e-9`.
pub(crate) fn chance(p: f64) -> String {
    match p {
        p if p < 1e-9 => "p < 1e-9".to_owned(),
        p if p < 1e-3 => format!("p {p:.0e}"),
        p => format!("p {}", number(p)),
    }
}

/// Both ends of an interval with as many decimals, the unit once where both have it: `3.44 to 3.60`, `119 to 131 ms`.
pub(crate) fn interval(i: &Interval, unit: Unit) -> String {
    let (low, high) = (spoken(i.low, unit), spoken(i.high, unit));
    let (from, unit_of_from) = low.split_once(' ').unwrap_or((&low, ""));
    let (to, unit_of_to) = high.split_once(' ').unwrap_or((&high, ""));
    if unit_of_from != unit_of_to {
        return format!("{low} to {high}");
    }
    let decimals = |text: &str| text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let digits = decimals(from).max(decimals(to));
    let padded = |text: &str| match decimals(text) {
        0 if digits == 0 => text.to_owned(),
        0 => format!("{text}.{}", "0".repeat(digits)),
        n => format!("{text}{}", "0".repeat(digits - n)),
    };
    format!("{} to {} {unit_of_to}", padded(from), padded(to)).trim_end().to_owned()
}

/// `≤` or `≥`.
pub(crate) const fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::AtMost => "≤",
        Relation::AtLeast => "≥",
    }
}

/// A rate per second.
pub(crate) fn rate(per_second: f64) -> String {
    format!("{}/s", number(per_second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_names_its_unit_once() {
        let said = |low, high, unit| interval(&Interval { low, high, confidence: 0.95 }, unit);
        assert_eq!(said(3.44, 3.6, Unit::Times), "3.44 to 3.60");
        assert_eq!(said(0.119, 0.131, Unit::Seconds), "119 to 131 ms");
        assert_eq!(said(0.9, 1.2, Unit::Seconds), "900 ms to 1.2 s");
        assert_eq!(said(0.0, 0.012, Unit::Ratio), "0.0 to 1.2 %");
        assert_eq!(said(2.0, 5.0, Unit::Count), "2 to 5");
    }

    #[test]
    fn three_digits_and_a_unit() {
        let cases = [
            (number(0.0), "0"),
            (number(3.9), "3.9"),
            (number(3.925), "3.92"),
            (number(12_345.6), "12,346"),
            (number(-1234.0), "-1,234"),
            (number(0.001_234), "0.00123"),
            (number(999.6), "1000"),
            (number(f64::NAN), "–"),
            (duration(0.0), "0 ms"),
            (duration(0.000_035), "35 µs"),
            (duration(0.8124), "812 ms"),
            (duration(1.236), "1.24 s"),
            (duration(7200.0), "120 min"),
            (chance(0.0), "p < 1e-9"),
            (chance(0.000_031), "p 3e-5"),
            (chance(0.0123), "p 0.0123"),
            (chance(1.0), "p 1"),
            (share(0.125), "12.5 %"),
            (share(0.9995), "99.95 %"),
            (share(0.999_95), "99.995 %"),
            (share(1.0), "100 %"),
            (share(0.0), "0 %"),
            (count(1_000_000), "1,000,000"),
            (count(999), "999"),
        ];
        for (said, expected) in cases {
            assert_eq!(said, expected);
        }
    }
}
