//! Bank accounts: ISO 13616, in one piece or in groups of four, in either case.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u:\b[a-z]{2}[0-9]{2}(?:[ \-]?[a-z0-9]{4}){2,7}(?:[ \-]?[a-z0-9]{1,4})?)")
        .expect("a constant pattern")
});
/// Countries with their account's length (the register of ISO 13616, as known in 2024).
const LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 \
    EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 \
    LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 \
    RS22 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20";

/// Finds account numbers: the country's length is enough, and so is the sum with another length.
pub(crate) fn find(text: &str) -> Vec<Range<usize>> {
    SHAPE.find_iter(text).filter_map(|m| account(text, m.range())).collect()
}

/// The account in the range, which may have taken the words after it too.
fn account(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let shown = &text[range.clone()];
    let plain: Vec<(usize, u8)> =
        shown.bytes().enumerate().filter(|(_, c)| c.is_ascii_alphanumeric()).collect();
    let country = shown[..2].to_ascii_uppercase();
    let length: usize =
        LENGTHS.split_whitespace().find_map(|entry| entry.strip_prefix(country.as_str())?.parse().ok())?;
    let end_of = |n: usize| plain.get(n - 1).map(|(at, _)| range.start + at + 1);
    let is_whole = |end: usize| !text[end..].starts_with(|c: char| c.is_alphanumeric());
    if let Some(end) = end_of(length).filter(|end| is_whole(*end)) {
        let n_digits = text[range.start..end].bytes().filter(u8::is_ascii_digit).count();
        // A third of digits tells it from words that happen to be as long.
        return (n_digits * 3 >= length).then_some(range.start..end);
    }
    let proven = is_whole(range.end) && mod97(&plain);
    proven.then_some(range)
}

/// The check of ISO 7064: the number with its head moved to the end leaves 1.
fn mod97(plain: &[(usize, u8)]) -> bool {
    let moved = plain[4..].iter().chain(&plain[..4]);
    let rest = moved.fold(0_u32, |rest, (_, c)| match c {
        b'0'..=b'9' => (rest * 10 + u32::from(c - b'0')) % 97,
        _ => (rest * 100 + u32::from(c.to_ascii_uppercase() - b'A') + 10) % 97,
    });
    rest == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_found_by_shape() {
        for (text, expected) in [
            ("IBAN: DE89370400440532013000!", vec!["DE89370400440532013000"]),
            ("to de89 3704 0044 0532 0130 00 please", vec!["de89 3704 0044 0532 0130 00"]),
            ("GB29-NWBK-6016-1331-9268-19", vec!["GB29-NWBK-6016-1331-9268-19"]),
            ("GB00NWBK60161331926819", vec!["GB00NWBK60161331926819"]),
            ("ab12cd34ef56ab78cd90, to12 make sure that this", vec![]),
            ("DE8937040044", vec![]),
        ] {
            let found: Vec<&str> = find(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
