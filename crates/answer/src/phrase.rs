//! Finds phrases in what people write: by whole words where words have boundaries, anywhere in the other scripts.

/// A text split into lower-case words, ready for phrases.
pub(crate) struct Phrased {
    words: Vec<String>,
    /// All letters and digits without anything between them, for scripts without spaces.
    run: String,
}

impl Phrased {
    pub(crate) fn new(text: &str) -> Self {
        let words = words(text);
        let run = words.concat();
        Self { words, run }
    }

    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether a pattern occurs: a phrase of whole words, the last of which may end in `*`.
    pub(crate) fn contains(&self, pattern: &str) -> bool {
        if is_spaceless(pattern) {
            return self.run.contains(&words(pattern).concat());
        }
        let prefix = pattern.trim_end().ends_with('*');
        let pattern = words(pattern);
        !pattern.is_empty()
            && self.words.windows(pattern.len()).any(|window| {
                let last = pattern.len() - 1;
                let ends = if prefix {
                    window[last].starts_with(&pattern[last])
                } else {
                    window[last] == pattern[last]
                };
                ends && window[..last] == pattern[..last]
            })
    }

    /// Whether any of the patterns occurs.
    pub(crate) fn contains_any<'p>(&self, patterns: impl IntoIterator<Item = &'p String>) -> bool {
        patterns.into_iter().any(|pattern| self.contains(pattern))
    }

    /// Whether the text is exactly this phrase.
    pub(crate) fn is(&self, phrase: &str) -> bool {
        self.run == words(phrase).concat()
    }
}

/// Lower-case words: letters, digits and their marks. Apostrophes belong to no word, so `don't` and `don’t` are `dont`.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![];
    let mut word = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || is_mark(c) {
            word.push(c);
        } else if !matches!(c, '\'' | '’' | '\u{200b}'..='\u{200d}') && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Combining marks that stand within words: Latin accents, Arabic and Hebrew points, the signs of Indic scripts.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}')
}

/// Whether a phrase is written in a script without spaces between words.
fn is_spaceless(phrase: &str) -> bool {
    phrase.chars().any(|c| matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_keep_to_word_boundaries_where_there_are_any() {
        for (text, pattern, found) in [
            ("I will SUE you", "sue", true),
            ("an issue with pursuers", "sue", false),
            ("my lawyers say", "lawyer*", true),
            ("take legal action now", "legal action", true),
            ("legal, action", "legal action", true),
            ("legally action", "legal action", false),
            ("it doesn’t work", "doesn't work", true),
            ("我要转人工客服", "转人工", true),
            ("Ich möchte einen Menschen sprechen", "einen menschen", true),
            ("मुझे इंसान से बात करनी है", "इंसान से बात", true),
            ("", "x", false),
        ] {
            assert_eq!(Phrased::new(text).contains(pattern), found, "{pattern:?} in {text:?}");
        }
    }
}
