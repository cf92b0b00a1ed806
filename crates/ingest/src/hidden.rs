//! Characters that a reader cannot see but a model would read: zero-width, bidirectional controls, tags.
//!
//! They carry hidden instructions ("ASCII smuggling" with U+E0000) and break words for search, so no plain text has them.

/// Whether this character is invisible and has no place in any script's plain text.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether this is a joiner, which Persian, Indic scripts and emoji need and Latin text never does.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// The text without hidden characters, and how many there were.
pub(crate) fn drop_hidden(text: &str) -> (String, usize) {
    let mut visible = String::with_capacity(text.len());
    let mut n_dropped = 0;
    for run in visible_runs(text) {
        visible.push_str(&text[run]);
    }
    if visible.len() < text.len() {
        n_dropped = text.chars().count() - visible.chars().count();
    }
    (visible, n_dropped)
}

/// The byte ranges between hidden characters, in order.
pub(crate) fn visible_runs(text: &str) -> Vec<std::ops::Range<usize>> {
    if text.is_ascii() && !text.bytes().any(|b| is_hidden(char::from(b))) {
        return std::iter::once(0..text.len()).collect();
    }
    let mut runs = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map_or(' ', |(_, next)| *next);
        if is_hidden(c) || (is_joiner(c) && (before.is_ascii() || after.is_ascii())) {
            if start < at {
                runs.push(start..at);
            }
            start = at + c.len_utf8();
        } else {
            before = c;
        }
    }
    if start < text.len() {
        runs.push(start..text.len());
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_go_and_joiners_stay_where_a_script_needs_them() {
        for (text, expected) in [
            ("plain", "plain"),
            ("ig\u{200b}nore \u{202e}all\u{202c}", "ignore all"),
            ("hi\u{e0041}\u{e0042}", "hi"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("👩\u{200d}💻", "👩\u{200d}💻"),
            ("a\u{200d}b", "ab"),
            ("line\nbreak\ttab", "line\nbreak\ttab"),
        ] {
            assert_eq!(drop_hidden(text).0, expected);
        }
    }
}
