//! Words that may be somebody's name or number because hardly anybody else uses them: the net below the rules that find
//! personal data (k-anonymity, Sweeney 2002).

use language::Language;

use crate::{SearchEngine, index::Fields, lexical};

use super::Learned;

/// Tickets in which a name or number must stand to be taken for one of a thing.
const TICKETS_MIN: usize = 3;
/// Digits from which a number may be one of a person.
const DIGITS_MIN: usize = 4;

impl SearchEngine {
    /// Whether a text holds a capitalised word or a longer number that stands in no article and in fewer than three
    /// remembered tickets. Web addresses are not looked at.
    pub fn holds_rare_name(&self, learned: &Learned, text: &str) -> bool {
        let words = text.split_whitespace().filter(|word| !word.contains("://") && !word.starts_with("/a/"));
        let parts = words.flat_map(|word| word.split(|c: char| !c.is_alphanumeric()));
        parts.filter(|part| may_be_a_name(part)).any(|part| !self.is_known(learned, part))
    }

    fn is_known(&self, learned: &Learned, word: &str) -> bool {
        let state = self.state();
        let Fields { full, .. } = self.0.fields;
        language::analyze(word, Language::english()).iter().all(|term| {
            learned.memory.n_with(&term.text) >= TICKETS_MIN
                || lexical::doc_freq(&state, full, &term.text).unwrap_or(0) > 0
        })
    }
}

fn may_be_a_name(word: &str) -> bool {
    let n_digits = word.chars().filter(char::is_ascii_digit).count();
    (word.chars().count() > 1 && word.starts_with(char::is_uppercase)) || n_digits >= DIGITS_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_capitalised_and_numbers_are_long() {
        for (word, expected) in
            [("Turgeon", true), ("57006", true), ("open", false), ("I", false), ("993", false)]
        {
            assert_eq!(may_be_a_name(word), expected, "{word}");
        }
    }
}
