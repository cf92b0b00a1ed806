//! A text as words with their places, once for names and street addresses.

use std::ops::Range;

/// A word or a number: letters and digits, with apostrophes and hyphens within.
#[derive(Debug, Clone)]
pub(crate) struct Word<'a> {
    /// As it stands there.
    pub text: &'a str,
    /// Lower case, without the `'s` of possession.
    pub lower: String,
    /// Byte offsets, without the `'s` of possession.
    pub range: Range<usize>,
    /// What stands between the word before and this one.
    pub gap: &'a str,
}

impl Word<'_> {
    /// Whether it begins with a capital and is no number.
    pub(crate) fn is_capital(&self) -> bool {
        self.text.starts_with(char::is_uppercase)
    }

    /// Whether it begins with a digit.
    pub(crate) fn is_number(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Whether it is one capital letter.
    pub(crate) fn is_initial(&self) -> bool {
        self.is_capital() && self.text.chars().nth(1).is_none()
    }

    /// Whether a line begins with it; quote and list signs do not count.
    pub(crate) fn begins_line(&self) -> bool {
        self.range.start == self.gap.len() || self.gap.contains('\n')
    }

    /// Whether a sentence begins with it.
    pub(crate) fn begins_sentence(&self) -> bool {
        self.begins_line() || self.gap.contains(['.', '!', '?', ':', '"', '“', '•', '*'])
    }

    /// Whether only a blank stands before it.
    pub(crate) fn follows(&self) -> bool {
        matches!(self.gap, " " | "  " | "\u{a0}")
    }
}

/// The words in order.
pub(crate) fn split(text: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word> = vec![];
    let mut last = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if !c.is_alphanumeric() {
            continue;
        }
        let mut end = start + c.len_utf8();
        while let Some((at, c)) = chars.peek().copied() {
            let inner = matches!(c, '\'' | '’' | '-')
                && text[at + c.len_utf8()..].starts_with(char::is_alphabetic)
                && text[..at].ends_with(char::is_alphabetic);
            if !(c.is_alphanumeric() || inner || is_mark(c)) {
                break;
            }
            end = at + c.len_utf8();
            chars.next();
        }
        let whole = &text[start..end];
        let own = ["'s", "’s", "'S", "’S"].iter().find_map(|s| whole.strip_suffix(s)).unwrap_or(whole);
        let range = start..start + own.len();
        words.push(Word { text: own, lower: own.to_lowercase(), gap: &text[last..start], range });
        last = end;
    }
    words
}

/// Accents that follow their letter.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// The last word of a text whose end it is; signs other than letters between it and the end do not count, as in
/// `version: `.
pub(crate) fn word_before(before: &str) -> &str {
    const FAR: usize = 3;
    let gap: usize =
        before.chars().rev().take_while(|c| !c.is_alphanumeric()).take(FAR).map(char::len_utf8).sum();
    let before = &before[..before.len() - gap];
    let length: usize =
        before.chars().rev().take_while(|c| c.is_alphabetic()).take(20).map(char::len_utf8).sum();
    &before[before.len() - length..]
}
