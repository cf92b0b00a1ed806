//! Checks of what people type: length, emptiness, and whether it is text at all.

use crate::DeskError;

/// Checks a text that a person typed and gives it back without surrounding space.
///
/// # Errors
/// [`DeskError::TooLarge`] over the limit, [`DeskError::Invalid`] when it is empty or no text.
pub(crate) fn text<'a>(field: &'static str, text: &'a str, bytes_max: usize) -> Result<&'a str, DeskError> {
    if text.len() > bytes_max {
        return Err(DeskError::TooLarge { field, bytes_max });
    }
    let trimmed = text.trim();
    if !trimmed.chars().any(|c| !c.is_whitespace() && !is_invisible(c)) {
        return Err(DeskError::invalid(field, "write something"));
    }
    if is_binary(trimmed) {
        return Err(DeskError::invalid(field, "this is not text"));
    }
    Ok(trimmed)
}

/// Checks an optional text; an empty one counts as absent.
pub(crate) fn optional<'a>(
    field: &'static str,
    value: Option<&'a str>,
    bytes_max: usize,
) -> Result<Option<&'a str>, DeskError> {
    match value.map(str::trim).filter(|value| !value.is_empty()) {
        None => Ok(None),
        Some(value) => text(field, value, bytes_max).map(Some),
    }
}

/// Checks an optional text that is to stand on one line.
pub(crate) fn line(
    field: &'static str,
    value: Option<&str>,
    bytes_max: usize,
) -> Result<Option<String>, DeskError> {
    Ok(optional(field, value, bytes_max)?.map(one_line))
}

/// A text on one line: any white space in it becomes a space.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Checks that a place in a list can be an id.
///
/// # Errors
/// [`DeskError::Invalid`] for any other text.
pub(crate) fn place(after: Option<String>) -> Result<Option<String>, DeskError> {
    let is_id = |text: &String| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    match after {
        Some(text) if !is_id(&text) => Err(DeskError::invalid("after", "send next of the page before")),
        after => Ok(after),
    }
}

/// Checks that what somebody has read, if they say so, is what stands there.
///
/// # Errors
/// [`DeskError::Stale`] when it was changed meanwhile.
pub(crate) fn revision(expected: Option<i64>, current: i64) -> Result<(), DeskError> {
    match expected {
        Some(expected) if expected != current => Err(DeskError::Stale { current }),
        _ => Ok(()),
    }
}

/// Checks a mail address as far as that can be done without sending to it (RFC 5321: 254 bytes, one `@`).
pub(crate) fn email(value: &str) -> Result<String, DeskError> {
    let address = value.trim().to_lowercase();
    let ok = address.len() <= 254
        && address.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty()
                && local.len() <= 64
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
                && !host.contains('@')
        })
        && !address.chars().any(|c| c.is_whitespace() || c.is_control() || "<>(),;:\"[]\\".contains(c));
    if ok { Ok(address) } else { Err(DeskError::invalid("email", "write an address such as cy@example.org")) }
}

/// Whether a character shows nothing: zero-width and direction marks.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Control characters other than line ends and tabs never come from a keyboard; a replacement character now and then
/// does (broken encodings), a tenth of the text does not.
fn is_binary(text: &str) -> bool {
    let n_chars = text.chars().count();
    let n_control = text.chars().filter(|&c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')).count();
    let n_replaced = text.chars().filter(|&c| c == '\u{fffd}').count();
    text.contains('\0') || n_control * 100 > n_chars || n_replaced * 10 > n_chars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_must_be_text_of_bounded_length() {
        for (input, ok) in [
            ("How do I reset my password?", true),
            ("  密码  ", true),
            ("line one\nline two\t.", true),
            ("", false),
            ("   \n\t ", false),
            ("\u{200b}\u{200b}", false),
            ("\u{0}\u{1}\u{2}ELF", false),
            ("\u{fffd}\u{fffd}\u{fffd}a", false),
        ] {
            assert_eq!(text("text", input, 1000).is_ok(), ok, "{input:?}");
        }
        assert!(matches!(text("text", &"a".repeat(1001), 1000), Err(DeskError::TooLarge { .. })));
    }

    #[test]
    fn addresses_are_lowered_or_refused() {
        assert_eq!(email(" Cy@Example.org ").unwrap(), "cy@example.org");
        for wrong in
            ["", "cy", "cy@", "@x.org", "a b@x.org", "cy@x", "cy@x.org\r\nBcc: y@z.org", "<cy@x.org>"]
        {
            assert!(email(wrong).is_err(), "{wrong:?}");
        }
    }
}
