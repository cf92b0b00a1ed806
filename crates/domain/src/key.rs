//! Keys by which people and programs name what a site has: teams, roles, segments.

/// Whether a text can be such a key: 1 to `bytes_max` of `a-z 0-9 _ -`.
pub(crate) fn is_key(text: &str, bytes_max: usize) -> bool {
    (1..=bytes_max).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short_and_plain() {
        for (text, expected) in [
            ("support", true),
            ("2nd_line-eu", true),
            ("", false),
            ("Support", false),
            ("a b", false),
            ("ß", false),
        ] {
            assert_eq!(is_key(text, 11), expected, "{text:?}");
        }
        assert!(!is_key("2nd_line-eu", 10));
    }
}
