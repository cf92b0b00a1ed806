//! Web addresses, which stay, and what within them must not: the user and the password before the host.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::Kind;

static WEB: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:[a-z][a-z0-9+.-]{1,15}://|www\.)[^\s<>"'\[\]{}|\\^`]+"#)
        .expect("a constant pattern")
});

/// The web addresses, without the punctuation that ends a sentence.
pub(crate) fn find(text: &str) -> Vec<Range<usize>> {
    let trimmed = |m: regex::Match| m.start()..m.start() + m.as_str().trim_end_matches(TAIL).len();
    WEB.find_iter(text).map(trimmed).collect()
}

const TAIL: [char; 9] = ['.', ',', ';', ':', '!', '?', ')', '*', '_'];

/// `ada:hunter2` of `https://ada:hunter2@example.org/`.
pub(crate) fn credentials(text: &str, web: &[Range<usize>]) -> Vec<Range<usize>> {
    let within = |range: &Range<usize>| {
        let url = &text[range.clone()];
        let host = url.find("://")? + 3;
        let authority = url[host..].split(['/', '?', '#']).next().unwrap_or_default();
        let (user, _) = authority.rsplit_once('@')?;
        (!user.is_empty()).then(|| range.start + host..range.start + host + user.len())
    };
    web.iter().filter_map(within).collect()
}

/// The labels that stand in the text already.
pub(crate) fn labels(text: &str) -> Vec<Range<usize>> {
    let mut labels = vec![];
    for (at, _) in text.match_indices('[') {
        let label = Kind::ALL.into_iter().map(Kind::label).find(|label| text[at..].starts_with(label));
        labels.extend(label.map(|label| at..at + label.len()));
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses_end_before_punctuation() {
        for (text, expected) in [
            ("See https://example.org/a?b=c.", vec!["https://example.org/a?b=c"]),
            (
                "(www.example.org), imap://mail.example.org:993!",
                vec!["www.example.org", "imap://mail.example.org:993"],
            ),
            ("No web here: a://b is one letter too short.", vec![]),
        ] {
            let found: Vec<&str> = find(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn only_the_part_before_the_host_is_secret() {
        for (text, expected) in
            [("https://ada:hunter2@example.org/x", vec!["ada:hunter2"]), ("https://example.org/@ada", vec![])]
        {
            let found: Vec<&str> =
                credentials(text, &find(text)).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected);
        }
    }
}
