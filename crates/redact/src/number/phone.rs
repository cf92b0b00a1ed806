//! Telephone numbers: international, with an area code, or local next to a word such as `call`.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

/// Digits of a number with its country (ITU-T E.164 allows 15), and of the shortest local one.
const DIGITS_MAX: usize = 15;
const DIGITS_MIN: usize = 7;
/// How far a word such as `call me at` may stand before the number, in bytes.
const CUE_BYTES: usize = 48;

static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:\+ ?|\b00)?(?:\d{1,4}[ .\-/\u{a0}]{0,2})?(?:\(\+?\d{1,5}\)[ .\-/\u{a0}]{0,2})?",
        r"\d{1,12}(?:[ .\-/\u{a0}\u{2011}\u{2013}]{1,2}\d{2,8}){0,6}(?: ?(?:x|ext\.?|extension) ?\d{1,5})?",
    ))
    .expect("a constant pattern")
});
/// Words near a telephone number, in the languages with phrases of their own.
static CUES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:^|[^\[\w])(?:phones?|tel|telephone|telefon\w*|telefoon\w*|téléphone|teléfono|telefone|telefono|mobile?|mobil\w*|",
        r"móvil|celular|cell|cellphone|fax|desk|landline|hotline|handy|rufnummer|whatsapp|sms|text me|call(?:ing)?|",
        r"call(?:ed)? me|ring|dial|reach(?:ed)?|anruf\w*|rufen|erreich\w*|appel\w*|llam\w*|liga\w*|chiama\w*|bel me|",
        r"answering|messages? (?:to|on|at|from)|registered|contact (?:number|me|us)|номер|телефон\w*|هاتف)\b",
    ))
    .expect("a constant pattern")
});
static CUES_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^[ \-,(]{0,3}(?:fax|office|mobile|phone|cell|home|work|desk|landline|tel)\b")
        .expect("a constant pattern")
});
static NOT_CALLED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:\b(?:error|code|bug|ticket|case|order|version|build|id|uid|port|invoice|serial|isbn|article|",
        r"bugzilla|kb|number of|size|bytes|total|line|sku|model|release)s?[ :#.=]{0,3}|[#=/\\_$€£%&@*.:]|[0-9][,:])$",
    ))
    .expect("a constant pattern")
});
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^(?:[%°€$£:@=]|[.,]\d| ?(?:[kmgt]i?b|bytes?|bits?|ms|msecs?|seconds|messages|mails|e-?mails|",
        r"folders|files|items|px|dpi|hz|eur|usd|gbp)\b)",
    ))
    .expect("a constant pattern")
});

/// Finds telephone numbers; those in `addresses` are house numbers and postal codes.
pub(crate) fn find(text: &str, addresses: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = vec![];
    let mut at = 0;
    while let Some(m) = SHAPE.find_at(text, at) {
        let range = m.range();
        let is_number = !is_inner(text, &range) && is_phone(text, &range);
        // What is refused may begin with a date or a house number: the next group gets its chance.
        at = if is_number { range.end } else { second_group(text, &range) };
        if is_number {
            found.push(range);
        }
    }
    found.retain(|range| !is_covered(addresses, range) || text[range.clone()].starts_with(['+', '(']));
    found
}

/// Whether one of the sorted ranges covers it.
fn is_covered(ranges: &[Range<usize>], range: &Range<usize>) -> bool {
    let after = ranges.partition_point(|other| other.start <= range.start);
    after.checked_sub(1).is_some_and(|at| ranges[at].end >= range.end)
}

/// Where the second group of digits begins, or the end.
fn second_group(text: &str, range: &Range<usize>) -> usize {
    let shown = &text[range.clone()];
    let first = shown.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let gap = shown[first..].find(|c: char| !c.is_ascii_digit()).map(|gap| first + gap);
    let next = gap.and_then(|gap| Some(gap + shown[gap..].find(|c: char| c.is_ascii_digit())?));
    next.map_or(range.end, |next| range.start + next)
}

/// Whether it is a part of a word, a decimal or a longer number.
fn is_inner(text: &str, range: &Range<usize>) -> bool {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '+')
        || ["-", "."].iter().any(|sign| {
            before.strip_suffix(sign).is_some_and(|before| before.ends_with(|c: char| c.is_alphanumeric()))
        }) && !text[range.clone()].starts_with('+')
        || after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        || after
            .strip_prefix(['-', '.', '/'])
            .is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()))
}

fn is_phone(text: &str, range: &Range<usize>) -> bool {
    let shown = &text[range.clone()];
    let (main, _extension) = shown.split_once(['x', 'e']).unwrap_or((shown, ""));
    let groups: Vec<&str> =
        main.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let n_digits: usize = groups.iter().map(|group| group.len()).sum();
    if !(DIGITS_MIN..=DIGITS_MAX).contains(&n_digits)
        || has_date(&groups)
        || UNIT.is_match(&text[range.end..])
    {
        return false;
    }
    let before = &text[..range.start];
    if shown.starts_with('+') {
        return n_digits > DIGITS_MIN || has_cue(text, range);
    }
    !NOT_CALLED.is_match(tail(before, 24)) && (has_shape(main, &groups, n_digits) || has_cue(text, range))
        || (has_cue(text, range) && before.ends_with([':', '.']) && groups[0].len() > 1)
}

/// Whether it looks like a telephone number and like nothing else.
fn has_shape(main: &str, groups: &[&str], n_digits: usize) -> bool {
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let is_even = lengths.iter().all(|length| *length >= 2);
    match lengths.as_slice() {
        // (030) 1234567
        _ if main.starts_with('(') => n_digits >= 7,
        _ if main.contains('(') => n_digits >= 9,
        [3, 3, 4] | [1, 3, 3, 4] => true,
        [5, 6] | [4, 3, 3] | [4, 7] | [3, 7] | [5, 5] => main.starts_with('0'),
        // Pairs and trios as in most of Europe; a size in groups of three begins with no zero.
        [2, 2, 2, 2] => main.contains(['-', ' ']),
        [_, _, _, ..] if main.starts_with('0') => is_even && n_digits >= 9,
        [first, rest @ ..] if rest.len() >= 2 => {
            let is_size = *first <= 3 && rest.iter().all(|length| *length == 3);
            is_even && !is_size && n_digits >= 9 && !main.contains(['.', '/'])
        }
        _ => false,
    }
}

/// Whether a day stands in it: `2024-11-21`, `21.11.2024`.
fn has_date(groups: &[&str]) -> bool {
    let number = |group: &str| group.parse::<u32>().unwrap_or(u32::MAX);
    let is_year = |group: &str| group.len() == 4 && (1900..2100).contains(&number(group));
    let is_day = |group: &str| group.len() <= 2 && (1..=31).contains(&number(group));
    groups.windows(3).any(|three| {
        is_day(three[1]) && (is_year(three[0]) && is_day(three[2]) || is_day(three[0]) && is_year(three[2]))
    })
}

/// Whether the text around says that it is one.
fn has_cue(text: &str, range: &Range<usize>) -> bool {
    let before = tail(&text[..range.start], CUE_BYTES);
    // A field's name may stand on the line above its value.
    let trimmed = before.trim_end();
    let line = trimmed.rsplit('\n').next().unwrap_or(trimmed);
    let above = before.len() - trimmed.len() <= 2 || !before[trimmed.len()..].contains('\n');
    above && (CUES.is_match(line)) || CUES_AFTER.is_match(&text[range.end..])
}

fn tail(text: &str, n_bytes: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(n_bytes))..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephone_numbers_are_found_by_shape_or_by_a_word_beside_them() {
        for (text, expected) in [
            ("+49 30 1234567 or +41 (0)69 979 80 58", vec!["+49 30 1234567", "+41 (0)69 979 80 58"]),
            ("(08) 8747 6301, 905-674-3793", vec!["(08) 8747 6301", "905-674-3793"]),
            ("(898)666-3621x0135", vec!["(898)666-3621x0135"]),
            ("01.84.17.61.18 and 0341 8387176", vec!["01.84.17.61.18", "0341 8387176"]),
            ("Mobile: 99 668472\nFax: 3660170548", vec!["99 668472", "3660170548"]),
            ("call me on 450 0840?", vec!["450 0840"]),
            ("Phone:\n467 3395", vec!["467 3395"]),
            ("781 1704 office", vec!["781 1704"]),
            ("on 2024-11-21 10:30, 21.11.2024, 12/31/2023", vec![]),
            ("Thunderbird 115.10.1, Windows 10.0.19045.3803", vec![]),
            ("error 0x80070005, 550 5.7.1, ticket 1401073", vec![]),
            ("12 345 678 bytes, 1,234,567, 1700000000", vec![]),
            ("port 993 or 465, 1920 1080", vec![]),
        ] {
            let found: Vec<&str> = find(text, &[]).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
