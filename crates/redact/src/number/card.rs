//! Payment cards: 13 to 19 digits, 12 of the oldest Maestro, in the groups that are printed on them.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{digits, is_part, luhn};

/// How far back a word such as `card` may stand.
const NAMED_BYTES: usize = 48;

static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\d{4}[ .-]\d{4}[ .-]\d{4}[ .-]\d{4}(?:[ .-]\d{1,3})?|\d{4}[ -]\d{4}[ -]\d{4}[ -]\d",
        r"|\d{4}[ -]\d{6}[ -]\d{4,5}|\d{12,19}",
    ))
    .expect("a constant pattern")
});
/// What makes any number of a card's length one.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:(?:credit|debit|bank) ?cards?|card(?: number| no\.?| #)?|cc|maestro|mastercard|visa|amex)\b[^\n]{0,24}$")
        .expect("a constant pattern")
});

/// Finds card numbers.
pub(crate) fn find(text: &str) -> Vec<Range<usize>> {
    let found = SHAPE.find_iter(text).map(|m| m.range());
    found.filter(|range| !is_part(text, range) && is_card(text, range)).collect()
}

/// A brand's prefix is enough, as a number with a slip of the pen is no less of a card; Luhn's sum is enough where
/// the number is no time in milliseconds and no date with a time, of which one in ten has it by chance.
fn is_card(text: &str, range: &Range<usize>) -> bool {
    let shown = &text[range.clone()];
    let digits = digits(shown);
    let is_grouped = shown.contains([' ', '-', '.']);
    // `=1234567890123` is a parameter, `/1234567890123` a part of a path, and so on.
    let is_parameter = text[..range.start].ends_with(['=', '/', '\\', '#', '.', '$', '%', '&']);
    if is_parameter {
        return false;
    }
    let before = &text[text.ceil_char_boundary(range.start.saturating_sub(NAMED_BYTES))..range.start];
    NAMED.is_match(before)
        || is_brand(&digits)
        || (digits.len() > 12 && luhn(&digits) && (is_grouped || !is_time(&digits)))
}

/// Prefix and length as the brands have them (ISO/IEC 7812; Visa, Mastercard, Amex, Diners, Discover, JCB, Maestro,
/// UnionPay).
fn is_brand(digits: &[u8]) -> bool {
    let head = |n: usize| digits[..n].iter().fold(0_u32, |head, digit| head * 10 + u32::from(*digit));
    match digits.len() {
        13 | 19 => digits[0] == 4,
        14 => matches!(head(3), 300..=305 | 309 | 360..=369 | 380..=399),
        15 => matches!(head(2), 34 | 37) || matches!(head(4), 1800 | 2131),
        16 => {
            digits[0] == 4
                || matches!(head(2), 51..=55 | 35 | 50 | 56..=58 | 62 | 64 | 65 | 67)
                || matches!(head(4), 2221..=2720 | 6011 | 6304)
        }
        _ => false,
    }
}

/// `1700000000000` or `20241121103000`.
fn is_time(digits: &[u8]) -> bool {
    (matches!(digits.len(), 13 | 16..) && digits[0] == 1)
        || matches!(digits, [1, 9, 7..=9, ..] | [2, 0, 0..=4, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_found_by_brand_or_sum() {
        for (text, expected) in [
            ("card 4111 1111 1111 1111, please", vec!["4111 1111 1111 1111"]),
            ("4111-1111-1111-1112", vec!["4111-1111-1111-1112"]),
            ("3782 822463 10005 and 30569309025904", vec!["3782 822463 10005", "30569309025904"]),
            ("5555555555554444", vec!["5555555555554444"]),
            ("at 1700000000000 or 20241121103000", vec![]),
            ("id=4111111111111111 x4111111111111111", vec![]),
            ("my card 503867297114 expires", vec!["503867297114"]),
            ("order 1234 5678, contact card 1401073", vec![]),
        ] {
            let found: Vec<&str> = find(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
