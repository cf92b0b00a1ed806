//! How long a text is, in words that cost a model about the same in every script.

use std::ops::Range;

/// Counts words. A long run without spaces counts once more for every 16 characters;
/// scripts without spaces count two characters (Thai, Lao, Khmer, Burmese: four) as a word.
pub(super) fn n_words(text: &str) -> usize {
    let mut counter = Counter::default();
    text.chars().for_each(|c| counter.push(c));
    counter.words()
}

/// Cuts a range of the text into ranges of at most `words_max` words: at line ends or spaces, else between characters.
pub(super) fn cut(text: &str, range: Range<usize>, words_max: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = range.start;
    let mut space = None;
    let mut counter = Counter::default();
    let mut since_space = Counter::default();
    for (offset, c) in text[range.clone()].char_indices() {
        let at = range.start + offset;
        counter.push(c);
        since_space.push(c);
        if c.is_whitespace() {
            space = Some(at + c.len_utf8());
            since_space = Counter::default();
        }
        if counter.words() > words_max && at > start {
            match space.take().filter(|space| *space > start) {
                Some(end) => {
                    parts.push(start..end);
                    start = end;
                    counter = std::mem::take(&mut since_space);
                }
                None => {
                    parts.push(start..at);
                    start = at;
                    counter = Counter::default();
                    counter.push(c);
                }
            }
            since_space = Counter::default();
        }
    }
    if start < range.end {
        parts.push(start..range.end);
    }
    parts
}

/// Counts in quarters of a word.
#[derive(Default, Clone)]
struct Counter {
    quarters: usize,
    run: usize,
}

impl Counter {
    fn push(&mut self, c: char) {
        if c.is_whitespace() {
            self.run = 0;
            return;
        }
        match u32::from(c) {
            // Hiragana to Hangul, CJK, and their extensions.
            0x2e80..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0xff00..=0xffef | 0x2_0000..=0x3_ffff => {
                self.quarters += 2;
                self.run = 0;
            }
            // Thai, Lao; Burmese; Khmer.
            0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff => {
                self.quarters += 1;
                self.run = 0;
            }
            _ => {
                if self.run.is_multiple_of(16) {
                    self.quarters += 4;
                }
                self.run += 1;
            }
        }
    }

    fn words(&self) -> usize {
        self.quarters.div_ceil(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_every_script() {
        for (text, expected) in [
            ("", 0),
            ("one two  three\nfour", 4),
            ("退款政策是什么", 4),
            ("https://example.com/a/very/long/path/to/a/page", 3),
        ] {
            assert_eq!(n_words(text), expected, "{text}");
        }
    }

    #[test]
    fn long_text_is_cut_at_spaces_or_anywhere() {
        let spaced = "word ".repeat(1000);
        let parts = cut(&spaced, 0..spaced.len(), 100);
        assert_eq!(parts.len(), 10);
        assert!(parts.iter().all(|part| part.start % 5 == 0));
        let solid = "漢".repeat(1000);
        assert!(cut(&solid, 0..solid.len(), 100).iter().all(|part| n_words(&solid[part.clone()]) <= 100));
    }
}
