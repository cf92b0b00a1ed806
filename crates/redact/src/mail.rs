//! Mail addresses, written plainly or with the sign spelled out.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

/// Longest part before the sign, and longest host, in bytes (RFC 5321, 4.5.3.1).
const LOCAL_BYTES_MAX: usize = 64;
const HOST_BYTES_MAX: usize = 255;

static SPELLED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b[\w.+-]{1,64} ?(?:\[at\]|\(at\)|\{at\}|<at>) ?[\w-]{1,63}",
        r"(?: ?(?:\.|\[dot\]|\(dot\)|\{dot\}|<dot>) ?[a-z0-9-]{2,63}){1,4}\b",
    ))
    .expect("a constant pattern")
});

/// Where to look for them, since the pattern above is slow.
static SIGN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)[\[({<]at[\])}>]").expect("a constant pattern"));

/// Finds mail addresses.
pub(crate) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = vec![];
    for (at, _) in text.match_indices('@') {
        if let Some(range) = around(text, at)
            && found.last().is_none_or(|last| last.end <= range.start)
        {
            found.push(range);
        }
    }
    for sign in SIGN.find_iter(text) {
        let start = text.ceil_char_boundary(sign.start().saturating_sub(LOCAL_BYTES_MAX + 1));
        let end = text.floor_char_boundary(sign.end() + HOST_BYTES_MAX);
        found.extend(SPELLED.find(&text[start..end]).map(|m| start + m.start()..start + m.end()));
    }
    found
}

/// The address whose sign stands there.
fn around(text: &str, at: usize) -> Option<Range<usize>> {
    let is_local = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
    let before = text[..at].char_indices().rev();
    let start = before.take_while(|(i, c)| is_local(*c) && at - i <= LOCAL_BYTES_MAX).last()?.0;
    // Quotes, dashes of a list and the like are no part of it.
    let local = text[start..at].trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_');
    let is_host = |c: char| c.is_alphanumeric() || ".-_".contains(c);
    let after = text[at + 1..].char_indices();
    let (last, c) = after.take_while(|(i, c)| is_host(*c) && *i < HOST_BYTES_MAX).last()?;
    let host = text[at + 1..at + 1 + last + c.len_utf8()].trim_end_matches(['.', '-', '_']);
    let (_, top) = host.rsplit_once('.')?;
    // The top domain has letters, which tells an address from `2@1.5`.
    let is_address = !local.is_empty()
        && host.starts_with(char::is_alphanumeric)
        && top.chars().count() >= 2
        && top.chars().any(char::is_alphabetic);
    is_address.then(|| at - local.len()..at + 1 + host.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses_are_found_whole() {
        for (text, expected) in [
            ("Write to ada.l+x@mail.example.org.", vec!["ada.l+x@mail.example.org"]),
            ("<ada@example.org>, 'bo@example.co.uk'", vec!["ada@example.org", "bo@example.co.uk"]),
            ("mailto:Ada@Example.org?subject=x", vec!["Ada@Example.org"]),
            ("jörg@müller.de", vec!["jörg@müller.de"]),
            ("ada [at] example [dot] org", vec!["ada [at] example [dot] org"]),
            ("Mail me @home, or 2@1.5, or a@b", vec![]),
            ("@@@@ @. .@. a@.b", vec![]),
        ] {
            let found: Vec<&str> = find(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
