//! Numbers that belong to one person. Each has its own file and its own proof.

pub(crate) mod card;
pub(crate) mod iban;
pub(crate) mod national;
pub(crate) mod phone;

use std::ops::Range;

/// Whether a digit or letter touches the range, so that it is a part of something longer.
fn is_part(text: &str, range: &Range<usize>) -> bool {
    text[..range.start].ends_with(|c: char| c.is_alphanumeric() || c == '_')
        || text[range.end..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// The digits alone.
fn digits(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect()
}

/// The sum by which cards and some national numbers prove themselves (ISO/IEC 7812-1, annex B).
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let digit = u32::from(*digit);
            if at % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
        })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}
