//! Ids in header values: numbers as lower-case hexadecimal digits.
//!
//! Each attempt carries several, at thousands of attempts a second: the standard library's formatter, which grows a
//! string piece by piece, took a twentieth of a simulated run.

use http::header::HeaderValue;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Fills a place with the last digits of a number, with zeros in front.
pub(crate) fn fill(place: &mut [u8], number: u128) {
    let mut rest = number;
    for digit in place.iter_mut().rev() {
        *digit = DIGITS[(rest & 0xf) as usize];
        rest >>= 4;
    }
}

/// The last `N` digits of a number, with zeros in front.
pub(crate) fn value<const N: usize>(number: u128) -> HeaderValue {
    let mut digits = [0; N];
    fill(&mut digits, number);
    of_text(&digits)
}

/// A value of text that is known to be one.
pub(crate) fn of_text(text: &[u8]) -> HeaderValue {
    HeaderValue::from_bytes(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_library_writes_them() {
        for number in [0, 1, 0xf0, u128::from(u64::MAX), u128::MAX, 0x0123_4567_89ab_cdef << 60] {
            assert_eq!(value::<32>(number), format!("{number:032x}"));
            assert_eq!(value::<16>(number), format!("{:016x}", number as u64));
        }
    }
}
