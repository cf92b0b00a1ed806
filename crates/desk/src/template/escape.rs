//! Text that shows as it is in Markdown, whatever its writer tried: one line, and no mark of Markdown or HTML.

/// The text in one line, with a backslash before every mark that could mean something (CommonMark 0.31.2, 2.4, and the
/// extensions that `ingest` reads: tables, strikethrough, footnotes, links by themselves).
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut word = String::new();
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    for (n, each) in words.enumerate() {
        if n > 0 {
            out.push(' ');
        }
        word.clear();
        for c in each.chars() {
            if is_mark(c, &word) {
                out.push('\\');
            }
            out.push(c);
            word.push(c);
        }
        debug_assert_eq!(word, each);
    }
    out
}

/// Whether a character after these of its word could mean something.
fn is_mark(c: char, before: &str) -> bool {
    let last = before.chars().next_back();
    match c {
        // Harmless in the middle of a word; at its beginning a list, after a number too, and www. is a link.
        '.' => !last.is_some_and(char::is_alphabetic) || before.to_ascii_lowercase().ends_with("www"),
        '-' => !last.is_some_and(char::is_alphanumeric),
        ',' | ';' | '?' | '\'' | '"' | '%' => false,
        c => c.is_ascii_punctuation(),
    }
}
